"""Pictures: readable contrast, valid and inert SVG, the right detail, the same bytes each time."""

from __future__ import annotations

import io
import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from insignia.achievements.art import (
    ArtSpec,
    Metal,
    Shape,
    Tier,
    Tincture,
    choices_checked,
    compose,
    render_png,
    shape_of,
    symbol_paths,
    symbols,
    tier_for,
)
from insignia.achievements.art.colour import Oklch as Colour
from insignia.achievements.art.colour import contrast, hex_of, oklch_hex
from insignia.achievements.errors import ArtInvalid
from tests.examples import examples

SVG = "{http://www.w3.org/2000/svg}"
PLAIN = ArtSpec(Shape.SHIELD, Tincture.AZURE, Metal.GOLD, "scales", 3, "Civic", "Blue shield with scales")

specs = st.builds(
    ArtSpec,
    shape=st.sampled_from(Shape),
    tincture=st.sampled_from(Tincture),
    metal=st.sampled_from(Metal),
    symbol=st.sampled_from(("scales", "plant", "first-aid-kit", "bandaids", "handshake", "cards")),
    level=st.integers(0, 4),
    ribbon=st.text("abcdefgABCÑñéüßłŻ0123 -&'", max_size=12),
    title=st.text(st.characters(categories=("L", "P", "S")), max_size=30),
)


def pixels(svg: str, size: int) -> Image.Image:
    return Image.open(io.BytesIO(render_png(svg, size))).convert("RGBA")


class TestColours:
    @pytest.mark.parametrize(("tincture", "metal"), list(product(Tincture, Metal)))
    def test_keep_metal_readable_on_colour(self, tincture: Tincture, metal: Metal) -> None:
        assert 5.0 <= contrast(hex_of(tincture), hex_of(metal)) <= 13.5

    def test_turn_known_oklch_values_into_srgb(self) -> None:
        assert oklch_hex(Colour(0, 0, 0)) == "#000000"
        assert oklch_hex(Colour(1, 0, 0)) == "#ffffff"
        assert oklch_hex(Colour(0.62796, 0.25768, 29.234)) == "#ff0000"
        assert oklch_hex(Colour(0.86644, 0.29483, 142.495)) == "#00ff00"
        assert contrast("#000000", "#ffffff") == pytest.approx(21)


class TestCompose:
    @given(specs, st.sampled_from(Tier), st.booleans())
    @examples(80)
    def test_gives_inert_xml_and_the_same_bytes_each_time(self, spec: ArtSpec, tier: Tier, mono: bool) -> None:
        svg = compose(spec, tier, mono=mono)
        root = etree.fromstring(svg.encode())
        assert svg == compose(spec, tier, mono=mono)
        names = {str(element.tag).removeprefix(SVG) for element in root.iter()}
        assert names <= {"svg", "title", "g", "path", "rect", "defs", "pattern", "clipPath"}
        attributes = {str(name) for element in root.iter() for name in element.attrib}
        assert not {
            name for name in attributes if name in ("style", "class") or name.startswith("on") or "href" in name
        }
        assert (root.findtext(f"{SVG}title") or "") == spec.title
        assert "oklch" not in svg.replace(spec.title, "")

    @pytest.mark.parametrize(("tincture", "tier"), list(product(Tincture, Tier)))
    def test_uses_no_colour_but_ink_and_paper_in_print(self, tincture: Tincture, tier: Tier) -> None:
        svg = compose(ArtSpec(Shape.HEXAGON, tincture, Metal.ARGENT, "plant", 2, "Field"), tier, mono=True)
        assert set(re.findall(r"#[0-9a-f]{6}", svg)) <= {"#111111", "#ffffff"}

    def test_tells_tinctures_apart_in_print(self) -> None:
        drawn = {
            compose(ArtSpec(Shape.SHIELD, tincture, Metal.GOLD, "plant"), Tier.L, mono=True).split("<pattern")[1][
                40:400
            ]
            for tincture in Tincture
        }
        assert len(drawn) == len(Tincture)

    def test_draws_more_the_larger_it_is(self) -> None:
        small, middle, large = (compose(PLAIN, tier) for tier in Tier)
        assert len(small) < len(middle) < len(large)
        assert "stroke" not in small
        assert "<rect" in large
        assert "<rect" not in middle

    def test_says_the_class_by_the_shape(self) -> None:
        assert [shape_of(kind) for kind in ("recognition", "knowledge", "application")] == list(Shape)
        assert len({compose(ArtSpec(shape, Tincture.VERT, Metal.GOLD, "plant"), Tier.S) for shape in Shape}) == 3

    def test_escapes_its_title(self) -> None:
        svg = compose(ArtSpec(Shape.SHIELD, Tincture.VERT, Metal.GOLD, "plant", title="</title><script>x & y"))
        assert etree.fromstring(svg.encode()).findtext(f"{SVG}title") == "</title><script>x & y"

    def test_keeps_two_pictures_on_one_page_apart(self) -> None:
        other = ArtSpec(Shape.SHIELD, Tincture.VERT, Metal.GOLD, "plant", 1, "Civic")
        ids = [set(re.findall(r'id="([^"]+)"', compose(spec))) for spec in (PLAIN, other)]
        assert ids[0]
        assert not ids[0] & ids[1]

    @pytest.mark.parametrize("shape", Shape)
    def test_stays_inside_its_grid(self, shape: Shape) -> None:
        image = pixels(
            compose(ArtSpec(shape, Tincture.GULES, Metal.GOLD, "wrench", 4, "WWWWWWWWWWWW"), Tier.L), 256
        )
        box = image.getbbox()
        assert box is not None
        assert min(box[0], box[1]) >= 3
        assert max(box[2], box[3]) <= 253

    @pytest.mark.parametrize(("shape", "level"), list(product(Shape, (1, 2, 3, 4))))
    def test_draws_as_many_diamonds_as_levels_all_on_the_field(self, shape: Shape, level: int) -> None:
        svg = compose(ArtSpec(shape, Tincture.GULES, Metal.GOLD, "wrench", level, "Robotics"), Tier.L)
        strip = pixels(svg, 512).crop((0, 447, 512, 449))
        gold = tuple(int(hex_of(Metal.GOLD)[place : place + 2], 16) for place in (1, 3, 5))
        row = [strip.getpixel((x, 0)) for x in range(512)]
        is_gold = [isinstance(pixel, tuple) and pixel[:3] == gold for pixel in row]
        runs = sum(1 for here, before in zip(is_gold, [False, *is_gold], strict=False) if here and not before)
        assert runs == level + 2, "the rim on both sides, and the diamonds between"


class TestArtSpec:
    @pytest.mark.parametrize(
        ("field", "change"),
        [
            ("symbol", {"symbol": "../../etc/passwd"}),
            ("symbol", {"symbol": "github-logo"}),
            ("level", {"level": 5}),
            ("ribbon", {"ribbon": "thirteen chars"}),
            ("ribbon", {"ribbon": "数据"}),
        ],
    )
    def test_refuses_what_cannot_be_drawn(self, field: str, change: dict[str, object]) -> None:
        whole: dict[str, object] = {"symbol": "plant", "level": 0, "ribbon": ""} | change
        with pytest.raises(ArtInvalid) as caught:
            ArtSpec(Shape.SHIELD, Tincture.VERT, Metal.GOLD, **whole)  # type: ignore[arg-type]  # on purpose
        assert field in caught.value.fields

    @pytest.mark.parametrize(
        "value",
        [None, [], {"tincture": 1}, {"tincture": "azure", "metal": "tin"}, {"tincture": "azure", "extra": "x"}],
    )
    def test_checks_an_authors_choices(self, value: object) -> None:
        with pytest.raises(ArtInvalid):
            choices_checked(value)


class TestSymbols:
    def test_offers_more_than_a_thousand_and_draws_each(self) -> None:
        assert len(symbols()) > 1000
        for name in symbols()[::97]:
            assert all(path[0] in "Mm" for path in symbol_paths(name))

    def test_refuses_an_unknown_one(self) -> None:
        with pytest.raises(ArtInvalid):
            symbol_paths("no-such-symbol")


class TestRenderPng:
    @pytest.mark.parametrize("size", [32, 64, 128, 512])
    def test_gives_the_asked_size_with_a_clear_ground(self, size: int) -> None:
        image = pixels(compose(PLAIN, tier_for(size)), size)
        assert image.size == (size, size)
        corner, heart = image.getpixel((0, 0)), image.getpixel((size // 2, size // 2))
        assert isinstance(corner, tuple)
        assert isinstance(heart, tuple)
        assert corner[3] == 0
        assert heart[3] == 255

    @pytest.mark.parametrize("size", [0, 2049])
    def test_refuses_other_sizes(self, size: int) -> None:
        with pytest.raises(ArtInvalid):
            render_png(compose(PLAIN), size)

"""Uploaded pictures: the harmless ones survive as pixels and paths, the hostile ones are refused by name."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from PIL import Image, PngImagePlugin

from insignia.achievements.errors import ImageRefused
from insignia.achievements.uploads import (
    MAX_PNG_BYTES,
    MAX_SVG_BYTES,
    png_clean,
    png_size,
    svg_clean,
    svg_rasterized,
    upload_kind,
)
from tests.examples import examples

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 100">'
START = b"\x89PNG\r\n\x1a\n"


def svg(body: str) -> bytes:
    return f"{HEAD}{body}</svg>".encode()


def png(size: tuple[int, int] = (200, 200), *, text: str = "") -> bytes:
    info = PngImagePlugin.PngInfo()
    if text:
        info.add_itxt("openbadgecredential", text)
        info.add_text("Author", text)
    out = io.BytesIO()
    Image.new("RGBA", size, (20, 90, 160, 255)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))


def cleaned(raw: bytes) -> object:
    """Clean it as the service does."""
    return png_clean(raw) if upload_kind(raw) == "png" else svg_clean(raw)


def reason(raw: bytes) -> str:
    """Clean it and say why it was refused."""
    with pytest.raises(ImageRefused) as caught:
        cleaned(raw)
    assert caught.value.fields["image"].endswith(".")
    return str(caught.value.data["reason"])


HOSTILE_SVG = {
    "script": ("<script>alert(1)</script>", "svg-acts"),
    "script in another namespace": ('<x:script xmlns:x="urn:x">alert(1)</x:script>', "svg-acts"),
    "event handler": ('<rect width="9" height="9" onload="alert(1)"/>', "svg-acts"),
    "event handler in capitals": ('<rect ONCLICK="alert(1)"/>', "svg-acts"),
    "javascript link": ('<a xlink:href="javascript:alert(1)"><path d="M0 0"/></a>', "svg-acts"),
    "javascript hidden by white space": ('<linearGradient xlink:href="java\nscript:alert(1)"/>', "svg-loads"),
    "foreignObject": ('<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>', "svg-acts"),
    "xhtml script": ('<h:script xmlns:h="http://www.w3.org/1999/xhtml">x</h:script>', "svg-acts"),
    "xhtml image": ('<h:b xmlns:h="http://www.w3.org/1999/xhtml">x</h:b>', "svg-acts"),
    "remote image": ('<image href="https://evil.example/x.png"/>', "svg-acts"),
    "embedded image": ('<image href="data:image/png;base64,AAAA"/>', "svg-acts"),
    "remote gradient": ('<linearGradient href="https://evil.example/x.svg#a"/>', "svg-loads"),
    "remote fill": ('<rect fill="url(https://evil.example/x.svg#a)"/>', "svg-loads"),
    "remote fill after a local one": ('<rect fill="url(#a) url(https://evil.example/b)"/>', "svg-loads"),
    "remote fill in a style": ('<rect style="fill:url(//evil.example/x)"/>', "svg-loads"),
    "base of references": ('<g xml:base="https://evil.example/"><rect/></g>', "svg-loads"),
    "style sheet": ("<style>@import url(https://evil.example/x.css)</style>", "svg-style"),
    "use bomb": ('<g id="a"><use href="#a"/><use href="#a"/></g>', "svg-acts"),
    "pattern bomb": ('<pattern id="p"><rect fill="url(#p)"/></pattern>', "svg-too-complex"),
    "filter bomb": ('<filter id="f"><feGaussianBlur stdDeviation="9999"/></filter>', "svg-too-complex"),
    "animation": ('<rect><animate attributeName="href" values="javascript:x"/></rect>', "svg-acts"),
    "set": ('<rect><set attributeName="onload" to="x"/></rect>', "svg-acts"),
    "text that depends on a font": ("<text>Badge</text>", "svg-text"),
    "too many elements": ("<path/>" * 5001, "svg-too-complex"),
    "too deep": ("<g>" * 70 + "</g>" * 70, "svg-too-complex"),
    "cut off": ("<g>", "svg-unreadable"),
}


class TestSvgClean:
    @pytest.mark.parametrize("name", HOSTILE_SVG)
    def test_refuses(self, name: str) -> None:
        body, expected = HOSTILE_SVG[name]
        assert reason(svg(body)) == expected

    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            (b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + svg("&a;"), "svg-doctype"),
            (b'<!DOCTYPE svg SYSTEM "file:///etc/passwd">' + svg(""), "svg-doctype"),
            (svg("").decode().encode("utf-16"), "not-a-picture"),
            (b"<html><body>x</body></html>", "svg-unreadable"),
            (b'<svg viewBox="0 0 9 9"/>', "svg-unreadable"),
            (b"<" * 200_000, "svg-unreadable"),
            (svg("") + b" " * MAX_SVG_BYTES, "svg-too-complex"),
            (b'<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>', "svg-unreadable"),
            (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1e9 1e9"/>', "svg-unreadable"),
            (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 nan 9"/>', "svg-unreadable"),
            (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 9"/>', "image-too-narrow"),
            (b"GIF89a", "not-a-picture"),
            (b"", "not-a-picture"),
            (b"PK\x03\x04", "not-a-picture"),
        ],
        ids=lambda value: value if isinstance(value, str) else None,
    )
    def test_refuses_other_files(self, raw: bytes, expected: str) -> None:
        assert reason(raw) == expected

    def test_keeps_what_is_drawn_and_turns_styles_into_attributes(self) -> None:
        body = (
            '<!-- note --><metadata><x:secret xmlns:x="urn:x">me@school</x:secret></metadata>'
            '<defs><linearGradient id="a"><stop offset="0" style="stop-color:#ff0000"/></linearGradient></defs>'
            '<path class="c" data-name="n" d="M0 0H100V100Z" style="fill:url(#a);font-family:x;stroke:none"/>'
        )
        root = etree.fromstring(svg_clean(svg(body)).encode())
        path = root.find(".//{http://www.w3.org/2000/svg}path")
        assert path is not None
        assert {str(key): str(value) for key, value in path.attrib.items()} == {
            "d": "M0 0H100V100Z",
            "fill": "url(#a)",
            "stroke": "none",
        }
        assert "secret" not in etree.tostring(root, encoding="unicode")
        assert "style" not in etree.tostring(root, encoding="unicode")

    def test_gives_a_size_that_fits(self) -> None:
        root = etree.fromstring(svg_clean(b'<svg xmlns="http://www.w3.org/2000/svg" width="50px" height="100"/>'))
        assert (root.get("viewBox"), root.get("width"), root.get("height")) == ("0 0 50 100", "256", "512")

    def test_cleans_what_it_cleaned_to_the_same(self) -> None:
        once = svg_clean(svg('<g fill="#123456"><circle r="9"/></g>'))
        assert svg_clean(once.encode()) == once

    @given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: svg(text.replace("\x00", ""))))
    @examples(120)
    def test_lets_nothing_else_escape(self, raw: bytes) -> None:
        try:
            cleaned = svg_clean(raw)
        except ImageRefused:
            return
        assert svg_clean(cleaned.encode()) == cleaned


class TestSvgRasterized:
    def test_draws_in_a_process_of_its_own(self) -> None:
        drawn = svg_rasterized(svg_clean(svg('<rect width="100" height="100" fill="#00ff00"/>')))
        assert png_size(drawn) == (512, 512)
        assert Image.open(io.BytesIO(drawn)).convert("RGB").getpixel((256, 256)) == (0, 255, 0)

    def test_is_refused_when_nothing_can_be_drawn(self) -> None:
        with pytest.raises(ImageRefused):
            svg_rasterized("<svg")


class TestPngClean:
    def test_keeps_pixels_and_nothing_else(self) -> None:
        cleaned = png_clean(png(text="a whole credential"))
        assert b"credential" not in cleaned
        image = Image.open(io.BytesIO(cleaned))
        assert image.info == {}
        assert image.size == (200, 200)
        assert image.getpixel((9, 9)) == (20, 90, 160, 255)

    def test_neither_crops_nor_stretches_a_large_one(self) -> None:
        assert png_size(png_clean(png((1200, 600)))) == (512, 256)

    def test_refuses_a_decompression_bomb_before_decoding(self) -> None:
        bomb = START + header(60_000, 60_000) + chunk(b"IDAT", zlib.compress(b"\x00" * 1000)) + chunk(b"IEND", b"")
        assert reason(bomb) in ("image-too-large", "png-unreadable")

    def test_refuses_a_large_area(self) -> None:
        area = START + header(5000, 5000) + chunk(b"IDAT", zlib.compress(b"\x00" * 1000)) + chunk(b"IEND", b"")
        assert reason(area) == "image-too-large"

    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            (png((40, 40)), "image-too-small"),
            (png((100, 900)), "image-too-narrow"),
            (START, "png-unreadable"),
            (png()[:-30], "png-unreadable"),
            (png() + b"<script>alert(1)</script>", "png-trailing"),
            (png() + b"PK\x03\x04", "png-trailing"),
            (png().replace(b"IDAT", b"IDAX"), "png-unreadable"),
            (START + header(200, 200) + chunk(b"IDAT", b"nonsense") + chunk(b"IEND", b""), "png-unreadable"),
            (START + header(200, 200) + chunk(b"tEXt", b"a\x00b") * 1001 + chunk(b"IEND", b""), "image-too-large"),
            (START + b"\x00" * MAX_PNG_BYTES, "image-too-large"),
            (START + b"\xff\xff\xff\xffIHDR" + b"\x00" * 40, "png-unreadable"),
        ],
        ids=lambda value: value if isinstance(value, str) else None,
    )
    def test_refuses(self, raw: bytes, expected: str) -> None:
        assert reason(raw) == expected

    def test_refuses_a_text_bomb(self) -> None:
        text = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(b"a" * 20_000_000))
        bomb = (
            START
            + header(200, 200)
            + text
            + chunk(b"IDAT", zlib.compress(b"\x00" * 200 * 801))
            + chunk(b"IEND", b"")
        )
        assert reason(bomb) == "png-unreadable"

    def test_refuses_one_that_moves(self) -> None:
        out = io.BytesIO()
        frames = [Image.new("RGBA", (120, 120), (shade, 0, 0, 255)) for shade in (0, 90, 200)]
        frames[0].save(out, "PNG", save_all=True, append_images=frames[1:], duration=100)
        assert reason(out.getvalue()) == "animated"

    @given(st.binary(max_size=200), st.integers(0, 400))
    @examples(80)
    def test_lets_nothing_else_escape(self, noise: bytes, place: int) -> None:
        whole = png()
        for raw in (START + noise, whole[:place] + noise + whole[place + len(noise) :]):
            try:
                png_clean(raw)
            except ImageRefused:
                continue

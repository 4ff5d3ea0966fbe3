"""Credentials in SVG."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from openbadgeslib import baking

from insignia.vc.bake import bake_svg, extract_svg, sniff_image
from insignia.vc.bake.svg import CREDENTIAL as TAG
from insignia.vc.bake.svg import OPENBADGES, SVG
from insignia.vc.errors import (
    CredentialsInImage,
    ImageMalformed,
    ImageUnsupported,
    MalformedCredential,
    SvgTooComplex,
    VcError,
)
from tests.vc.bake.pictures import PLAIN_SVG, credentials

CREDENTIAL = '{"name":"Comunicación científica <科学> & \'🧪\'"}'.encode()
TOKEN = b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJhIn0.c2ln"
ELEMENT = f'<openbadges:credential xmlns:openbadges="{OPENBADGES}"'


def svg(inside: str, attributes: str = "", before: str = "") -> bytes:
    return f'{before}<svg xmlns="{SVG}"{attributes}>{inside}</svg>'.encode()


class TestBakeSvg:
    @given(credentials())
    def test_gives_back_what_was_put_in(self, credential: bytes) -> None:
        assert extract_svg(bake_svg(PLAIN_SVG, credential)) == credential

    @pytest.mark.parametrize(
        "credential",
        [b'{"a":"x]]>y"}', b'{"a":"]]]]>>"}', b'{\r\n"a":\r1}', b'{"a":"\x7f\xc2\x85\xe2\x80\xa8"}'],
    )
    def test_gives_back_what_markup_would_change(self, credential: bytes) -> None:
        assert extract_svg(bake_svg(PLAIN_SVG, credential)) == credential

    def test_leaves_the_rest_of_the_picture_as_it_was(self) -> None:
        baked = bake_svg(PLAIN_SVG, CREDENTIAL).decode()
        start, end = baked.index("<openbadges:credential"), baked.index("</openbadges:credential>")
        without = baked[:start] + baked[end + len("</openbadges:credential>") :]
        assert without.replace(f' xmlns:openbadges="{OPENBADGES}"', "") == PLAIN_SVG.decode()

    def test_stands_first_declared_on_the_root_json_as_cdata(self) -> None:
        baked = bake_svg(PLAIN_SVG, CREDENTIAL)
        root = etree.fromstring(baked)
        assert root.nsmap["openbadges"] == OPENBADGES
        assert root[0].tag == TAG
        assert b"<![CDATA[" + CREDENTIAL + b"]]>" in baked

    def test_puts_a_token_into_the_attribute(self) -> None:
        root = etree.fromstring(bake_svg(PLAIN_SVG, TOKEN))
        assert root[0].get("verify") == TOKEN.decode()
        assert not root[0].text

    @pytest.mark.parametrize(
        "picture",
        [
            svg(""),
            f'<svg xmlns="{SVG}"/>'.encode(),
            f"<svg xmlns='{SVG}' data-x='a>b/' />".encode(),
            f'<s:svg xmlns:s="{SVG}"><s:g/></s:svg>'.encode(),
            b"\xef\xbb\xbf" + svg("<g/>"),
            svg("<g/>", f' xmlns:openbadges="{OPENBADGES}"'),
            svg("<g/>", ' xmlns:openbadges="http://openbadges.org"'),
            svg("<g/>", before='<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://w3.org/svg11.dtd">\n'),
            svg("<g/>", before="<?xml version='1.0'?><!-- <svg> --><?pi <svg>?>"),
        ],
        ids=["empty", "closed", "quotes", "prefixed", "bom", "declared", "bound", "doctype", "prolog"],
    )
    @pytest.mark.parametrize("credential", [CREDENTIAL, TOKEN], ids=["json", "token"])
    def test_knows_every_way_a_root_is_written(self, picture: bytes, credential: bytes) -> None:
        baked = bake_svg(picture, credential)
        assert extract_svg(baked) == credential
        assert etree.fromstring(baked, etree.XMLParser(load_dtd=False, no_network=True))[0].tag == TAG

    @pytest.mark.parametrize("credential", [CREDENTIAL, TOKEN], ids=["json", "token"])
    def test_is_read_by_another_library(self, credential: bytes) -> None:
        baked = bake_svg(PLAIN_SVG, credential)
        found = baking.extract_svg(baked, element=baking.SVG_ELEMENT_OB3, text_fallback=True)
        assert found == credential.decode()

    def test_refuses_a_picture_that_holds_one_already(self) -> None:
        with pytest.raises(CredentialsInImage):
            bake_svg(bake_svg(PLAIN_SVG, CREDENTIAL), TOKEN)

    @pytest.mark.parametrize("credential", [b"", b"text", b'{"a":"\xef\xbf\xbf"}', b"{}\n", b"\xff"])
    def test_refuses_what_an_svg_cannot_give_back(self, credential: bytes) -> None:
        with pytest.raises(MalformedCredential):
            bake_svg(PLAIN_SVG, credential)

    def test_refuses_a_picture_that_says_another_encoding(self) -> None:
        with pytest.raises(ImageUnsupported, match="UTF-8"):
            bake_svg(svg("<g/>", before='<?xml version="1.0" encoding="ISO-8859-1"?>'), CREDENTIAL)

    def test_refuses_to_grow_beyond_what_is_read_back(self) -> None:
        with pytest.raises(SvgTooComplex):
            bake_svg(PLAIN_SVG, b'{"a":"' + b"a" * 512 * 1024 + b'"}')


class TestExtractSvg:
    @pytest.mark.parametrize("as_text", [True, False])
    def test_reads_what_another_library_baked(self, as_text: bool) -> None:
        credential = CREDENTIAL if as_text else TOKEN
        baked = baking.bake_svg(
            PLAIN_SVG,
            credential.decode(),
            comment="signed",
            element=baking.SVG_ELEMENT_OB3,
            namespace=baking.SVG_NS_OB3,
            as_text=as_text,
        )
        assert extract_svg(baked) == credential

    def test_joins_what_comments_part(self) -> None:
        assert extract_svg(svg(ELEMENT + "><!-- a -->{<!-- b -->}<?c d?></openbadges:credential>")) == b"{}"

    @pytest.mark.parametrize(
        "inside",
        [
            f"{ELEMENT}>{{}}</openbadges:credential>" * 2,
            f'{ELEMENT}>{{}}</openbadges:credential><g>{ELEMENT} verify="a.b.c"/></g>',
            f'{ELEMENT} verify="a.b.c">{{}}</openbadges:credential>',
            f"{ELEMENT}/>",
            "<g/>",
        ],
        ids=["two", "nested", "both", "empty", "none"],
    )
    def test_refuses_none_and_more_than_one(self, inside: str) -> None:
        with pytest.raises(CredentialsInImage):
            extract_svg(svg(inside))

    @pytest.mark.parametrize(
        "picture",
        [
            b"<html/>",
            b"<svg>",
            b"<",
            svg(f"<g>{ELEMENT}>{{}}</openbadges:credential></g>"),
            svg(ELEMENT + "><b/>{}</openbadges:credential>"),
            svg("&nbsp;"),
            svg("é").decode().encode("latin-1"),
            svg("<g/>").decode().encode("utf-16"),
        ],
        ids=["html", "open", "start", "deep", "elements", "entity", "latin", "utf-16"],
    )
    def test_refuses_what_is_no_sound_svg(self, picture: bytes) -> None:
        with pytest.raises(ImageMalformed):
            extract_svg(picture)

    @pytest.mark.parametrize(
        "subset",
        [
            '<!ENTITY a "b">',
            '<!ENTITY x SYSTEM "file:///etc/passwd">',
            '<!ENTITY % p SYSTEM "http://127.0.0.1/x">%p;',
            '<!ATTLIST svg onload CDATA "x">',
            "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(9)),
        ],
        ids=["entity", "file", "parameter", "attribute", "laughs"],
    )
    def test_refuses_words_of_its_own_at_once(self, subset: str) -> None:
        started = time.perf_counter()
        with pytest.raises(ImageMalformed, match="words of its own"):
            extract_svg(svg("&l8;", before=f"<!-- -->\n<!DOCTYPE svg [{subset}]>"))
        assert time.perf_counter() - started < 0.2

    def test_names_a_badge_of_open_badges_2(self) -> None:
        old = '<o:assertion xmlns:o="http://openbadges.org" verify="https://example.org/1"/>'
        with pytest.raises(ImageUnsupported, match="Open Badges 2"):
            extract_svg(svg(old))

    @pytest.mark.parametrize(
        "inside",
        ["<g/>" * 5001, "<g>" * 65 + "</g>" * 65, "<g>" * 3000 + "</g>" * 3000, "a" * 600_000],
        ids=["parts", "depth", "deeper", "bytes"],
    )
    def test_refuses_what_is_too_large(self, inside: str) -> None:
        with pytest.raises(SvgTooComplex):
            extract_svg(svg(inside))

    @given(
        st.text(max_size=80) | st.sampled_from(["<!DOCTYPE '", "<!--" * 50, "<?" * 50, "<![CDATA["]),
        st.integers(0, 300),
    )
    def test_raises_nothing_but_its_own_errors(self, noise: str, at: int) -> None:
        text = bake_svg(PLAIN_SVG, CREDENTIAL).decode()
        for raw in (noise.encode(errors="replace"), ("<" + noise).encode(errors="replace"), svg(noise)):
            for picture in (raw, (text[:at] + noise + text[at:]).encode(errors="replace")):
                try:
                    extract_svg(picture)
                    bake_svg(picture, TOKEN)
                except VcError:
                    continue


class TestSniffImage:
    @pytest.mark.parametrize(
        ("raw", "kind"),
        [
            (b"\x89PNG\r\n\x1a\nrest", "png"),
            (PLAIN_SVG, "svg"),
            (b"\xef\xbb\xbf\n <svg/>", "svg"),
            (b'{"@context":[]}', None),
            (b"a.b.c", None),
            (b"", None),
        ],
    )
    def test_tells_pictures_by_their_first_bytes(self, raw: bytes, kind: str | None) -> None:
        assert sniff_image(raw) == kind

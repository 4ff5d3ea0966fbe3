"""Credentials in PNG."""

from __future__ import annotations

import io
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openbadgeslib import baking
from PIL import Image

from insignia.vc.bake import bake_png, extract_png
from insignia.vc.bake.chunks import SIGNATURE, Chunk, read_picture
from insignia.vc.bake.png import KEYWORD
from insignia.vc.bake.texts import write_text
from insignia.vc.errors import (
    CredentialsInImage,
    ImageMalformed,
    ImageTooLarge,
    ImageUnsupported,
    MalformedCredential,
    PngTextTooLarge,
    VcError,
)
from insignia.vc.limits import Limits
from tests.vc.bake.pictures import END, PIXELS, credentials, header, png

CREDENTIAL = '{"name":"Comunicación científica 科学 🧪"}'.encode()
BOMB = zlib.compress(bytes(64 * 2**20), 9)


def kinds(picture: bytes) -> list[bytes]:
    return [chunk.kind for chunk in read_picture(picture).chunks]


class TestBakePng:
    @given(credentials())
    def test_gives_back_what_was_put_in(self, credential: bytes) -> None:
        assert extract_png(bake_png(png(), credential)) == credential

    @given(
        st.lists(st.builds(Chunk, st.sampled_from([b"pHYs", b"prVt", b"eXIf", b"caBX"]), st.binary(max_size=40)))
    )
    def test_leaves_every_other_byte_as_it_was(self, others: list[Chunk]) -> None:
        picture = png(*others)
        baked = bake_png(picture, CREDENTIAL)
        added = bytes(write_text(KEYWORD, CREDENTIAL))
        assert baked.replace(added, b"", 1) == picture
        assert kinds(baked)[:2] == [b"IHDR", b"iTXt"]

    def test_writes_one_uncompressed_chunk_without_language(self) -> None:
        chunk = read_picture(bake_png(png(), CREDENTIAL)).chunks[1]
        assert chunk.data == b"openbadgecredential\x00\x00\x00\x00\x00" + CREDENTIAL

    def test_makes_a_picture_that_others_open_and_read(self) -> None:
        out = io.BytesIO()
        Image.new("RGBA", (64, 64), (20, 40, 60, 128)).save(out, "PNG")
        baked = bake_png(out.getvalue(), CREDENTIAL)
        with Image.open(io.BytesIO(baked)) as opened:
            assert opened.info["openbadgecredential"] == CREDENTIAL.decode()
            assert opened.getpixel((3, 3)) == (20, 40, 60, 128)
        assert baking.extract_png(baked, keyword=baking.ITXT_KEYWORD_OB3) == CREDENTIAL.decode()

    def test_refuses_a_picture_that_holds_one_already(self) -> None:
        with pytest.raises(CredentialsInImage):
            bake_png(bake_png(png(), CREDENTIAL), CREDENTIAL)

    def test_refuses_a_picture_with_something_hidden_behind_its_end(self) -> None:
        with pytest.raises(ImageMalformed, match="behind the end"):
            bake_png(png() + b"PK\x03\x04", CREDENTIAL)

    @pytest.mark.parametrize(
        "credential", [b"", b"https://example.org/badge", b"\xff\xfe", b'{"a":"\x00"}', b"[1]"]
    )
    def test_refuses_what_is_no_credential(self, credential: bytes) -> None:
        with pytest.raises(MalformedCredential):
            bake_png(png(), credential)

    def test_refuses_a_credential_that_nobody_would_read_back(self) -> None:
        with pytest.raises(PngTextTooLarge):
            bake_png(png(), b'{"a":"' + b"a" * 2**20 + b'"}')


class TestExtractPng:
    def test_reads_what_another_library_baked(self) -> None:
        baked = baking.bake_png(png(), CREDENTIAL.decode(), keyword=baking.ITXT_KEYWORD_OB3)
        assert extract_png(baked) == CREDENTIAL

    def test_reads_a_compressed_one_with_a_language(self) -> None:
        data = KEYWORD + b"\x00\x01\x00es\x00insignia\x00" + zlib.compress(CREDENTIAL)
        assert extract_png(png(Chunk(b"iTXt", data))) == CREDENTIAL

    def test_ignores_what_stands_behind_the_end(self) -> None:
        assert extract_png(bake_png(png(), CREDENTIAL) + b"junk") == CREDENTIAL

    def test_refuses_two_credentials(self) -> None:
        one = write_text(KEYWORD, CREDENTIAL)
        with pytest.raises(CredentialsInImage, match="more than one"):
            extract_png(png(one, one))

    def test_refuses_a_second_credential_of_another_kind_of_text(self) -> None:
        other = Chunk(b"tEXt", KEYWORD + b"\x00{}")
        with pytest.raises(CredentialsInImage, match="more than one"):
            extract_png(png(write_text(KEYWORD, CREDENTIAL), other))

    def test_refuses_a_text_that_cannot_hold_every_letter(self) -> None:
        with pytest.raises(ImageMalformed, match="every letter"):
            extract_png(png(Chunk(b"tEXt", KEYWORD + b"\x00{}")))

    def test_says_when_there_is_none(self) -> None:
        with pytest.raises(CredentialsInImage, match="no credential"):
            extract_png(png(write_text(b"Title", b"A badge")))

    @pytest.mark.parametrize("kind", [b"iTXt", b"tEXt"])
    def test_names_a_badge_of_open_badges_2(self, kind: bytes) -> None:
        old = (
            write_text(b"openbadges", b"{}") if kind == b"iTXt" else Chunk(kind, b"openbadges\x00https://e.org/1")
        )
        with pytest.raises(ImageUnsupported, match="Open Badges 2"):
            extract_png(png(old))

    @pytest.mark.parametrize(
        "chunk",
        [
            Chunk(b"zTXt", b"Comment\x00\x00" + BOMB),
            Chunk(b"iTXt", b"Comment\x00\x01\x00\x00\x00" + BOMB),
            Chunk(b"iTXt", KEYWORD + b"\x00\x01\x00\x00\x00" + BOMB),
            Chunk(b"iTXt", KEYWORD + b"\x00\x00\x00\x00\x00" + b"{" * (2**20 + 1)),
        ],
        ids=["zTXt", "iTXt", "credential", "long"],
    )
    def test_refuses_bombs_at_once(self, chunk: Chunk) -> None:
        picture = png(chunk)
        started = time.perf_counter()
        with pytest.raises(PngTextTooLarge):
            extract_png(picture)
        assert time.perf_counter() - started < 0.2

    def test_refuses_many_small_bombs_together(self) -> None:
        part = Chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(2**19)))
        with pytest.raises(PngTextTooLarge):
            extract_png(png(part, part, part))

    def test_refuses_too_many_parts(self) -> None:
        with pytest.raises(ImageTooLarge, match="parts"):
            extract_png(png(*[Chunk(b"prVt", b"")] * 1000))

    def test_refuses_too_many_pixels_without_drawing_them(self) -> None:
        with pytest.raises(ImageTooLarge, match="pixels"):
            extract_png(png(first=header(100_000, 100_000)))

    def test_refuses_too_many_bytes(self) -> None:
        with pytest.raises(ImageTooLarge, match="bytes"):
            extract_png(png(), limits=Limits(png_bytes=20))

    @pytest.mark.parametrize("at", range(0, 120, 7))
    def test_refuses_a_picture_that_is_cut_off(self, at: int) -> None:
        baked = bake_png(png(), CREDENTIAL)
        with pytest.raises(ImageMalformed):
            extract_png(baked[:at])

    @pytest.mark.parametrize(
        "picture",
        [
            SIGNATURE + bytes(PIXELS) + bytes(header()) + bytes(END),
            SIGNATURE + bytes(header()) + bytes(END),
            png(first=Chunk(b"IHDR", bytes(13))),
            png(first=Chunk(b"IHDR", b"short")),
            png(Chunk(b"iTXt", b"openbadgecredential")),
            png(Chunk(b"iTXt", KEYWORD + b"\x00\x07\x00\x00\x00{}")),
            png(Chunk(b"iTXt", KEYWORD + b"\x00\x01\x09\x00\x00{}")),
            png(Chunk(b"iTXt", KEYWORD + b"\x00\x01\x00\x00\x00not zlib")),
            png(Chunk(b"iTXt", KEYWORD + b"\x00\x01\x00\x00\x00" + zlib.compress(CREDENTIAL)[:-6])),
        ],
        ids=["order", "pixels", "size", "header", "nul", "flag", "method", "zlib", "end"],
    )
    def test_refuses_a_picture_that_is_built_wrong(self, picture: bytes) -> None:
        with pytest.raises(ImageMalformed):
            extract_png(picture)

    def test_notices_one_changed_byte(self) -> None:
        baked = bytearray(bake_png(png(), CREDENTIAL))
        baked[baked.index(b"Comunic")] ^= 1
        with pytest.raises(ImageMalformed, match="check sum"):
            extract_png(bytes(baked))

    @given(st.binary(max_size=200), st.integers(0, 200))
    def test_raises_nothing_but_its_own_errors(self, noise: bytes, at: int) -> None:
        baked = bake_png(png(), CREDENTIAL)
        for raw in (noise, SIGNATURE + noise, baked[:at] + noise + baked[at + 1 :], png(Chunk(b"iTXt", noise))):
            try:
                extract_png(raw)
            except VcError:
                continue

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from insignia.foundation.errors import InsigniaError
from insignia.foundation.media import ArchiveBomb, ArchiveUnreadable, media_of, picture_stripped

SECRET = b"Itzel Marroquin took this at 40.7 N"


def picture(form: str, **options: object) -> bytes:
    image = Image.new("RGB", (40, 20), "teal")
    image.putpixel((0, 0), (255, 0, 0))
    result = io.BytesIO()
    image.save(result, form, **options)
    return result.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x013B] = SECRET.decode()  # Artist
    return tags


def archive(names: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", method) as packed:
        for name, content in names.items():
            packed.writestr(name, content)
    return result.getvalue()


def kind(data: bytes) -> str:
    return media_of(io.BytesIO(data)).media_type


class TestMediaOf:
    @pytest.mark.parametrize(
        ("data", "expected", "inline"),
        [
            (picture("PNG"), "image/png", True),
            (picture("JPEG"), "image/jpeg", True),
            (picture("GIF"), "image/gif", True),
            (picture("WEBP"), "image/webp", True),
            (b"%PDF-1.7\n%...", "application/pdf", True),
            (b"plain words, accents: \xc3\xb1", "text/plain", False),
            (b"<!doctype html><script>alert(1)</script>", "text/plain", False),
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "text/plain", False),
            (b"#!/bin/sh\nrm -rf /\n", "text/plain", False),
            (b"\x7fELF" + bytes(60), "application/x-executable", False),
            (b"MZ" + bytes(600), "application/x-msdownload", False),
            (b"\x00\x01\x02\x03" * 40, "application/octet-stream", False),
            (b"\xff\xfe\xfd nothing known", "application/octet-stream", False),
        ],
    )
    def test_goes_by_the_bytes(self, data: bytes, expected: str, inline: bool) -> None:
        found = media_of(io.BytesIO(data))
        assert (found.media_type, found.inline) == (expected, inline)

    def test_knows_office_files_by_their_directory(self) -> None:
        word = archive({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"})
        assert kind(word).endswith("wordprocessingml.document")
        sheet = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}
        assert kind(archive(sheet)) == "application/vnd.oasis.opendocument.spreadsheet"
        liar = archive({"mimetype": b"text/html", "x.html": b"<script>"})
        assert kind(liar) == "application/zip"

    def test_text_cut_inside_a_character_is_still_text(self) -> None:
        assert kind("ñ".encode() * 5000) == "text/plain"
        assert kind(b"a" + "ñ".encode() * 5000) == "text/plain"

    @pytest.mark.parametrize(
        "bomb",
        [
            archive({"zeros": bytes(30 * 2**20)}),
            archive({f"f{n}": b"" for n in range(1001)}),
            archive({"inner.zip": archive({"a": b"a"})}),
            archive({f"z{n}": bytes(2**20) for n in range(10)}),
        ],
        ids=["ratio", "entries", "nested", "ratio over files"],
    )
    def test_refuses_archives_that_are_dangerous_to_unpack(self, bomb: bytes) -> None:
        with pytest.raises(ArchiveBomb) as caught:
            kind(bomb)
        assert caught.value.code == "archive-bomb"

    def test_refuses_entries_that_share_their_bytes(self) -> None:
        data = bytearray(archive({"aaaa": b"x" * 50, "bbbb": b"x" * 50}, method=zipfile.ZIP_STORED))
        second = data.rfind(b"PK\x01\x02")
        struct.pack_into("<I", data, second + 42, 0)  # the second entry points at the first one's bytes
        with pytest.raises(ArchiveBomb):
            kind(bytes(data))

    def test_looks_at_the_size_of_the_directory_before_reading_it(self) -> None:
        data = bytearray(archive({"a": b"a"}))
        end = data.rfind(b"PK\x05\x06")
        struct.pack_into("<I", data, end + 12, 2**31)
        with pytest.raises(ArchiveBomb):
            kind(bytes(data))

    def test_names_an_archive_without_a_directory(self) -> None:
        with pytest.raises(ArchiveUnreadable):
            kind(archive({"a": b"a" * 100})[:60])

    @given(
        st.binary(max_size=300),
        st.sampled_from([b"", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a"]),
    )
    def test_no_bytes_raise_anything_unnamed(self, data: bytes, head: bytes) -> None:
        source = io.BytesIO(head + data)
        try:
            found = media_of(source)
        except InsigniaError:
            return
        assert source.tell() == 0
        picture_stripped(source, found.media_type)


class TestPictureStripped:
    @pytest.mark.parametrize(
        ("form", "media_type", "options"),
        [
            ("JPEG", "image/jpeg", {"exif": exif(), "comment": SECRET}),
            ("PNG", "image/png", {"exif": exif()}),
            ("WEBP", "image/webp", {"exif": exif(), "xmp": b"<x>" + SECRET + b"</x>"}),
            ("GIF", "image/gif", {"comment": SECRET}),
        ],
    )
    def test_leaves_only_pixels(self, form: str, media_type: str, options: dict[str, object]) -> None:
        original = picture(form, **options)
        assert SECRET in original
        clean = picture_stripped(io.BytesIO(original), media_type)
        assert clean is not None
        assert SECRET not in clean
        with Image.open(io.BytesIO(clean)) as shown:
            assert not dict(shown.getexif())
            assert (shown.format, shown.size) == (form, (40, 20))

    def test_drops_the_text_of_a_png(self) -> None:
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", SECRET.decode())
        text.add_itxt("Author", SECRET.decode(), zip=False)
        clean = picture_stripped(io.BytesIO(picture("PNG", pnginfo=text)), "image/png")
        assert clean is not None
        assert SECRET not in clean

    def test_drops_what_hangs_behind_the_picture(self) -> None:
        clean = picture_stripped(io.BytesIO(picture("JPEG") + SECRET), "image/jpeg")
        assert clean is not None
        assert SECRET not in clean

    def test_turns_it_upright_first(self) -> None:
        clean = picture_stripped(io.BytesIO(picture("PNG", exif=exif(orientation=6))), "image/png")
        assert clean is not None
        with Image.open(io.BytesIO(clean)) as shown:
            assert shown.size == (20, 40)
            assert shown.getpixel((19, 0)) == (255, 0, 0)

    def test_keeps_an_animation_moving(self) -> None:
        frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
        moving = io.BytesIO()
        frames[0].save(moving, "GIF", save_all=True, append_images=frames[1:], comment=SECRET)
        clean = picture_stripped(moving, "image/gif")
        assert clean is not None
        assert SECRET not in clean
        with Image.open(io.BytesIO(clean)) as shown:
            assert getattr(shown, "n_frames", 1) == 3

    @pytest.mark.parametrize(("width", "height"), [(8000, 6000), (12_000, 9_000)])
    def test_a_large_photograph_comes_back_smaller(self, width: int, height: int) -> None:
        large = io.BytesIO()
        Image.new("L", (width, height), 128).save(large, "JPEG", exif=exif())
        clean = picture_stripped(large, "image/jpeg")
        assert clean is not None
        with Image.open(io.BytesIO(clean)) as shown:
            assert shown.width * shown.height <= 16_000_000
            assert abs(shown.width / shown.height - width / height) < 0.01

    def test_gives_no_copy_of_a_picture_too_large_to_open(self) -> None:
        header = struct.pack(">II5B", 60_000, 60_000, 8, 2, 0, 0, 0)
        small = picture("PNG")
        place = small.index(b"IHDR") + 4
        bomb = small[:place] + header + small[place + len(header) :]
        assert picture_stripped(io.BytesIO(bomb), "image/png") is None

    def test_gives_no_copy_of_what_is_no_picture(self) -> None:
        assert picture_stripped(io.BytesIO(b"%PDF-1.7"), "application/pdf") is None
        assert picture_stripped(io.BytesIO(picture("PNG")[:60]), "image/png") is None

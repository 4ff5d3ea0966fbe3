from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from insignia.foundation.errors import InsigniaError
from insignia.foundation.gif import gif_extent
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


def gif(*boxes: tuple[int, int], end: bytes = b";", before: bytes = b"") -> bytes:
    """A GIF on a screen of one pixel, written by hand: one picture for each width and height."""
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    pictures = (b"," + struct.pack("<4HB", 0, 0, *box, 0) + b"\x02\x02\x44\x01\0" for box in boxes)
    return head + before + b"".join(pictures) + end


GIF_PIECES = [
    *(b",\0\0\0\0\1\0\1\0\0\2\2\x44\1\0", b",\0\0\0\0\1\0\1\0\x80\0\0\0\xff\xff\xff\2\2\x44\1\0"),
    *(b"!\xf9\4\4\1\0\0\0", b"!\xf9\0", b"!\xfe\2hi\0", b"!\xfe\0", b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0"),
    *(b"!\xff\x0bNETSCAPE2.0\0", b"!\x01\0", b"!", b",", b"?", b"\0", b"\2", b";"),
]


def moving(form: str, count: int, size: tuple[int, int] = (8, 8)) -> bytes:
    frames = [Image.new("RGB", size, (number % 256, number // 256, 99)) for number in range(count)]
    result = io.BytesIO()
    frames[0].save(result, form, save_all=True, append_images=frames[1:], duration=20, lossless=True)
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

    @pytest.mark.parametrize("method", [9, 12, 14, 93, 99])
    @pytest.mark.parametrize(
        "content", [b"", b"application/epub+zip", b"\x09\x04\x05\0]\0\0\x80\0" + b"\xff" * 60]
    )
    def test_names_an_archive_whose_kind_is_packed_in_an_unusual_way(self, method: int, content: bytes) -> None:
        """Office programs store or deflate that member; other decoders need not be fed by strangers."""
        data = bytearray(archive({"mimetype": content}, method=zipfile.ZIP_STORED))
        directory = data.find(b"PK\x01\x02")
        struct.pack_into("<H", data, 8, method)
        struct.pack_into("<H", data, directory + 10, method)
        with pytest.raises(ArchiveUnreadable):
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

    @pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
    def test_gives_no_copy_of_an_animation_with_very_many_pictures(
        self, form: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each costs time and memory however small it is; none is decoded first."""
        few, many = moving(form, 500), moving(form, 501)
        assert picture_stripped(io.BytesIO(few), f"image/{form.lower()}")
        monkeypatch.setattr(Image.Image, "convert", lambda *_: pytest.fail("a picture was decoded"))
        assert picture_stripped(io.BytesIO(many), f"image/{form.lower()}") is None

    @pytest.mark.parametrize(
        "hostile",
        [
            gif(*[(1, 1)] * 200_000),
            gif((1, 1), before=b"!\xfe" + b"\1x" * 1_000_000 + b"\0"),
            gif((1, 1), before=b"!\xf0\1x\0" * 300_000),
            gif((1, 1), (1, 1), before=b"?" * 2_000_000),
        ],
        ids=["pictures", "pieces of a comment", "extensions", "bytes between"],
    )
    def test_does_not_walk_through_a_gif_of_very_many_pieces(self, hostile: bytes) -> None:
        """The walk that counts its pictures ends early, and Pillow's own never begins."""
        opened = 0

        def open_counted(*_: object, **__: object) -> None:
            nonlocal opened
            opened += 1

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Image, "open", open_counted)
            began = time.process_time()
            assert picture_stripped(io.BytesIO(hostile), "image/gif") is None
        assert not opened
        assert time.process_time() - began < 2

    @pytest.mark.parametrize(
        ("hostile", "media_type"),
        [
            (
                picture("PNG")[:33]
                + (bytes(4) + b"abCd" + zlib.crc32(b"abCd").to_bytes(4, "big")) * 200_000
                + picture("PNG")[33:],
                "image/png",
            ),
            (picture("JPEG")[:2] + b"\xff\xfe\0\2" * 300_000 + picture("JPEG")[2:], "image/jpeg"),
        ],
        ids=["PNG", "JPEG"],
    )
    def test_does_not_walk_through_a_picture_of_very_many_pieces(self, hostile: bytes, media_type: str) -> None:
        """A file of 200 MB could hold 16 million chunks; a photograph holds some thousand."""
        assert picture_stripped(io.BytesIO(hostile), media_type) is None

    def test_counts_the_pixels_of_the_largest_picture_in_a_gif(self) -> None:
        """A picture may reach beyond the screen that the file's head promised: Pillow then makes it larger."""
        large = io.BytesIO()
        Image.new("P", (5_000, 5_000), 1).save(large, "GIF")
        picture_of_it = large.getvalue()[large.getvalue().index(b",", 13) :]
        assert picture_stripped(io.BytesIO(gif((1, 1), (1, 1))), "image/gif")
        assert picture_stripped(io.BytesIO(gif((1, 1), end=picture_of_it)), "image/gif") is None

    @given(st.lists(st.sampled_from(GIF_PIECES), max_size=12), st.integers(0, 40))
    def test_counts_the_pictures_of_a_gif_as_pillow_does(self, pieces: list[bytes], cut: int) -> None:
        """Where the two disagree, one file could hide its pictures from the count."""
        whole = gif((1, 1), end=b"".join(pieces))
        data = whole[: max(30, len(whole) - cut)]
        try:
            with Image.open(io.BytesIO(data), formats=["GIF"]) as picture:
                counted = getattr(picture, "n_frames", 1)
        except (IndexError, struct.error):
            return
        assert gif_extent(io.BytesIO(data), most=500).frames == counted

    def test_gives_the_first_of_several_pictures_in_a_jpeg(self) -> None:
        """A phone puts a depth map behind the photograph."""
        photograph, depth = Image.new("RGB", (40, 20), "teal"), Image.new("RGB", (8, 4))
        both = io.BytesIO()
        photograph.save(both, "MPO", save_all=True, append_images=[depth], exif=exif(orientation=6))
        clean = picture_stripped(both, "image/jpeg")
        assert clean is not None
        assert SECRET not in clean
        with Image.open(io.BytesIO(clean)) as shown:
            assert (shown.format, shown.size) == ("JPEG", (20, 40))

    @pytest.mark.parametrize(
        ("damaged", "media_type"),
        [
            (gif((1, 1), end=b",\0\0"), "image/gif"),
            (gif((1, 1), end=b"," + bytes(8)), "image/gif"),
            (gif((1, 1), end=b"," + bytes(9)), "image/gif"),
            (gif((1, 1), end=b"!\xf9\1\1\0,"), "image/gif"),
            (
                bytes.fromhex(
                    "47494638396114000a008100000000003333337f000000000021f90400010000002c0000000014000a0000083300"
                    "01081c48b0a0418101872644a8b0e042000f093e8c687021c58a0725324eb8f162c38c1d3142dcc8931a4f7a4419"
                    "100021000401010000002c0100011c48b0a0c18308"
                ),
                "image/gif",
            ),
            (moving("WEBP", 3)[:-20], "image/webp"),
            (
                picture("PNG", exif=exif(orientation=6)).replace(b"MM\0*\0\0\0\x08", b"MM\0*\0\0\0\xff"),
                "image/png",
            ),
            (
                picture("JPEG", exif=exif(orientation=6)).replace(b"MM\0*\0\0\0\x08", b"MM\0*\0\0\0\xff"),
                "image/jpeg",
            ),
        ],
    )
    def test_no_damage_raises_anything(self, damaged: bytes, media_type: str) -> None:
        """The file is kept as it came; at most a copy of what could be read is shown."""
        copy = picture_stripped(io.BytesIO(damaged), media_type)
        assert copy is None or Image.open(io.BytesIO(copy)).size

    @pytest.mark.parametrize(
        "whole", [moving("GIF", 3), moving("WEBP", 3), moving("PNG", 3)], ids=["GIF", "WEBP", "PNG"]
    )
    def test_cut_off_anywhere_raises_nothing(self, whole: bytes) -> None:
        media_type = kind(whole)
        for end in range(12, len(whole)):
            picture_stripped(io.BytesIO(whole[:end]), media_type)

    def test_gives_no_copy_of_what_is_no_picture(self) -> None:
        assert picture_stripped(io.BytesIO(b"%PDF-1.7"), "application/pdf") is None
        assert picture_stripped(io.BytesIO(picture("PNG")[:60]), "image/png") is None

from __future__ import annotations

import io
import struct
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from insignia.foundation.bare.copies import PATCHES, CopyProblem, bare_copy
from insignia.foundation.bare.patches import Patch, patched
from insignia.foundation.bare.pictures import picture_bare
from insignia.foundation.media import media_of
from tests.examples import examples
from tests.platform.foundation.bare.planted import SECRET, joined, photo

SOUND = b"\xff\xfb\x90\x64" + bytes(range(1, 200)) * 20
SAFE = b"\xff\xf8\xc9\x18" + b"\x55" * 400


def id3(body: bytes) -> bytes:
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\x00\x00" + size + body


def ape(body: bytes) -> bytes:
    def mark(flags: int) -> bytes:
        return b"APETAGEX" + struct.pack("<IIII8x", 2000, len(body) + 32, 1, flags)

    return mark(0xA0000000) + body + mark(0x80000000)


def mp3() -> bytes:
    lyrics = b"LYRICSBEGIN" + SECRET
    lyrics += str(len(lyrics)).zfill(6).encode() + b"LYRICS200"
    return id3(b"TPE1" + SECRET) + id3(SECRET) + SOUND + ape(SECRET) + lyrics + (b"TAG" + SECRET).ljust(128, b"\0")


def chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def wav() -> bytes:
    body = b"WAVE" + chunk(b"LIST", b"INFOIART" + SECRET) + chunk(b"fmt ", bytes(16)) + chunk(b"bext", SECRET * 9)
    body += chunk(b"data", SOUND) + chunk(b"id3 ", id3(SECRET))
    return b"RIFF" + struct.pack("<I", len(body)) + body + SECRET


def flac() -> bytes:
    def block(kind: int, body: bytes) -> bytes:
        return bytes([kind]) + len(body).to_bytes(3, "big") + body

    blocks = block(0, bytes(34)) + block(4, SECRET) + block(2, SECRET) + block(0x80 | 6, photo())
    return b"fLaC" + blocks + SAFE + (b"TAG" + SECRET).ljust(128, b"\0")


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def track(handler: bytes, place: int, size: int) -> bytes:
    tables = box(
        b"stbl",
        box(b"stsz", struct.pack(">III", 0, size, 1)),
        box(b"stsc", struct.pack(">IIIII", 0, 1, 1, 1, 1)),
        box(b"stco", struct.pack(">III", 0, 1, place)),
    )
    data = box(b"dinf", box(b"dref", struct.pack(">II", 0, 1), box(b"alis", b"\0\0\0\1", SECRET)))
    media = box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(12), SECRET), box(b"minf", data, tables))
    return box(b"trak", box(b"tkhd", b"\0\0\0\7", b"TIMETIME", bytes(72)), media, box(b"udta", SECRET))


def film() -> bytes:
    """A film with a track of sound and a hidden one, whose sample holds the name."""
    head = box(b"ftyp", b"isom", bytes(4), b"isom")
    sound, hidden = head.__len__() + 8, len(head) + 8 + len(SOUND)
    stored = box(b"mdat", SOUND, SECRET)
    moov = box(
        b"moov",
        box(b"mvhd", b"\0\0\0\0", b"TIMETIME", bytes(88)),
        track(b"soun", sound, len(SOUND)),
        track(b"meta", hidden, len(SECRET)),
        box(b"udta", box(b"meta", SECRET)),
    )
    return head + stored + moov + box(b"uuid", SECRET) + box(b"free", SECRET)


FILES = {"audio/mpeg": mp3(), "audio/wav": wav(), "audio/flac": flac(), "video/mp4": film()}


class TestSoundAndFilm:
    @pytest.mark.parametrize("kind", FILES)
    def test_no_planted_name_is_left_and_the_sound_is(self, kind: str) -> None:
        raw = FILES[kind]
        assert media_of(io.BytesIO(raw)).media_type == kind
        clean = joined(bare_copy(io.BytesIO(raw), kind).content)
        assert raw.count(SECRET) > 2
        assert SECRET not in clean
        assert (SAFE if kind == "audio/flac" else SOUND) in clean
        assert b"TIMETIME" not in clean
        assert media_of(io.BytesIO(clean)).media_type == kind
        assert joined(bare_copy(io.BytesIO(clean), kind).content) == clean

    def test_what_an_mp4_plays_lies_where_it_lay(self) -> None:
        clean = joined(bare_copy(io.BytesIO(FILES["video/mp4"]), "video/mp4").content)
        assert len(clean) == len(FILES["video/mp4"])
        assert clean.index(SOUND) == FILES["video/mp4"].index(SOUND)
        assert clean.count(b"trak") == 1

    @pytest.mark.parametrize(
        ("kind", "raw"),
        [
            ("audio/mpeg", id3(SECRET) + b"RIFF not sound"),
            ("audio/mpeg", SOUND + id3(SECRET) + SOUND),
            ("audio/wav", b"RIFF\0\0\0\0WAVE" + chunk(b"LIST", SECRET)),
            ("audio/flac", b"fLaC\x80\xff\xff\xff"),
            ("video/mp4", film()[:-200]),
            ("video/mp4", box(b"ftyp", b"isom")),
            ("video/mp4", box(b"moov", track(b"soun", 0, 1), track(b"meta", 4, 2**20))),
            ("video/mp4", box(b"moov", track(b"soun", 0, 1), track(b"meta", 4, 9)) + box(b"moof")),
            ("video/webm", b"\x1aE\xdf\xa3" + SECRET),
            ("application/zip", b"PK"),
        ],
    )
    def test_says_what_it_cannot_clean(self, kind: str, raw: bytes) -> None:
        copy = bare_copy(io.BytesIO(raw), kind)
        assert (copy.content, copy.problem) == (None, CopyProblem.KEPT)

    def test_a_text_needs_no_copy(self) -> None:
        copy = bare_copy(io.BytesIO(b"words"), "text/plain")
        assert (copy.content, copy.problem) == (None, CopyProblem.NONE)

    def test_memory_stays_at_a_few_pieces(self) -> None:
        raw = io.BytesIO(
            box(b"mdat", bytes(40 * 2**20)) + box(b"moov", track(b"soun", 0, 1), box(b"udta", SECRET))
        )
        tracemalloc.start()
        for _piece in patched(raw, PATCHES["video/mp4"](raw)):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 4 * 2**20

    @given(st.sampled_from(sorted(FILES)), st.data())
    @examples(150)
    def test_damage_is_cleaned_or_named_and_never_anything_else(self, kind: str, data: st.DataObject) -> None:
        raw = bytearray(FILES[kind])
        for _count in range(data.draw(st.integers(1, 8))):
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
        copy = bare_copy(io.BytesIO(raw), kind)
        if copy.content is None:
            assert copy.problem is CopyProblem.KEPT
        else:
            assert len(joined(copy.content)) <= len(raw)


class TestPatched:
    @given(st.binary(max_size=60), st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70))))
    def test_blanks_as_a_plain_loop_would(self, raw: bytes, ranges: list[tuple[int, int]]) -> None:
        patches = [Patch(start, end) for start, end in ranges]
        blank = bytearray(raw)
        for start, end in ranges:
            for place in range(start, min(end, len(raw))):
                blank[place] = 0
        assert b"".join(patched(io.BytesIO(raw), patches)) == bytes(blank)


class TestPictureBare:
    @pytest.mark.parametrize("form", ["JPEG", "PNG"])
    def test_takes_the_name_and_leaves_every_pixel(self, form: str) -> None:
        raw = photo(form)
        clean = picture_bare(raw)
        assert SECRET in raw
        assert SECRET not in clean
        with Image.open(io.BytesIO(raw)) as before, Image.open(io.BytesIO(clean)) as after:
            assert before.tobytes() == after.tobytes()

    def test_a_progressive_jpeg_stays_whole(self) -> None:
        result = io.BytesIO()
        Image.effect_noise((64, 64), 80).save(result, "JPEG", progressive=True, comment=SECRET)
        clean = picture_bare(result.getvalue() + SECRET)
        assert SECRET not in clean
        with Image.open(result) as before, Image.open(io.BytesIO(clean)) as after:
            assert before.tobytes() == after.tobytes()

    @given(st.sampled_from([photo(), photo("PNG"), b"other"]), st.integers(0, 900))
    def test_follows_a_picture_that_breaks_off(self, raw: bytes, length: int) -> None:
        assert len(picture_bare(raw[:length])) <= length + 2

"""What a file is, by its bytes and never by its name; and pictures without what their camera wrote into them."""

from __future__ import annotations

import io
import logging
import lzma
import re
import struct
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO, cast

import filetype
from PIL import Image, ImageOps

from insignia.foundation.errors import Invalid
from insignia.foundation.gif import gif_extent

logger = logging.getLogger(__name__)

HEAD_BYTES = 8192
INLINE = frozenset(
    {
        "image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf",
        "audio/mpeg", "audio/ogg", "audio/wav", "audio/mp4", "audio/flac",
        "video/mp4", "video/webm", "video/ogg",
    }
)  # fmt: skip
"""What a browser may show in place. Everything else is offered for download."""

PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
PICTURE_PIXELS = 16_000_000
"""Opened at once, over all frames. A larger JPEG (a phone's 48 megapixels) is halved while it is decoded."""

FRAMES, FRAME_PIXELS = 500, 10_000
"""Pictures in an animation; and how many pixels each counts at least, for one of a single pixel costs as much."""

ARCHIVE_ENTRIES = 1_000
ARCHIVE_UNPACKED = 500 * 2**20
ARCHIVE_RATIO = 100
ARCHIVE_SMALL = 2**20  # a ratio means nothing for an archive that unpacks to less than this
NESTED = (".zip", ".jar", ".7z", ".rar", ".gz", ".bz2", ".xz", ".tar", ".tgz", ".zst")
ZIP_MAGIC = b"PK\x03\x04"
END_MAGIC, END64_MAGIC = b"PK\x05\x06", b"PK\x06\x07"
END_SEARCH = 22 + 65_535  # the end record and the longest comment after it
DIRECTORY_BYTES = 2**20
UNREADABLE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
)

# What `filetype` calls otherwise, or a browser knows by another name.
RENAMED = {
    "audio/x-wav": "audio/wav",
    "audio/m4a": "audio/mp4",
    "audio/x-flac": "audio/flac",
    "video/x-m4v": "video/mp4",
}
OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
DECLARED = "mimetype"  # the first member of OpenDocument and EPUB files says what they are
DECLARABLE = re.compile(r"application/(vnd\.oasis\.opendocument\.[a-z-]{1,40}|epub\+zip)")


READS = 200_000
"""How often a decoder may read one file: a photograph takes some thousand reads, empty chunks take millions."""


class ArchiveBomb(Invalid):
    """The archive would unpack to far more than it is, holds too many parts, or archives in archives."""

    code = "archive-bomb"


class ArchiveUnreadable(Invalid):
    """The file starts like an archive and its directory cannot be read."""

    code = "archive-unreadable"


@dataclass(frozen=True)
class Media:
    """What a file is: its media type, and whether a browser may show it in place."""

    media_type: str
    inline: bool


def media_of(source: BinaryIO) -> Media:
    """Say what a seekable stream of bytes is; leaves it at its start.

    Raises:
        ArchiveBomb: an archive that is dangerous to unpack, judged by its directory alone.
        ArchiveUnreadable: an archive without a readable directory.
    """
    source.seek(0)
    head = source.read(HEAD_BYTES)
    if head.startswith(ZIP_MAGIC):
        kind = _archive_kind(source)
    else:
        guess = filetype.guess_mime(head)
        kind = RENAMED.get(guess, guess) if guess else _textual(head)
    source.seek(0)
    return Media(kind, kind in INLINE)


def picture_stripped(source: BinaryIO, media_type: str) -> bytes | None:
    """Give a picture again with its pixels, turned upright, and nothing else: no place, camera, author, comment.

    A JPEG over 16 million pixels comes back at half, a quarter or an eighth of its width. `None` when it is no
    picture, cannot be read, is too large to be opened, or moves through more than 500 pictures: then no such copy
    exists.
    """
    form = PICTURES.get(media_type)
    if form is None:
        return None
    try:
        return _copied(source, form)
    except Exception:  # whatever a decoder stumbles over: such a file is kept as it came, without a copy
        logger.info("a picture (%s) could not be copied", media_type, exc_info=True)
        return None
    finally:
        source.seek(0)


def _copied(source: BinaryIO, form: str) -> bytes | None:
    if form == "GIF":  # Pillow takes as many pictures as come, and lets each make the canvas larger
        extent = gif_extent(source, most=FRAMES)
        if _too_many_pixels(extent.width, extent.height, extent.frames):
            return None
        opened = source
    else:
        opened = cast("BinaryIO", _FewReads(source))
    opened.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of large pictures; ours are bounded below
        with Image.open(opened, formats=[form]) as picture:
            # Of several pictures in one JPEG (a phone's depth map) people see the first.
            frames = 1 if form == "JPEG" else getattr(picture, "n_frames", 1)
            _halve_while_decoding(picture)
            if _too_many_pixels(picture.width, picture.height, frames):
                return None
            return _animation_saved(picture, form) if frames > 1 else _still_saved(picture, form)


class _FewReads:
    """A file that a decoder may not read in very many small pieces."""

    def __init__(self, source: BinaryIO) -> None:
        self.seek, self.tell, self._read = source.seek, source.tell, source.read
        self._left = READS

    def read(self, size: int = -1) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise ValueError("a file of very many pieces")
        return self._read(size)


def _too_many_pixels(width: int, height: int, frames: int) -> bool:
    counted = width * height if frames == 1 else max(width * height, FRAME_PIXELS) * frames
    return frames > FRAMES or counted > PICTURE_PIXELS


def _halve_while_decoding(picture: Image.Image) -> None:
    """Ask a JPEG's decoder for fewer pixels (it can skip the rest); other formats take no notice."""
    pixels = picture.width * picture.height
    part = next((part for part in (1, 2, 4) if pixels <= part * part * PICTURE_PIXELS), 8)
    if part > 1:
        picture.draft(None, (picture.width // part, picture.height // part))


def _still_saved(picture: Image.Image, form: str) -> bytes:
    upright = ImageOps.exif_transpose(picture)
    profile = upright.info.get("icc_profile")
    upright.info = {name: upright.info[name] for name in ("transparency",) if name in upright.info}
    result = io.BytesIO()
    upright.save(result, form, icc_profile=profile, **({"quality": 90} if form in {"JPEG", "WEBP"} else {}))
    return result.getvalue()


def _animation_saved(picture: Image.Image, form: str) -> bytes:
    frames, durations = [], []
    for number in range(getattr(picture, "n_frames", 1)):
        picture.seek(number)
        durations.append(int(picture.info.get("duration", 100)))
        frames.append(picture.convert("RGBA"))
        frames[-1].info = {}
    result = io.BytesIO()
    frames[0].save(result, form, save_all=True, append_images=frames[1:], duration=durations, loop=0)
    return result.getvalue()


def _archive_kind(source: BinaryIO) -> str:
    _directory_bounded(source)
    try:
        with zipfile.ZipFile(source) as archive:
            entries = archive.infolist()
            _archive_bounded(entries)
            return _office_kind(archive, [entry.filename for entry in entries])
    except UNREADABLE as error:
        raise _unreadable() from error


def _directory_bounded(source: BinaryIO) -> None:
    """Look at the end record before anything parses the directory: its size is what an attacker chooses."""
    size = source.seek(0, io.SEEK_END)
    source.seek(max(0, size - END_SEARCH))
    tail = source.read(END_SEARCH)
    place = tail.rfind(END_MAGIC)
    if place < 0 or len(tail) < place + 22:
        raise _unreadable()
    count, directory = struct.unpack_from("<HI", tail, place + 10)
    if count > ARCHIVE_ENTRIES or directory > DIRECTORY_BYTES or END64_MAGIC in tail[:place]:
        raise _bomb(f"it holds more than {ARCHIVE_ENTRIES:,} files")


def _unreadable() -> ArchiveUnreadable:
    return ArchiveUnreadable(
        "This archive cannot be read. Pack it again, or add the files one by one.",
        fields={"file": "This archive cannot be read."},
    )


def _bomb(reason: str) -> ArchiveBomb:
    return ArchiveBomb(
        f"This archive is not taken: {reason}. Add its files one by one.", fields={"file": f"Not taken: {reason}."}
    )


def _archive_bounded(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    starts = {entry.header_offset for entry in entries}
    reasons = {
        f"it holds more than {ARCHIVE_ENTRIES:,} files": len(entries) > ARCHIVE_ENTRIES,
        "it unpacks to more than 500 MiB": unpacked > ARCHIVE_UNPACKED,
        "it unpacks to over 100 times its size": unpacked > max(ARCHIVE_SMALL, packed * ARCHIVE_RATIO),
        "several of its files share the same bytes": len(starts) < len(entries),
        "it holds another archive": any(entry.filename.lower().endswith(NESTED) for entry in entries),
    }
    for reason, holds in reasons.items():
        if holds:
            raise _bomb(reason)


def _office_kind(archive: zipfile.ZipFile, names: list[str]) -> str:
    if names and names[0] == DECLARED:
        if archive.getinfo(DECLARED).compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise _unreadable()  # every office program does one or the other; the other decoders stay unused
        with archive.open(DECLARED) as member:
            declared = member.read(120).decode("ascii", "replace").strip()
        if DECLARABLE.fullmatch(declared):
            return declared
    if "[Content_Types].xml" in names:
        for folder, kind in OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return kind
    return "application/zip"


def _textual(head: bytes) -> str:
    """Tell text from bytes; text is never called HTML or SVG, so that no browser is tempted to run it."""
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    cut = head[: HEAD_BYTES - 4] if len(head) == HEAD_BYTES else head
    try:
        text = cut.decode()
    except UnicodeDecodeError as error:
        if error.start < len(cut) - 4:
            return "application/octet-stream"
        text = cut[: error.start].decode()
    return "application/octet-stream" if any(c < " " and c not in "\t\n\r\f" for c in text) else "text/plain"

"""Files at rest: encrypted under a person's data key, named by the SHA-256 of their ciphertext.

A file is `header || chunk ...`. The header is `IF1`, a random salt (16) and a nonce prefix (7). Each chunk is
up to 1 MiB of plain bytes under AES-256-GCM with the nonce `prefix || counter (4) || last (1)` and the header as
associated data (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015): chunks cannot be
swapped, and a file cut at a chunk's edge does not open. The file's key is HKDF-SHA-256 of the data key and the
salt, so no nonce ever meets the same key twice. Memory stays at a few chunks, whatever the size.

A file is written beside its place, synced, renamed, and its directory synced: a name that exists is whole.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from insignia.foundation.errors import Invalid, Unavailable
from insignia.foundation.models import DataKey
from insignia.foundation.sealing import datakey_bytes

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAGIC = b"IF1"
SALT_BYTES = 16
PREFIX_BYTES = 7
HEADER_BYTES = len(MAGIC) + SALT_BYTES + PREFIX_BYTES
CHUNK_BYTES = 1 << 20
TAG_BYTES = 16
SEALED_CHUNK = CHUNK_BYTES + TAG_BYTES
MAX_CHUNKS = 1 << 32
ABANDONED_SECONDS = 24 * 3600

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FileEmpty(Invalid):
    """There is nothing in the file."""

    code = "file-empty"


class FileTooLarge(Invalid):
    """The file passes its limit."""

    code = "body-too-large"


class FileMissing(Unavailable):
    """The database names a file that is not on the disk."""

    code = "file-missing"


class FileBroken(Unavailable):
    """The file on the disk is not the one that was written, or another key sealed it."""

    code = "file-broken"


@dataclass(frozen=True)
class StoredFile:
    """What was stored: `digest` (SHA-256 of the ciphertext) names it; `sha256`, `size` are of the plain bytes."""

    digest: str
    sha256: str
    size: int


def file_store(
    source: bytes | BinaryIO | Iterable[bytes], *, key: DataKey | None, limit: int | None = None
) -> StoredFile:
    """Encrypt and keep `source` without ever holding it whole; return its name and measures.

    `limit` is in bytes (default: the setting `INSIGNIA_EVIDENCE_FILE_BYTES`).

    Raises:
        FileEmpty: no byte came.
        FileTooLarge: more than `limit` bytes came; nothing is kept.
        Erased: the key was destroyed.
    """
    most = settings.INSIGNIA_EVIDENCE_FILE_BYTES if limit is None else limit
    plain_hash, sealed_hash, size = hashlib.sha256(), hashlib.sha256(), 0
    with _temporary() as (file, temporary):
        header = MAGIC + secrets.token_bytes(SALT_BYTES + PREFIX_BYTES)
        box = _Box(header, key)
        _put(file, header, sealed_hash)
        for number, (chunk, last) in enumerate(_marked_last(_chunks(source))):
            size += len(chunk)
            if size > most:
                raise FileTooLarge(
                    f"This file is over {most / 2**20:,.0f} MiB. Make it smaller, or add a link to it.",
                    fields={"file": f"At most {most / 2**20:,.0f} MiB."},
                    limit=most,
                )
            plain_hash.update(chunk)
            _put(file, box.seal(chunk, number, last=last), sealed_hash)
        if not size:
            raise FileEmpty("This file is empty. Choose another one.", fields={"file": "This file is empty."})
        _settle(file, temporary, sealed_hash.hexdigest())
    return StoredFile(sealed_hash.hexdigest(), plain_hash.hexdigest(), size)


def file_open(digest: str, *, key: DataKey | None) -> io.BufferedReader:
    """Open a stored file for reading plain bytes, with `seek`; each chunk is checked as it is read.

    Raises:
        FileMissing: it is not there.
        FileBroken: not a file of ours, or sealed under another key (also while reading).
        Erased: the key was destroyed.
    """
    path = file_path(digest)
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise FileMissing("This file is not on the disk. Tell whoever runs this site.", digest=digest) from error
    try:
        return io.BufferedReader(_SealedReader(file, key), CHUNK_BYTES)
    except BaseException:
        file.close()
        raise


def file_chunks(digest: str, *, key: DataKey | None) -> Iterator[bytes]:
    """Yield the plain bytes in pieces of at most 1 MiB, for streaming to a browser.

    Raises:
        FileMissing, FileBroken, Erased: as `file_open`.
    """
    with file_open(digest, key=key) as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def file_read(digest: str, *, key: DataKey | None) -> bytes:
    """Give all plain bytes at once; for what is known to be small.

    Raises:
        FileMissing, FileBroken, Erased: as `file_open`.
    """
    return b"".join(file_chunks(digest, key=key))


def file_forget(digest: str) -> None:
    """Remove a file that no row names any more; one that is gone already is fine."""
    file_path(digest).unlink(missing_ok=True)


def file_exists(digest: str) -> bool:
    """Say whether a file of this name is on the disk."""
    return file_path(digest).is_file()


def file_is_intact(digest: str) -> bool:
    """Say whether the bytes on the disk still hash to the name. Needs no key."""
    try:
        with file_path(digest).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except FileNotFoundError:
        return False


def file_path(digest: str) -> Path:
    """Say where a file lies: `files/ab/cd/<digest>` in the data directory.

    Raises:
        FileMissing: this is no digest.
    """
    if not _DIGEST.fullmatch(digest):
        raise FileMissing("This is not the name of a file.")
    return Path(settings.INSIGNIA_DATA) / "files" / digest[:2] / digest[2:4] / digest


class _Box:
    """The cipher of one file: seals and opens its numbered chunks."""

    def __init__(self, header: bytes, key: DataKey | None) -> None:
        salt = header[len(MAGIC) : len(MAGIC) + SALT_BYTES]
        derived = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"insignia file").derive(datakey_bytes(key))
        self._cipher = AESGCM(derived)
        self._header = header
        self._prefix = header[-PREFIX_BYTES:]

    def seal(self, chunk: bytes, number: int, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(number, last=last), chunk, self._header)

    def open(self, sealed: bytes, number: int, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(self._nonce(number, last=last), sealed, self._header)
        except InvalidTag as error:
            raise FileBroken("This file was changed on the disk, or sealed under another key.") from error

    def _nonce(self, number: int, *, last: bool) -> bytes:
        return self._prefix + number.to_bytes(4, "big") + bytes([last])


class _SealedReader(io.RawIOBase):
    """A sealed file as a seekable stream of its plain bytes; keeps one opened chunk."""

    def __init__(self, file: BinaryIO, key: DataKey | None) -> None:
        super().__init__()
        self._file = file
        header = file.read(HEADER_BYTES)
        body = os.fstat(file.fileno()).st_size - HEADER_BYTES
        self._count = -(-body // SEALED_CHUNK)
        if len(header) < HEADER_BYTES or not header.startswith(MAGIC) or not 0 < self._count <= MAX_CHUNKS:
            raise FileBroken("This is not a file that was stored here.")
        self._size = body - self._count * TAG_BYTES
        self._box = _Box(header, key)
        self._position = 0
        self._number, self._chunk = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("a stream has no place before its start")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if self._position >= self._size or not len(view):
            return 0
        number, start = divmod(self._position, CHUNK_BYTES)
        self._load(number)
        part = self._chunk[start : start + len(view)]
        view[: len(part)] = part
        self._position += len(part)
        return len(part)

    def _load(self, number: int) -> None:
        if number == self._number:
            return
        self._file.seek(HEADER_BYTES + number * SEALED_CHUNK)
        sealed = self._file.read(SEALED_CHUNK)
        self._chunk = self._box.open(sealed, number, last=number == self._count - 1)
        self._number = number

    def close(self) -> None:
        self._file.close()
        super().close()


def _chunks(source: bytes | BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    """Cut whatever comes into pieces of exactly 1 MiB, but for the last."""
    if isinstance(source, bytes):
        source = io.BytesIO(source)
    pieces = iter(lambda: source.read(CHUNK_BYTES), b"") if hasattr(source, "read") else source
    kept = bytearray()
    for piece in pieces:
        kept += piece
        while len(kept) >= CHUNK_BYTES:
            yield bytes(kept[:CHUNK_BYTES])
            del kept[:CHUNK_BYTES]
    if kept:
        yield bytes(kept)


def _marked_last(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    previous = next(chunks, b"")
    for chunk in chunks:
        yield previous, False
        previous = chunk
    yield previous, True


def _put(file: BinaryIO, data: bytes, digest: hashlib._Hash) -> None:
    digest.update(data)
    file.write(data)


@contextmanager
def _temporary() -> Iterator[tuple[BinaryIO, Path]]:
    folder = Path(settings.INSIGNIA_DATA) / "files" / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = folder / secrets.token_hex(16)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    _drop_abandoned(folder, now=os.fstat(descriptor).st_mtime)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file, temporary
    finally:
        temporary.unlink(missing_ok=True)


def _drop_abandoned(folder: Path, *, now: float) -> None:
    """Remove what a killed process left half-written; nothing that still grows is a day old."""
    for other in folder.iterdir():
        with suppress(FileNotFoundError):  # another process may be tidying too
            if other.stat().st_mtime < now - ABANDONED_SECONDS:
                other.unlink()


def _settle(file: BinaryIO, temporary: Path, digest: str) -> None:
    file.flush()
    os.fsync(file.fileno())
    path = file_path(digest)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary.replace(path)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

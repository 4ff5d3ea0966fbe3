from __future__ import annotations

import hashlib
import io
import os
import random
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from insignia.foundation.files import (
    CHUNK_BYTES,
    HEADER_BYTES,
    SEALED_CHUNK,
    FileBroken,
    FileEmpty,
    FileMissing,
    FileTooLarge,
    file_chunks,
    file_exists,
    file_forget,
    file_is_intact,
    file_open,
    file_path,
    file_read,
    file_store,
)
from insignia.foundation.models import DataKey
from insignia.foundation.sealing import Erased, datakey_create, datakey_destroy
from tests.examples import examples
from tests.platform.factories import AT

MIB = 1 << 20
SIZES = [1, 17, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 5]


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311  - noise to store, no secret


def left_over() -> list[Path]:
    root = Path(settings.INSIGNIA_DATA) / "files"
    return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []


class TestFileStore:
    @pytest.mark.parametrize("size", SIZES)
    def test_gives_the_same_bytes_back(self, size: int) -> None:
        plain = noise(size)
        stored = file_store(plain, key=None)
        assert (stored.size, stored.sha256) == (size, hashlib.sha256(plain).hexdigest())
        assert file_read(stored.digest, key=None) == plain

    def test_is_named_by_the_hash_of_its_ciphertext(self) -> None:
        stored = file_store(b"evidence", key=None)
        sealed = file_path(stored.digest).read_bytes()
        assert hashlib.sha256(sealed).hexdigest() == stored.digest
        assert b"evidence" not in sealed
        assert file_is_intact(stored.digest)

    def test_the_same_bytes_twice_share_nothing(self) -> None:
        assert file_store(b"same", key=None).digest != file_store(b"same", key=None).digest

    @examples(30, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.integers(0, 2 * MIB), min_size=1, max_size=5))
    def test_takes_pieces_of_any_size(self, sizes: list[int]) -> None:
        pieces = [noise(size, seed) for seed, size in enumerate(sizes)]
        if not any(sizes):
            with pytest.raises(FileEmpty):
                file_store(iter(pieces), key=None)
            return
        stored = file_store(iter(pieces), key=None)
        assert file_read(stored.digest, key=None) == b"".join(pieces)
        file_forget(stored.digest)

    @pytest.mark.parametrize("source", [b"", io.BytesIO(), iter([b"", b""])])
    def test_refuses_an_empty_file(self, source: bytes | io.BytesIO | Iterator[bytes]) -> None:
        with pytest.raises(FileEmpty) as caught:
            file_store(source, key=None)
        assert caught.value.code == "file-empty"
        assert left_over() == []

    def test_refuses_one_byte_over_the_limit_and_keeps_nothing(self) -> None:
        assert file_store(noise(2 * MIB), key=None, limit=2 * MIB).size == 2 * MIB
        before = left_over()
        with pytest.raises(FileTooLarge) as caught:
            file_store(noise(2 * MIB + 1), key=None, limit=2 * MIB)
        assert caught.value.code == "body-too-large"
        assert left_over() == before

    def test_stops_reading_once_the_limit_is_passed(self) -> None:
        read = 0

        def endless() -> Iterator[bytes]:
            nonlocal read
            while True:
                read += MIB
                yield bytes(MIB)

        with pytest.raises(FileTooLarge):
            file_store(endless(), key=None, limit=3 * MIB)
        assert read <= 6 * MIB

    def test_keeps_nothing_when_the_source_breaks_off(self) -> None:
        def broken() -> Iterator[bytes]:
            yield noise(2 * MIB)
            raise ConnectionResetError

        with pytest.raises(ConnectionResetError):
            file_store(broken(), key=None)
        assert left_over() == []

    def test_tidies_up_what_a_killed_process_left(self) -> None:
        file_store(b"first", key=None)
        folder = Path(settings.INSIGNIA_DATA) / "files" / "incoming"
        young, old = folder / "young", folder / "old"
        for path in (young, old):
            path.write_bytes(b"half")
        os.utime(old, (0, 0))
        file_store(b"second", key=None)
        assert list(folder.iterdir()) == [young]

    def test_others_on_the_machine_cannot_read_it(self) -> None:
        stored = file_store(b"evidence", key=None)
        assert stat.S_IMODE(file_path(stored.digest).stat().st_mode) == 0o600

    def test_100_megabytes_never_lie_in_memory(self) -> None:
        block = noise(MIB)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:  # a process of its own: the highest mark of this one is already set by other tests
            try:
                base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                stored = file_store((block for _ in range(100)), key=None, limit=200 * MIB)
                size = sum(len(chunk) for chunk in file_chunks(stored.digest, key=None))
                grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base
                os.write(writer, f"{size} {grown}".encode())
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as told:
            size, grown_kib = map(int, told.read().split())
        os.waitpid(child, 0)
        assert size == 100 * MIB
        assert grown_kib < 30 * 1024


class TestFileOpen:
    @examples(15, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.tuples(st.integers(0, 3 * MIB), st.integers(0, 2 * MIB)), min_size=1, max_size=6))
    def test_reads_any_part_like_a_plain_file(self, parts: list[tuple[int, int]]) -> None:
        plain = noise(2 * MIB + 77)
        stored = file_store(plain, key=None)
        with file_open(stored.digest, key=None) as file:
            assert file.seek(0, io.SEEK_END) == len(plain)
            for start, length in parts:
                file.seek(start)
                assert file.read(length) == plain[start : start + length]
        file_forget(stored.digest)

    @pytest.mark.parametrize(
        "damage",
        [
            lambda sealed: sealed[:-1],
            lambda sealed: sealed[: HEADER_BYTES + SEALED_CHUNK],  # cut exactly at a chunk's edge
            lambda sealed: sealed[:HEADER_BYTES],
            lambda sealed: sealed[:10],
            lambda sealed: sealed[:0],
            lambda sealed: sealed + b"x",
            lambda sealed: b"XX" + sealed[2:],
            lambda sealed: sealed[:5] + bytes([sealed[5] ^ 1]) + sealed[6:],
            lambda sealed: sealed[:-9] + bytes([sealed[-9] ^ 1]) + sealed[-8:],
            lambda sealed: (
                sealed[:HEADER_BYTES]
                + sealed[HEADER_BYTES + SEALED_CHUNK : HEADER_BYTES + 2 * SEALED_CHUNK]
                + sealed[HEADER_BYTES : HEADER_BYTES + SEALED_CHUNK]
                + sealed[HEADER_BYTES + 2 * SEALED_CHUNK :]
            ),  # two chunks swapped
        ],
    )
    def test_notices_every_kind_of_damage(self, damage) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001  - a lambda
        stored = file_store(noise(2 * MIB + 77), key=None)
        path = file_path(stored.digest)
        path.write_bytes(damage(path.read_bytes()))
        with pytest.raises(FileBroken):
            file_read(stored.digest, key=None)
        assert not file_is_intact(stored.digest)

    @pytest.mark.parametrize("name", ["", "../../master-key", "A" * 64, "0" * 63, "0" * 64 + "\n"])
    def test_only_a_digest_names_a_file(self, name: str) -> None:
        with pytest.raises(FileMissing):
            file_open(name, key=None)

    def test_says_when_a_file_is_gone(self) -> None:
        stored = file_store(b"evidence", key=None)
        assert file_exists(stored.digest)
        file_forget(stored.digest)
        file_forget(stored.digest)
        assert not file_exists(stored.digest)
        assert not file_is_intact(stored.digest)
        with pytest.raises(FileMissing):
            file_read(stored.digest, key=None)


@pytest.mark.django_db
class TestDataKeys:
    def test_one_persons_file_does_not_open_under_anothers_key(self) -> None:
        mine, yours = datakey_create(at=AT), datakey_create(at=AT)
        stored = file_store(b"evidence", key=mine)
        assert file_read(stored.digest, key=mine) == b"evidence"
        with pytest.raises(FileBroken):
            file_read(stored.digest, key=yours)

    def test_an_erased_persons_file_never_opens_again(self) -> None:
        key = datakey_create(at=AT)
        stored = file_store(b"evidence", key=key)
        datakey_destroy(key, at=AT)
        key = DataKey.objects.get(pk=key.pk)
        with pytest.raises(Erased):
            file_read(stored.digest, key=key)
        with pytest.raises(Erased):
            file_store(b"more", key=key)
        assert len(left_over()) == 1

"""Bits and their encoding: order, bounds, exact bytes, bombs."""

from __future__ import annotations

import base64
import gzip
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.vc.errors import StatusListMalformed, StatusListTooLarge, VcError
from insignia.vc.limits import DEFAULT_LIMITS
from insignia.vc.status import BitstringList, decode, encode


def encoded(compressed: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(compressed).rstrip(b"=").decode()


class TestBitstringList:
    @pytest.mark.parametrize(
        ("index", "byte", "value"), [(0, 0, 0x80), (1, 0, 0x40), (7, 0, 0x01), (8, 1, 0x80), (15, 1, 0x01)]
    )
    def test_counts_from_the_left_most_bit(self, index: int, byte: int, value: int) -> None:
        bits = BitstringList(16)
        bits.set(index, value=True)
        assert bytes(bits)[byte] == value
        assert sum(bytes(bits)) == value

    @given(st.sets(st.integers(0, 1023)), st.integers(0, 1023), st.booleans())
    def test_setting_one_entry_leaves_all_others(self, before: set[int], index: int, value: bool) -> None:
        bits = BitstringList(1024)
        for one in before:
            bits.set(one, value=True)
        bits.set(index, value)
        expected = before | {index} if value else before - {index}
        assert {one for one in range(len(bits)) if bits.get(one)} == expected

    @pytest.mark.parametrize("index", [-1, 16, 10**9])
    def test_refuses_entries_outside(self, index: int) -> None:
        bits = BitstringList(bytes(2))
        with pytest.raises(StatusListMalformed):
            bits.get(index)
        with pytest.raises(StatusListMalformed):
            bits.set(index, value=True)

    @pytest.mark.parametrize("entries", [0, -8, 7])
    def test_refuses_a_number_of_entries_that_is_no_list(self, entries: int) -> None:
        with pytest.raises(StatusListMalformed):
            BitstringList(entries)


class TestEncoding:
    @given(st.binary(max_size=4096))
    def test_decoding_gives_the_bits_back(self, bits: bytes) -> None:
        assert decode(encode(bits)) == bits

    def test_the_same_bits_give_the_same_text(self) -> None:
        compressed = base64.urlsafe_b64decode(encode(bytes(16_384))[1:] + "===")
        assert compressed[4:8] == bytes(4), "the time in the gzip header is zero"

    def test_reads_what_other_software_compressed(self) -> None:
        bits = bytes(range(256)) * 64
        for level in range(10):
            assert decode(encoded(gzip.compress(bits, compresslevel=level, mtime=1_700_000_000))) == bits

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "H4sI",
            "z" + encode(bytes(8))[1:],
            "u",
            "u****",
            "ué",
            encoded(zlib.compress(bytes(99))),
            encoded(b"not gzip"),
            encoded(gzip.compress(bytes(99), mtime=0)[:-3]),
            encoded(gzip.compress(bytes(99), mtime=0) + b"more"),
            encoded(gzip.compress(b"a", mtime=0) + gzip.compress(b"b", mtime=0)),
        ],
    )
    def test_refuses_anything_else(self, text: str) -> None:
        with pytest.raises(StatusListMalformed):
            decode(text)

    def test_refuses_a_bomb_without_inflating_it(self) -> None:
        bomb = encoded(gzip.compress(bytes(DEFAULT_LIMITS.status_list_bytes + 1), mtime=0))
        with pytest.raises(StatusListTooLarge):
            decode(bomb)

    def test_the_limit_itself_is_allowed(self) -> None:
        limits = replace(DEFAULT_LIMITS, status_list_bytes=100)
        assert decode(encode(bytes(100)), limits) == bytes(100)
        with pytest.raises(StatusListTooLarge):
            decode(encode(bytes(101)), limits)

    @given(st.text() | st.binary().map(encoded))
    def test_nothing_but_our_own_error_escapes(self, text: str) -> None:
        try:
            decode(text)
        except VcError as error:
            assert error.code  # noqa: PT017  - either outcome is fine, another exception is not

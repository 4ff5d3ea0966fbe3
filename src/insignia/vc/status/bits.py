"""The bits of a status list and their encoding (Bitstring Status List 1.0, 3.3 and 3.4).

Index 0 is the left-most bit: the most significant bit of byte 0. (Token Status List counts the other way.)
"""

from __future__ import annotations

import base64
import binascii
import gzip
import zlib

from insignia.vc.errors import StatusListMalformed, StatusListTooLarge
from insignia.vc.limits import DEFAULT_LIMITS, Limits

MULTIBASE_BASE64URL = "u"
# 16 + the largest window: expect a gzip header and trailer, nothing else
GZIP_WINDOW = 16 + zlib.MAX_WBITS


class BitstringList:
    """A mutable list of bits, one per credential.

    Args:
        bits: eight entries per byte, or a number of entries, all clear, a multiple of eight.
    """

    def __init__(self, bits: bytes | int) -> None:
        if isinstance(bits, int):
            if bits <= 0 or bits % 8:
                raise StatusListMalformed("A status list has a positive number of entries, a multiple of eight.")
            bits = bytes(bits // 8)
        self._bits = bytearray(bits)

    def __len__(self) -> int:
        """Count the entries."""
        return len(self._bits) * 8

    def __bytes__(self) -> bytes:
        """Give the bits, eight entries per byte."""
        return bytes(self._bits)

    def get(self, index: int) -> bool:
        """Read one entry.

        Raises:
            StatusListMalformed: the index lies outside the list.
        """
        byte, mask = self._place(index)
        return bool(self._bits[byte] & mask)

    def set(self, index: int, value: bool) -> None:  # noqa: FBT001  - the value of a bit is a boolean, not a mode
        """Write one entry.

        Raises:
            StatusListMalformed: the index lies outside the list.
        """
        byte, mask = self._place(index)
        if value:
            self._bits[byte] |= mask
        else:
            self._bits[byte] &= 0xFF ^ mask

    def _place(self, index: int) -> tuple[int, int]:
        if not 0 <= index < len(self):
            raise StatusListMalformed(f"Entry {index} lies outside a status list of {len(self)} entries.")
        return index // 8, 0x80 >> (index % 8)


def encode(bits: bytes) -> str:
    """Encode bits as `encodedList`: "u", then base64url without padding of the gzip of the bits.

    The same bits give the same text: no file name, no time in the gzip header.
    """
    compressed = gzip.compress(bits, compresslevel=6, mtime=0)
    return MULTIBASE_BASE64URL + base64.urlsafe_b64encode(compressed).rstrip(b"=").decode("ascii")


def decode(encoded: str, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Decode `encodedList` back to bits, without ever holding more than the limit.

    Raises:
        StatusListMalformed: not multibase base64url of exactly one whole gzip member.
        StatusListTooLarge: more bytes than `limits.status_list_bytes` come out.
    """
    if not encoded.startswith(MULTIBASE_BASE64URL):
        raise StatusListMalformed("An encoded status list begins with 'u' (multibase base64url).")
    return _inflate(_base64url(encoded[1:]), limits.status_list_bytes)


def _base64url(text: str) -> bytes:
    try:
        raw = text.encode("ascii")
        return base64.b64decode(raw + b"=" * (-len(raw) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise StatusListMalformed("The encoded status list is not base64url.") from error


def _inflate(compressed: bytes, most: int) -> bytes:
    inflater = zlib.decompressobj(GZIP_WINDOW)
    try:
        # one byte more than allowed tells a list that is too large from one that just fits
        bits = inflater.decompress(compressed, most + 1)
    except zlib.error as error:
        raise StatusListMalformed("The status list is not compressed with gzip.") from error
    if len(bits) > most:
        raise StatusListTooLarge(f"The status list inflates to more than {most} bytes.")
    if not inflater.eof or inflater.unused_data:
        raise StatusListMalformed("The status list is not one whole gzip stream.")
    return bits

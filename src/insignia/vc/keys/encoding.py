"""The written forms of bytes in keys and proofs: base58btc, base64url without padding, JWK integers."""

from __future__ import annotations

import base64
import binascii
import re

import base58

from insignia.vc.errors import KeyMalformed

try:
    from fd58 import enc64 as _compiled
except ImportError:  # the compiled step is an extra; what follows does without it
    _compiled = None

_BASE58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]{0,1024}\Z")  # reading takes time with the square of the length
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*\Z")


_SIGNATURE_BYTES = 64
_ALPHABET = base58.BITCOIN_ALPHABET.decode("ascii")
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_PAIR_VALUES = {pair: value for value, pair in enumerate(_PAIRS)}
_SIGNATURE_LETTERS = 88
_HALF, _QUARTER, _PIECE, _TWO = 58**44, 58**22, 58**8, 58**2


def base58_encode(data: bytes) -> str:
    """Write bytes in base58btc, without the multibase letter."""
    if len(data) != _SIGNATURE_BYTES:
        return base58.b58encode(data).decode("ascii")
    return signature_base58(data) if _compiled is None else _compiled(data).decode("ascii")


def signature_base58(data: bytes) -> str:
    """Write 64 bytes in base58btc, as the general way does but several times faster: in halves, then in pairs."""
    pairs: list[str] = []
    for half in divmod(int.from_bytes(data, "big"), _HALF):
        for quarter in divmod(half, _QUARTER):
            start, rest = divmod(quarter, _PIECE * _PIECE)
            pairs += _eight_letters(start)[1:]
            for piece in divmod(rest, _PIECE):
                pairs += _eight_letters(piece)
    zeros = len(data) - len(data.lstrip(b"\x00"))
    return _ALPHABET[0] * zeros + "".join(pairs).lstrip(_ALPHABET[0])


def _eight_letters(piece: int) -> tuple[str, str, str, str]:
    rest, fourth = divmod(piece, _TWO)
    rest, third = divmod(rest, _TWO)
    first, second = divmod(rest, _TWO)
    return _PAIRS[first], _PAIRS[second], _PAIRS[third], _PAIRS[fourth]


def base58_decode(text: str) -> bytes:
    """Read base58btc of at most 1,024 characters, without the multibase letter. (The library passes over spaces.)

    Raises:
        KeyMalformed: a character outside the alphabet, or more than a key or signature has.
    """
    if not _BASE58.match(text):
        raise KeyMalformed("Not base58btc text of a key or signature.")
    if len(text) > _SIGNATURE_LETTERS:
        return base58.b58decode(text)
    return _from_pairs(text)


def _from_pairs(text: str) -> bytes:
    """Read what a signature or less is written in, as the general way does but faster: in pairs, then in fours."""
    padded = text.rjust(_SIGNATURE_LETTERS, _ALPHABET[0])
    pairs = [_PAIR_VALUES[padded[place : place + 2]] for place in range(0, _SIGNATURE_LETTERS, 2)]
    number = 0
    for place in range(0, len(pairs), 4):
        first, second, third, fourth = pairs[place : place + 4]
        number = number * _PIECE + ((first * _TWO + second) * _TWO + third) * _TWO + fourth
    zeros = len(text) - len(text.lstrip(_ALPHABET[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def base64url_encode(data: bytes) -> str:
    """Write bytes as base64url without padding (RFC 7515, appendix C)."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def base64url_decode(text: str) -> bytes:
    """Read base64url without padding; other characters and non-canonical endings are refused.

    Raises:
        KeyMalformed: not base64url, or written in a second way.
    """
    if not _BASE64URL.match(text):
        raise KeyMalformed("Not base64url text.")
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise KeyMalformed("Not base64url text.") from error
    if base64url_encode(decoded) != text:
        raise KeyMalformed("This base64url text has stray bits at its end.")
    return decoded


def integer_encode(number: int) -> str:
    """Write a positive integer as JWK does: big-endian bytes in base64url (RFC 7518, 2)."""
    return base64url_encode(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def integer_decode(text: str) -> int:
    """Read a JWK integer.

    Raises:
        KeyMalformed: not base64url text.
    """
    return int.from_bytes(base64url_decode(text), "big")

"""The written forms of bytes in keys and proofs: base58btc, base64url without padding, JWK integers."""

from __future__ import annotations

import base64
import binascii
import re

from gmpy2 import mpz

from insignia.vc.errors import KeyMalformed

_BASE58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]{0,1024}\Z")  # reading takes time with the square of the length
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*\Z")

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
"""What GMP writes numbers to the base of 58 with."""
_ZERO = b"1"
_TO_LETTERS = bytes.maketrans(_DIGITS.encode(), _ALPHABET.encode())
_TO_DIGITS = bytes.maketrans(_ALPHABET.encode(), _DIGITS.encode())


def base58_encode(data: bytes) -> str:
    """Write bytes in base58btc, without the multibase letter."""
    return base58_ascii(data).decode()


def base58_ascii(data: bytes) -> bytes:
    """Write bytes in base58btc, without the multibase letter, as ASCII."""
    significant = data.lstrip(b"\x00")
    zeros = _ZERO * (len(data) - len(significant))
    if not significant:
        return zeros
    digits: str = mpz.from_bytes(significant, "big").digits(58)
    return zeros + digits.encode().translate(_TO_LETTERS)


def base58_decode(text: str) -> bytes:
    """Read base58btc of at most 1,024 characters, without the multibase letter. (The library passes over spaces.)

    Raises:
        KeyMalformed: a character outside the alphabet, or more than a key or signature has.
    """
    if not _BASE58.match(text):
        raise KeyMalformed("Not base58btc text of a key or signature.")
    significant = text.lstrip(_ALPHABET[0])
    zeros = bytes(len(text) - len(significant))
    if not significant:
        return zeros
    number = int(mpz(significant.encode().translate(_TO_DIGITS), 58))
    return zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


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

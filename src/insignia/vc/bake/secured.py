"""What may be put into a picture: one secured credential, as JSON or as a compact token."""

from __future__ import annotations

import re
from typing import Literal

from insignia.vc.errors import MalformedCredential

TOKEN = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def secured_form(credential: bytes) -> Literal["json", "token"]:
    """Tell a JSON credential from a compact token.

    Raises:
        MalformedCredential: neither, not UTF-8, or with a NUL, which no picture can carry.
    """
    try:
        text = credential.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedCredential("The credential is not UTF-8 text.") from error
    if TOKEN.fullmatch(credential):
        return "token"
    if "\x00" in text or not text.strip().startswith("{"):
        raise MalformedCredential("Only a credential as JSON or as a token can be put into a picture.")
    return "json"

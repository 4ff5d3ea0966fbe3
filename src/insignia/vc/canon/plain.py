"""JSON Canonicalization Scheme (RFC 8785)."""

from __future__ import annotations

import rfc8785

from insignia.vc.errors import MalformedJson
from insignia.vc.model.json import Json


def jcs(value: Json) -> bytes:
    """Write a JSON value in its one canonical form.

    Raises:
        MalformedJson: a number or string that RFC 8785 cannot write.
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise MalformedJson("This JSON has no canonical form.") from error

"""Reading what programs send, bounded before it is understood: no duplicate keys, no depth bomb."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from insignia.api.errors import BodyUnreadable, MediaTypeUnsupported
from insignia.api.problems import body_too_large
from insignia.vc.errors import VcError
from insignia.vc.limits import MIB, Limits, parse_json

BODY_BYTES = 1 * MIB
JSON_LIMITS = Limits(file_bytes=BODY_BYTES, json_depth=8)


class BoundedParser(Parser):
    """Reads JSON bodies within the limits."""

    def parse_body(self, request: HttpRequest) -> Any:  # noqa: ANN401  - the library's signature
        """Read one JSON text.

        Raises:
            MediaTypeUnsupported: the body says that it is something else.
            BodyTooLarge: more than 1 MiB.
            BodyUnreadable: not JSON, or JSON that two readers would read differently.
        """
        if request.content_type != "application/json":
            raise MediaTypeUnsupported("Send this body as application/json.")
        return body_read(request)


def body_read(request: HttpRequest) -> Any:  # noqa: ANN401  - any JSON
    """Read the JSON body of a request.

    Raises:
        BodyTooLarge: more than 1 MiB.
        BodyUnreadable: not JSON, or JSON that two readers would read differently.
    """
    if len(request.body) > BODY_BYTES:
        raise body_too_large()
    return json_read(request.body)


def json_read(raw: bytes) -> Any:  # noqa: ANN401  - any JSON
    """Read one JSON text.

    Raises:
        BodyUnreadable: not JSON, or over a limit of shape.
    """
    try:
        value = parse_json(raw, limits=JSON_LIMITS)
    except VcError as error:
        raise BodyUnreadable(str(error)) from error
    if b"\\u0000" in raw:
        raise BodyUnreadable("A text holds a NUL character, which no database keeps.")
    return value

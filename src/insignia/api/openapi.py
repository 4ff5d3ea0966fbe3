"""The description of the API (OpenAPI 3.1). `python -m insignia.api.openapi FILE` writes the committed one."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from insignia.foundation.problems import MEDIA_TYPE

KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Up to 128 printable ASCII characters, new for each request. The same request with the same "
    "key happens once and is answered the same; another request with it is refused.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}
KEY_REQUIRED, KEY_OPTIONAL = ({**KEY, "required": required} for required in (True, False))
SCHEMAS = "#/components/schemas/{model}"


def described(document: dict[str, Any], *, bodies: Iterable[type[BaseModel]] = ()) -> None:
    """Complete what the library writes: problems have a media type of their own, and POSTs may carry a key.

    `bodies` are the schemas of bodies that handlers read by themselves.
    """
    for operations in document["paths"].values():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    response["content"] = {MEDIA_TYPE: next(iter(response["content"].values()))}
            if method == "post" and not _has_key(operation):
                operation.setdefault("parameters", []).append(KEY_OPTIONAL)
    for body in bodies:
        schema = body.model_json_schema(ref_template=SCHEMAS)
        document["components"]["schemas"] |= {**schema.pop("$defs", {}), body.__name__: schema}


def _has_key(operation: dict[str, Any]) -> bool:
    return any(parameter["name"] == KEY["name"] for parameter in operation.get("parameters", []))


def document() -> dict[str, Any]:
    """Describe the API as it is now."""
    from insignia.api.urls import api  # Django is ready only now

    plain: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    return plain


def text() -> str:
    """Write the description as the committed file holds it."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "insignia.config.settings")
    import django

    django.setup()
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")

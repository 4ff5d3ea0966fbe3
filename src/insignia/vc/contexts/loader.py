"""Loading known contexts, and nothing else: an unknown address is a named error, never a fetch."""

from __future__ import annotations

import copy
import hashlib
import json
import threading
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from insignia.vc.contexts.table import KNOWN_CONTEXTS, OB3_CONTEXT, KnownContext
from insignia.vc.errors import ContextUnknown
from insignia.vc.model.json import JsonObject


class ContextLoader:
    """Gives the bodies of known contexts, and of `extra` ones that the caller supplies.

    An extra body takes the place of a known one with the same address, so that a document signed under an
    older body can be judged. A loader can be used by several threads.
    """

    def __init__(self, extra: Mapping[str, JsonObject] | None = None) -> None:
        self._extra = dict(extra or {})
        self._resolvers = threading.local()

    def body(self, url: str) -> JsonObject:
        """Give the context document at `url`; callers must not change it.

        Raises:
            ContextUnknown: not among the known and the supplied ones.
        """
        if url in self._extra:
            return self._extra[url]
        known = KNOWN_CONTEXTS.get(url)
        if known is None:
            raise ContextUnknown(f"The context {url[:200]} is not known here.", url=url[:200])
        return _body(known)

    def knows(self, url: str) -> bool:
        """Say whether `body` would give something."""
        return url in self._extra or url in KNOWN_CONTEXTS

    def __call__(self, url: str, _options: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Answer PyLD's document loader calls."""
        document = copy.deepcopy(self.body(url))
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "document": document,
            "tag": "static",
        }

    @property
    def processed(self) -> dict[Any, Any]:
        """Give what this thread worked out of this loader's contexts; its user fills it and bounds it."""
        if not hasattr(self._resolvers, "processed"):
            self._resolvers.processed = {}
        found: dict[Any, Any] = self._resolvers.processed
        return found

    @property
    def resolver(self) -> Any:  # noqa: ANN401  - PyLD ships no types
        """Give PyLD's context resolver of this loader and thread, with a cache of its own.

        PyLD's default cache is shared by address alone: there, one caller's extra body would answer another's
        question.
        """
        if not hasattr(self._resolvers, "resolver"):
            from insignia.vc.contexts.library import ContextResolver  # 0.2 s: only when a graph is needed

            self._resolvers.resolver = ContextResolver({}, self)
        # What one operation resolved stays for the next of this thread: the bodies never change.
        return self._resolvers.resolver


@cache
def _body(known: KnownContext) -> JsonObject:
    spec = find_spec(known.package)
    if spec is None or spec.origin is None:
        raise ContextUnknown(f"The package {known.package} with the known contexts is not installed.")
    raw = (Path(spec.origin).parent / known.path).read_bytes()
    if hashlib.sha256(raw).hexdigest() != known.sha256:
        raise ContextUnknown(f"The context file {known.path} is not the one we know.", path=known.path)
    body: JsonObject = json.loads(raw)
    return body


@cache
def older_ob3_context() -> JsonObject:
    """Derive the body that Open Badges context 3.0.3 had before it was changed in place.

    The newer one only adds the terms `endorsementJwt` and `jti` at top level; a document that uses neither
    means the same under both.
    """
    body = copy.deepcopy(_body(KNOWN_CONTEXTS[OB3_CONTEXT]))
    terms = body["@context"]
    if not isinstance(terms, dict):
        raise ContextUnknown("The Open Badges context has an unexpected shape.")
    for term in ("endorsementJwt", "jti"):
        terms.pop(term, None)
    return body

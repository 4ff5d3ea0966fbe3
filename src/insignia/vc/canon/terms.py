"""What a document says and its graph would not: the words a signature does not cover.

JSON-LD ignores in silence what no context defines. A signature over the graph then covers less than the
document shows, and a forger adds what they like. So before a document becomes a graph, everything in it must
arrive there: every member has a definition, every address is absolute, no value is null, no context is unknown
or written into the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from insignia.vc.contexts import ContextLoader
from insignia.vc.errors import (
    ContextInline,
    ContextUnknown,
    Malformed,
    MalformedJson,
    RelativeIri,
    TermsDropped,
    TooManyContexts,
    VcError,
)
from insignia.vc.limits import Limits
from insignia.vc.model.json import Json, JsonObject

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]*\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*\Z")
# Relative addresses are resolved against a base of this scheme, and known by it afterwards. (Left to itself, PyLD
# resolves them against an address it makes up.)
_RELATIVE = "relative"
_KEYWORDS = {
    "@context",
    "@graph",
    "@id",
    "@included",
    "@language",
    "@list",
    "@nest",
    "@reverse",
    "@set",
    "@type",
    "@value",
}
_MEANINGFUL = {"@id", "@type", "@value", "@list", "@set", "@graph", "@language", "@included", "@reverse"}


def context_urls(document: JsonObject, *, limits: Limits) -> tuple[str, ...]:
    """List the addresses of every context in the document, at any depth, once each.

    Raises:
        ContextInline: a context written into the document.
        TooManyContexts: more different ones than we read.
    """
    found: dict[str, None] = {}
    for context in _contexts(document):
        for entry in context if isinstance(context, list) else [context]:
            if not isinstance(entry, str):
                raise ContextInline("The document defines words of its own in @context; that is not accepted.")
            found[entry] = None
        if len(found) > limits.contexts:
            raise TooManyContexts(f"The document names more than {limits.contexts} contexts.")
    return tuple(found)


def expand(document: JsonObject, *, loader: ContextLoader, limits: Limits) -> list[dict[str, Any]]:
    """Expand a document (JSON-LD 1.1), refusing it when anything it says would be lost.

    Raises:
        ContextInline, ContextUnknown, TooManyContexts: its contexts are not ours to use.
        TermsDropped: members or values that would vanish.
        RelativeIri: an address that depends on where the document lies.
        MalformedJson: not JSON-LD.
    """
    unknown = [url for url in context_urls(document, limits=limits) if not loader.knows(url)]
    if unknown:
        raise ContextUnknown(f"The context {unknown[0][:200]} is not known here.", url=unknown[0][:200])
    if empty := _null_at(document):
        raise TermsDropped(f"The value at {empty} is null, which says nothing.", pointers=[empty])
    dropped: list[str] = []
    expanded = _expanded(document, loader, dropped)
    if dropped:
        names = sorted(set(dropped))
        raise TermsDropped(f"No context defines {', '.join(names[:5])}.", terms=names[:20])
    for node in expanded:
        _require_meaning(node)
    return expanded


def dropped_terms(document: JsonObject, *, loader: ContextLoader, limits: Limits) -> tuple[str, ...]:
    """Name what the signature would not cover; empty when everything is covered.

    Raises:
        VcError: the document cannot be read as JSON-LD at all.
    """
    try:
        expand(document, loader=loader, limits=limits)
    except TermsDropped as error:
        return tuple(error.data.get("terms") or error.data.get("pointers") or [error.message])
    return ()


def _expanded(document: JsonObject, loader: ContextLoader, dropped: list[str]) -> list[dict[str, Any]]:
    from pyld import jsonld  # 0.2 s to import: only when a graph is needed

    processor = _watching_processor(dropped)
    options = {"base": f"{_RELATIVE}://here/", "documentLoader": loader, "contextResolver": loader.resolver}
    try:
        expanded: list[dict[str, Any]] = processor.expand(whole_numbers(document), options)
    except jsonld.JsonLdError as error:
        raise _named(error) from error
    except (RecursionError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise MalformedJson("The document is not JSON-LD.") from error
    return expanded


def _watching_processor(dropped: list[str]) -> Any:  # noqa: ANN401  - PyLD ships no types
    from pyld import jsonld

    class WatchingProcessor(jsonld.JsonLdProcessor):  # type: ignore[misc]  # PyLD ships no types
        """Expands as PyLD does, and notes the members it leaves out."""

        def _expand_object(self, active_ctx: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401  - handed on
            element = arguments[2]
            for key in element:
                meaning = key if key == "@context" else self._expand_iri(active_ctx, key, vocab=True)
                if meaning is None or not (meaning in _KEYWORDS or _ABSOLUTE.match(meaning)):
                    dropped.append(key)
            return super()._expand_object(active_ctx, *arguments, **options)

    return WatchingProcessor()


def _named(error: BaseException) -> VcError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, VcError):
            return cause
        cause = cause.__cause__ or cause.__context__
    code = getattr(error, "code", None) or "error"
    return MalformedJson(f"The document is not JSON-LD ({code}).", reason=str(code))


def whole_numbers(value: Json) -> Json:
    """Write 3.0 as 3: JSON-LD 1.1 (8.6) makes both the integer, PyLD would make a double of the first."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    if isinstance(value, dict):
        return {key: whole_numbers(member) for key, member in value.items()}
    if isinstance(value, list):
        return [whole_numbers(member) for member in value]
    return value


def _contexts(value: Json) -> Iterator[Json]:
    if isinstance(value, dict):
        for key, member in value.items():
            if key == "@context":
                yield member
            else:
                yield from _contexts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _contexts(member)


def _null_at(value: Json, pointer: str = "") -> str:
    if value is None:
        return pointer or "/"
    members: list[tuple[str, Json]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = [(str(number), member) for number, member in enumerate(value)]
    for key, member in members:
        if key != "@context" and (found := _null_at(member, f"{pointer}/{key}")):
            return found
    return ""


def _require_meaning(node: Any) -> None:  # noqa: ANN401  - any expanded JSON-LD
    if isinstance(node, list):
        for member in node:
            _require_meaning(member)
    elif isinstance(node, dict):
        if "@value" in node:
            _require_literal(node)
        else:
            _require_node(node)


def _require_node(node: dict[str, Any]) -> None:
    for key, member in node.items():
        if key == "@id":
            _require_absolute(member)
        elif key == "@type":
            for kind in member:
                _require_absolute(kind)
        elif key.startswith("@"):
            _require_known_keyword(key)
            _require_meaning(member if key != "@reverse" else list(member.values()))
        else:
            _require_property(key)
            _require_meaning(member)


def _require_literal(node: dict[str, Any]) -> None:
    for key in node:
        _require_known_keyword(key)
    if node["@value"] is None:
        raise TermsDropped("A value is null, which says nothing.", terms=["@value"])
    if "@type" in node and node["@type"] != "@json":
        _require_absolute(node["@type"])
    if "@language" in node and not _LANGUAGE.match(str(node["@language"])):
        raise TermsDropped("A language tag is not well-formed.", terms=["@language"])


def _require_known_keyword(key: str) -> None:
    if key not in _MEANINGFUL:
        raise TermsDropped(f"{key} would not be covered by the signature.", terms=[key])


def _require_property(key: str) -> None:
    if key.startswith("_:"):
        raise TermsDropped(f"The member {key[:60]} has no global meaning.", terms=[key[:60]])
    _require_absolute(key)


def _require_absolute(iri: Any) -> None:  # noqa: ANN401  - PyLD puts what it was given
    if not isinstance(iri, str):
        raise Malformed("An address is not text.")
    if iri.startswith("_:") or (_ABSOLUTE.match(iri) and not iri.startswith(f"{_RELATIVE}:")):
        return
    raise RelativeIri(f"{iri[:120]!r} is not an absolute address.", iri=iri[:120])

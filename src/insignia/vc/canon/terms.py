"""What a document says and its graph would not: the words a signature does not cover.

JSON-LD ignores in silence what no context defines. A signature over the graph then covers less than the
document shows, and a forger adds what they like. So before a document becomes a graph, everything in it must
arrive there: every member has a definition, every address is absolute, no value is null, no context is unknown
or written into the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from insignia.vc.canon.quads import RELATIVE
from insignia.vc.contexts import ContextLoader
from insignia.vc.errors import (
    ContextInline,
    ContextUnknown,
    GraphTooLarge,
    MalformedJson,
    TermsDropped,
    TooManyContexts,
    VcError,
)
from insignia.vc.limits import Limits
from insignia.vc.model.json import Json, JsonObject

_NAMING = {"@context", "@id", "@language", "@type", "@value", "id"}


def context_urls(document: JsonObject, *, limits: Limits) -> tuple[str, ...]:
    """List the addresses of every context in the document, at any depth, once each.

    Raises:
        ContextInline: a context written into the document.
        TooManyContexts: more in one place, or more different ones, than we read.
    """
    found: dict[str, None] = {}
    for context in _contexts(document):
        entries = context if isinstance(context, list) else [context]
        if len(entries) > limits.contexts:  # each costs time, known or not, again or not
            raise TooManyContexts(f"The document names more than {limits.contexts} contexts in one place.")
        for entry in entries:
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
        GraphTooLarge: more statements than we read, found before any is made.
        MalformedJson: not JSON-LD.
    """
    unknown = [url for url in context_urls(document, limits=limits) if not loader.knows(url)]
    if unknown:
        raise ContextUnknown(f"The context {unknown[0][:200]} is not known here.", url=unknown[0][:200])
    if _statements(document) > limits.quads:
        raise GraphTooLarge(f"The document says more than {limits.quads} things.")
    if empty := _null_at(document):
        raise TermsDropped(f"The value at {empty} is null, which says nothing.", pointers=[empty])
    dropped: list[str] = []
    expanded = _expanded(document, loader, dropped)
    if dropped:
        names = sorted(set(dropped))
        raise TermsDropped(f"No context defines {', '.join(names[:5])}.", terms=names[:20])
    if not expanded and document.keys() - {"@context"}:
        raise TermsDropped("The document says nothing of anything.", terms=sorted(document.keys() - {"@context"}))
    return expanded


def _expanded(document: JsonObject, loader: ContextLoader, dropped: list[str]) -> list[dict[str, Any]]:
    # both take 0.2 s to import: only when a graph is needed
    from insignia.vc.canon.expanding import WatchingProcessor
    from insignia.vc.contexts.library import jsonld

    processor = WatchingProcessor(dropped, loader.processed)
    options = {"base": f"{RELATIVE}://here/", "documentLoader": loader, "contextResolver": loader.resolver}
    try:
        expanded: list[dict[str, Any]] = processor.expand(document, options)
    except jsonld.JsonLdError as error:
        raise _named(error) from error
    except (RecursionError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise MalformedJson("The document is not JSON-LD.") from error
    return expanded


def _named(error: BaseException) -> VcError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, VcError):
            return cause
        cause = cause.__cause__ or cause.__context__
    code = getattr(error, "code", None) or "error"
    return MalformedJson(f"The document is not JSON-LD ({code}).", reason=str(code))


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


def _statements(document: JsonObject) -> int:
    """Count roughly, and quickly, what the document says: members, each value of a set once."""
    count = 0
    waiting: list[Json] = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            said = [member for key, member in value.items() if key not in _NAMING]
            count += len(said)
            waiting.extend(member for member in said if isinstance(member, dict | list))
        elif isinstance(value, list):
            count += len(value) - 1
            waiting.extend(member for member in value if isinstance(member, dict | list))
    return count


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

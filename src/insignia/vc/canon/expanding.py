"""JSON-LD expansion as PyLD does it, but it notes what it leaves out, and keeps the contexts that it worked out.

PyLD keeps the contexts that hold from a node downwards, but works out anew each one that holds for a single node;
that takes most of its time. The contexts are known ones and never change, so all of them may be kept.
"""

from __future__ import annotations

from typing import Any

from insignia.vc.canon.quads import is_absolute
from insignia.vc.contexts.library import jsonld

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

MOST_PROCESSED = 500
"""How many contexts, each as it is inside another one, a thread keeps worked out."""


class WatchingProcessor(jsonld.JsonLdProcessor):  # type: ignore[misc]  # PyLD ships no types
    """Expands as PyLD does.

    Args:
        dropped: where the members that it leaves out are noted.
        processed: what was worked out of the same loader's contexts before, in the same thread.
    """

    def __init__(self, dropped: list[str], processed: dict[Any, Any]) -> None:
        super().__init__()
        self._dropped = dropped
        self._processed = processed

    def _process_context(self, active_ctx: Any, local_ctx: Any, options: Any, **named: Any) -> Any:  # noqa: ANN401  - handed on
        key = _key(active_ctx, local_ctx, named)
        if key is None:
            return super()._process_context(active_ctx, local_ctx, options, **named)
        if key not in self._processed:
            found = super()._process_context(active_ctx, local_ctx, options, **named)
            if len(self._processed) >= MOST_PROCESSED:
                self._processed.clear()
            # what the key names by its place in memory is kept, so that nothing else comes to lie there
            self._processed[key] = (found, active_ctx, local_ctx)
        return self._processed[key][0]

    def _expand(self, active_ctx: Any, name: Any, element: Any, *more: Any, **options: Any) -> Any:  # noqa: ANN401  - handed on
        expanded = super()._expand(active_ctx, name, element, *more, **options)
        idle = expanded == [] and (options.get("inside_index") or not _is_term(active_ctx, name))
        if (expanded is None and element is not None) or idle:
            self._dropped.append(str(name or "@graph"))
        return expanded

    def _expand_language_map(self, active_ctx: Any, language_map: Any, *more: Any) -> Any:  # noqa: ANN401  - as above
        self._dropped.extend(str(tag) for tag, texts in language_map.items() if texts == [])
        return super()._expand_language_map(active_ctx, language_map, *more)

    def _expand_index_map(self, active_ctx: Any, *arguments: Any) -> Any:  # noqa: ANN401  - as above
        members, index, base = arguments[1], arguments[2], arguments[5]["base"]
        found = super()._expand_index_map(active_ctx, *arguments)
        if index == "@id":
            names = {self._expand_iri(active_ctx, name, base=base) for name in members} - {"@none"}
            self._dropped.extend(names - {item.get("@id") for item in found})
        return found

    def _expand_object(self, active_ctx: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401  - handed on
        element = arguments[2]
        for key in element:
            meaning = key if key == "@context" else self._expand_iri(active_ctx, key, vocab=True)
            if meaning is None or not (meaning in _KEYWORDS or is_absolute(meaning)):
                self._dropped.append(key)
        return super()._expand_object(active_ctx, *arguments, **options)


def _key(active_ctx: Any, local_ctx: Any, named: dict[str, Any]) -> tuple[Any, ...] | None:  # noqa: ANN401  - PyLD ships no types
    """Name a context inside another one: by addresses, or as the part of a known context that it is."""
    if "cycles" in named:
        return None
    local: Any = id(local_ctx)
    if isinstance(local_ctx, str | list):
        local = (local_ctx,) if isinstance(local_ctx, str) else tuple(local_ctx)
        if not all(isinstance(one, str) for one in local):
            return None
    return id(active_ctx), local, *sorted(named.items())


def _is_term(active_ctx: Any, name: Any) -> bool:  # noqa: ANN401  - PyLD ships no types
    return name is None or str(name).startswith("@") or name in active_ctx["mappings"]

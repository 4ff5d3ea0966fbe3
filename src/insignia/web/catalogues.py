"""Spanish: one small .po file per area in `locale/es/`, merged and compiled at start without msgfmt.

English is the text in the source. A page owner adds `locale/es/<area>.po`;
`python -m insignia.web.catalogues <area>` writes the texts that no file has yet into it, to be translated.
The compiled file lies in the data directory, so that the package itself may be read-only.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCES = Path(__file__).parent / "locale"
PACKAGE = Path(__file__).parents[1]
LANGUAGES = ("es",)
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def catalogues_compile(target: Path) -> None:
    """Write `<target>/<language>/LC_MESSAGES/django.mo` where a source is newer than it."""
    for language in LANGUAGES:
        compiled = target / language / "LC_MESSAGES" / "django.mo"
        sources = sorted((SOURCES / language).glob("*.po"))
        newest = max((source.stat().st_mtime for source in sources), default=0.0)
        stamp = f"{newest}:{len(sources)}"
        if _stamp(compiled) != stamp:
            _replace(compiled, _bytes(catalogue_merged(language)))
            _replace(compiled.with_suffix(".stamp"), stamp.encode())


def catalogue_merged(language: str) -> Catalog:
    """Read every area's file of one language into one catalogue; the first translation of a text stands."""
    merged = Catalog(locale=language, domain="django", charset="utf-8")
    for source in sorted((SOURCES / language).glob("*.po")):
        with source.open("rb") as stream:
            for message in read_po(stream, locale=language):
                if message.id and _translated(message) and not _known(merged, message):
                    merged.add(message.id, message.string, context=message.context, flags=message.flags)
    return merged


def messages_used() -> dict[tuple[str | None, str], Path]:
    """Collect each text (context, singular) that our source and templates ask to translate, with one place."""
    found: dict[tuple[str | None, str], Path] = {}
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.txt")]):
        for context, text in _texts(path):
            found.setdefault((context, _singular(text)), path)
    return found


def messages_missing(language: str = "es") -> dict[tuple[str | None, str], Path]:
    """Give the texts in use that have no translation."""
    known = catalogue_merged(language)
    return {
        (context, text): path
        for (context, text), path in messages_used().items()
        if (entry := known.get(text, context)) is None or not _translated(entry)
    }


def area_extend(area: str, language: str = "es") -> int:
    """Append what is missing to the area's file, to be translated by hand; return how many."""
    path = SOURCES / language / f"{area}.po"
    catalogue = Catalog(locale=language, charset="utf-8", fuzzy=False)
    if path.exists():
        with path.open("rb") as stream:
            catalogue = read_po(stream, locale=language)
    missing = messages_missing(language)
    for place in sorted(set(missing.values())):
        for context, text in _texts(place):
            if (context, _singular(text)) in missing and catalogue.get(_singular(text), context) is None:
                catalogue.add(text, context=context, locations=[(str(place.relative_to(PACKAGE)), 1)])
    with path.open("wb") as stream:
        write_po(stream, catalogue, width=110, include_lineno=False)
    return len(missing)


def _singular(text: str | tuple[str, str]) -> str:
    return text if isinstance(text, str) else text[0]


def _texts(path: Path) -> Iterator[tuple[str | None, str | tuple[str, str]]]:
    from django.utils.translation.template import templatize

    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        if "trans" not in source and "_(" not in source:
            return
        # What is left of the page reads as Python; its indentation means nothing there.
        source = "\n".join(line.lstrip() for line in templatize(source).split("\n"))
    calls: Iterable[Any] = extract_python(BytesIO(source.encode()), KEYWORDS, [], {"encoding": "utf-8"})
    for _line, function, messages, _comments in calls:
        yield from _shaped(function or "", messages)


def _shaped(
    function: str, messages: str | tuple[str, ...] | None
) -> Iterator[tuple[str | None, str | tuple[str, str]]]:
    parts: tuple[object, ...] = messages if isinstance(messages, tuple) else (messages,)
    texts = [part for part in parts if isinstance(part, str)]  # a text made at run time is None
    context = texts.pop(0) if function.startswith(("pgettext", "npgettext")) and texts else None
    if not texts or not texts[0]:
        return
    yield context, (texts[0], texts[1]) if function.startswith("n") and len(texts) > 1 else texts[0]


def _translated(message: Message) -> bool:
    if "fuzzy" in message.flags:
        return False
    return all(message.string) if isinstance(message.string, (tuple, list)) else bool(message.string)


def _known(catalogue: Catalog, message: Message) -> bool:
    return catalogue.get(message.id, message.context) is not None


def _stamp(compiled: Path) -> str:
    mark = compiled.with_suffix(".stamp")
    return mark.read_text() if compiled.exists() and mark.exists() else ""


def _bytes(catalogue: Catalog) -> bytes:
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    Path(name).replace(path)


if __name__ == "__main__":
    sys.stdout.write(f"{area_extend(sys.argv[1])} texts added to locale/es/{sys.argv[1]}.po\n")

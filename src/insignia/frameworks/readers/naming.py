"""Checks that all readers make over what they have read: names that are missing, doubled or too many."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING

from insignia.frameworks.errors import FrameworkEmpty, FrameworkTooLarge
from insignia.frameworks.plain import one_line, without_controls
from insignia.frameworks.source import MAX_ASSOCIATIONS, MAX_ITEMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sized

    from insignia.frameworks.findings import Findings
    from insignia.frameworks.source import SourceItem

_SUFFIXES = re.compile(r"(\.(case|ceasn|jsonld|json|csv|tsv|txt))+$", re.IGNORECASE)


def title_from_filename(filename: str) -> str:
    """Make a title of a file's name: `our_skills.case.json` gives `our skills`."""
    name = PurePath(without_controls(filename).replace("\\", "/")).name
    return one_line(_SUFFIXES.sub("", name).replace("_", " "))[:200] or "Framework"


def require_count(items: Sized, associations: Sized = ()) -> None:
    """Refuse more than we take.

    Raises:
        FrameworkTooLarge: too many items or associations.
    """
    for things, limit, name in ((items, MAX_ITEMS, "items"), (associations, MAX_ASSOCIATIONS, "associations")):
        if len(things) > limit:
            raise FrameworkTooLarge(
                f"The file has more than {limit:,} {name}. Split it into several frameworks.", limit=limit
            )


def distinct(items: Iterable[SourceItem], findings: Findings) -> tuple[SourceItem, ...]:
    """Keep the first item of each identifier; note doubled identifiers and codes.

    Raises:
        FrameworkEmpty: there is none.
    """
    first: dict[str, SourceItem] = {}
    for item in items:
        if item.identifier in first:
            findings.note("duplicate-item", item.where)
        first.setdefault(item.identifier, item)
    if not first:
        raise FrameworkEmpty("The file has the right shape and not one item. Export it again with its items.")
    codes = Counter(item.human_code for item in first.values() if item.human_code)
    for item in first.values():
        if codes[item.human_code] > 1:
            findings.note("duplicate-code", item.where, code=item.human_code)
    return tuple(first.values())

"""The oddities a framework file can have: what we call each, and what was done about it.

A finding is never an error: the import goes on. Its code is stable; pages translate the two sentences by code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from insignia.frameworks.plain import without_controls

EXAMPLES_KEPT = 50  # of each code; beyond, only the count grows


class Weight(StrEnum):
    """How much a finding asks of the reader."""

    NOTE = "note"  # kept as it is; good to know
    MENDED = "mended"  # read differently from how it was written
    LEFT_OUT = "left-out"  # something of the file is not in the import


@dataclass(frozen=True)
class Kind:
    """What one code means: `what` the file has, and what was `done` with it."""

    weight: Weight
    what: str
    done: str


def _(text: str) -> str:
    """Mark a sentence that pages translate by its English text."""
    return text


KINDS: Mapping[str, Kind] = {
    # The file
    "encoding-guessed": Kind(Weight.MENDED, _("The file is not UTF-8."), _("It was read as {encoding}.")),
    "wrapper-removed": Kind(Weight.NOTE, _("The package lies inside another object."), _("The package was read.")),
    "part-not-imported": Kind(Weight.LEFT_OUT, _("The file has a part called {name}."), _("It was not imported.")),
    "column-unknown": Kind(
        Weight.NOTE, _("The table has a column called {name}."), _("Its cells are kept as notes.")
    ),
    "row-too-long": Kind(
        Weight.LEFT_OUT, _("The row has more cells than the header."), _("Extra cells were left out.")
    ),
    "row-empty": Kind(Weight.LEFT_OUT, _("The row is empty."), _("It was left out.")),
    # The framework itself
    "document-missing": Kind(
        Weight.MENDED,
        _("The file does not describe the framework."),
        _("Title and identifier follow the file's name."),
    ),
    "document-known": Kind(
        Weight.NOTE, _("The file does not describe the framework."), _("Its shape says what it is: {name}.")
    ),
    "title-missing": Kind(
        Weight.MENDED, _("The framework has no title."), _("The file's name serves as its title.")
    ),
    "licence-missing": Kind(
        Weight.NOTE, _("The file states no licence."), _("Pages say that the licence is not stated.")
    ),
    "licence-unresolved": Kind(
        Weight.NOTE, _("The licence is named and not described."), _("Its address is kept.")
    ),
    "definition-incomplete": Kind(
        Weight.NOTE,
        _("A definition lacks {name}, which CASE requires."),
        _("The item types are used as they are."),
    ),
    "older-than-stored": Kind(
        Weight.NOTE, _("The file is older than the import before it."), _("It was imported all the same.")
    ),
    # Items
    "item-unreadable": Kind(Weight.LEFT_OUT, _("The entry is no item."), _("It was left out.")),
    "identifier-missing": Kind(
        Weight.MENDED, _("The item has no identifier."), _("One was derived from its address, code or text.")
    ),
    "identifier-not-uuid": Kind(Weight.NOTE, _("The identifier is no UUID."), _("It is kept as written.")),
    "identifier-too-long": Kind(Weight.MENDED, _("The identifier is too long."), _("A digest of it is used.")),
    "duplicate-item": Kind(
        Weight.LEFT_OUT, _("An item before it has the same identifier."), _("The first one counts.")
    ),
    "duplicate-code": Kind(
        Weight.NOTE, _("Another item has the same code, {code}."), _("Both are kept; look at the statement.")
    ),
    "statement-missing": Kind(
        Weight.MENDED, _("The item has no full statement."), _("Its short statement or code serves instead.")
    ),
    "item-without-text": Kind(
        Weight.LEFT_OUT, _("The item has neither statement nor code."), _("It was left out.")
    ),
    "code-missing": Kind(Weight.NOTE, _("The item has no code."), _("It is found by its words.")),
    "item-type-missing": Kind(Weight.NOTE, _("The item has no type."), _("It is shown without one.")),
    "field-misspelt": Kind(Weight.MENDED, _("{name} is a misspelling of {meant}."), _("It was read as {meant}.")),
    "wrong-type": Kind(Weight.MENDED, _("{name} is not written as CASE asks."), _("It was read as text.")),
    "value-unusable": Kind(Weight.LEFT_OUT, _("{name} has no value that can be read."), _("It was left out.")),
    "number-as-text": Kind(Weight.MENDED, _("{name} is a number written as text."), _("It was read as a number.")),
    "address-unusable": Kind(
        Weight.LEFT_OUT, _("{name} is no address that can be linked."), _("It was left out.")
    ),
    "html-removed": Kind(Weight.MENDED, _("{name} contains HTML."), _("It was turned into plain text.")),
    "latex-mended": Kind(
        Weight.MENDED,
        _("{name} has LaTeX commands broken by a wrong escape."),
        _("Their backslashes were put back."),
    ),
    "characters-removed": Kind(Weight.MENDED, _("{name} contains control characters."), _("They were removed.")),
    "formula-cell": Kind(
        Weight.NOTE, _("{name} begins like a spreadsheet formula."), _("It is kept as text and never computed.")
    ),
    "text-cut": Kind(Weight.LEFT_OUT, _("{name} is longer than {limit} characters."), _("The rest was left out.")),
    "status-ended": Kind(
        Weight.NOTE,
        _("The item is dated to end on {on}."),
        _("An import on or after that day shows it as retired; nothing changes by itself."),
    ),
    "date-unreadable": Kind(Weight.LEFT_OUT, _("{name} is no date."), _("It was left out.")),
    "rubric-rows-as-items": Kind(
        Weight.NOTE, _("A rubric is written as an item of type Rubric."), _("It was imported as an item.")
    ),
    "level-unknown": Kind(Weight.NOTE, _("The level {name} is not in the file."), _("Its name is kept.")),
    # Where items stand
    "parent-unknown": Kind(
        Weight.MENDED, _("The parent {name} is not in the file."), _("The item stands at the top.")
    ),
    "parent-missing": Kind(
        Weight.MENDED, _("The item says nothing about its parent."), _("It stands at the top.")
    ),
    "second-parent": Kind(
        Weight.NOTE,
        _("The item has more than one parent."),
        _("The first counts; the others are kept as ties."),
    ),
    "parent-cycle": Kind(
        Weight.MENDED,
        _("The item is its own ancestor."),
        _("The closing link was cut; the item stands at the top."),
    ),
    "too-deep": Kind(Weight.MENDED, _("The item lies more than {limit} levels deep."), _("It stands at the top.")),
    "order-missing": Kind(
        Weight.NOTE,
        _("Not all items beside each other have a number."),
        _("They follow in the order of the file."),
    ),
    # Ties
    "association-unreadable": Kind(Weight.LEFT_OUT, _("The entry is no association."), _("It was left out.")),
    "association-incomplete": Kind(Weight.LEFT_OUT, _("The association lacks its {name}."), _("It was left out.")),
    "association-type-unknown": Kind(
        Weight.NOTE, _("CASE has no association type called {name}."), _("The tie is kept under that name.")
    ),
    "association-type-misspelt": Kind(
        Weight.MENDED,
        _("The association type {name} is written differently in CASE."),
        _("It was read as {meant}."),
    ),
    "association-origin-unknown": Kind(
        Weight.LEFT_OUT, _("The association starts at an item that is not in the file."), _("It was left out.")
    ),
    "association-outside": Kind(
        Weight.NOTE, _("The association points at an item outside the file."), _("The tie is kept as an address.")
    ),
    "duplicate-association": Kind(
        Weight.LEFT_OUT, _("The same association is written twice."), _("The first one counts.")
    ),
    "self-association": Kind(Weight.LEFT_OUT, _("The item is tied to itself."), _("The tie was left out.")),
}


@dataclass(frozen=True)
class Finding:
    """One oddity: its code, where in the file (`CFItems[3]`, `row 7`), and what its sentences name."""

    code: str
    where: str
    data: Mapping[str, str] = field(default_factory=dict)

    @property
    def weight(self) -> Weight:
        """Say how much it asks of the reader."""
        return KINDS[self.code].weight

    @property
    def what(self) -> str:
        """Say in English what the file has."""
        return KINDS[self.code].what.format_map(self.data)

    @property
    def done(self) -> str:
        """Say in English what was done about it."""
        return KINDS[self.code].done.format_map(self.data)


class Findings:
    """A collector that stays small however odd the file: examples of each code, and every count."""

    def __init__(self) -> None:
        self._examples: list[Finding] = []
        self.counts: Counter[str] = Counter()

    def note(self, code: str, where: str, /, **data: str) -> None:
        """Write down one oddity. Values are cut: a finding quotes, it does not carry."""
        self.counts[code] += 1
        if self.counts[code] <= EXAMPLES_KEPT:
            shown = {key: without_controls(text)[:120] for key, text in data.items()}
            self._examples.append(Finding(code, without_controls(where)[:200], shown))

    @property
    def examples(self) -> tuple[Finding, ...]:
        """Give the kept examples in the order they were met."""
        return tuple(self._examples)

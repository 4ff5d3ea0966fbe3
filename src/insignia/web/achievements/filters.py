"""What the catalogue was asked: read from the address, so that a search can be sent to somebody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext_lazy
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from insignia.achievements.selectors import CatalogueChoices
from insignia.foundation.localized import localized_pick
from insignia.web.achievements import words

HOURS = (5, 10, 20, 40)
EVERY: tuple[str, Promise] = ("", _("Any"))


@dataclass(frozen=True)
class Chosen:
    """One filter in force: what it is, and the address without it."""

    label: str
    query: str


class CatalogueForm(forms.Form):
    """The search and its filters; a value that means nothing here is left out, never an error."""

    q = forms.CharField(required=False, max_length=200, label=_("Skill or badge"))
    field = forms.ChoiceField(required=False, label=_("Field"))
    level = forms.TypedChoiceField(required=False, label=_("Level"), coerce=int, empty_value=None)
    hours = forms.TypedChoiceField(required=False, label=_("Hours of work"), coerce=int, empty_value=None)
    language = forms.ChoiceField(required=False, label=_("Language"))
    organization = forms.ChoiceField(required=False, label=_("Organization"))

    def __init__(self, data: Mapping[str, str], choices: CatalogueChoices) -> None:
        super().__init__({name: value.replace("\0", "") for name, value in data.items()})
        self.offered = choices
        self._words: dict[tuple[str, object], str] = {}
        self.fields["class"] = forms.ChoiceField(required=False, label=_("What it proves"))
        language = get_language() or "en"
        named = sorted((localized_pick(row.name, language), row.slug) for row in choices.organizations)
        self._offer("field", words.FIELDS.items())
        self._offer("class", words.CLASSES.items())
        self._offer("level", ((level, say("%(level)d of 4") % {"level": level}) for level in choices.levels))
        self._offer("hours", ((hours, _at_most(hours)) for hours in HOURS))
        self._offer("language", ((tag, capfirst(words.language_name(tag))) for tag in choices.languages))
        self._offer("organization", ((slug, name) for name, slug in named))
        self.order_fields(["q", "field", "class", "level", "hours", "language", "organization"])
        self.data = {name: value for name, value in self.data.items() if name not in self.errors}
        self.full_clean()

    def _offer(self, name: str, choices: Iterable[tuple[object, object]]) -> None:
        offered = list(choices)
        cast("forms.ChoiceField", self.fields[name]).choices = [EVERY, *offered]
        self._words.update({(name, value): str(word) for value, word in offered})

    def asked(self) -> dict[str, Any]:
        """Give what was understood, by `catalogue_list`'s names."""
        found = self.cleaned_data
        rows = (row for row in self.offered.organizations if row.slug == found["organization"])
        return {
            "query": found["q"],
            "field": found["field"],
            "credential_class": found["class"],
            "level": found["level"],
            "hours_at_most": found["hours"],
            "language": found["language"],
            "organization": next(rows, None),
        }

    def query(self, *, without: str = "") -> str:
        """Spell the address' query of what is in force, without one of them."""
        pairs = ((name, self.cleaned_data[name]) for name in self.fields if name != without)
        return urlencode([(name, value) for name, value in pairs if value])

    def chosen(self) -> Iterator[Chosen]:
        """List the filters in force, with the way to take each one away."""
        for name in self.fields:
            value, box = self.cleaned_data[name], self.fields[name]
            if value and name == "q":
                yield Chosen(f"“{value}”", self.query(without=name))
            elif value:
                yield Chosen(f"{box.label}: {self._words[name, value]}", self.query(without=name))

    @property
    def selects(self) -> list[forms.BoundField]:
        """List the filters beside the search."""
        return [self[name] for name in self.fields if name != "q"]


def _at_most(hours: int) -> str:
    return str(ngettext_lazy("Up to %(number)d hour", "Up to %(number)d hours", hours) % {"number": hours})

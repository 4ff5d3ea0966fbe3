"""Forms about runs. They check shape only; what a table holds, the domain judges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from insignia.runs.mapping import DAY_FIRST, EXAM_FIELDS, FIELDS, MONTH_FIRST, ColumnMapping

PEOPLE, EXAMS = "people", "exams"
FIELD_WORDS: Mapping[str, Promise] = {
    "email": _("E-mail address"),
    "name": _("Name"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "number": _("Number at your school"),
    "language": _("Language of the mail"),
    "awarded_on": _("Day it was earned"),
    "expires_on": _("Last day it is in force"),
    "narrative": _("What they did, for the badge itself"),
    "exam": _("Exam"),
    "score": _("Score"),
    "passed": _("Passed (yes or no)"),
    "proctored": _("Supervised (yes or no)"),
}
SOURCE_MISSING = _("Choose a file, paste rows, or choose a class.")
SOURCE_TWICE = _("There is more than one table here. Keep the file, the pasted rows or the class.")


class RunForm(forms.Form):
    """Which badge, and for whom: one of a file, pasted rows, a class. `key` makes sending it twice harmless."""

    badge = forms.ChoiceField(
        label=_("Badge"),
        error_messages={"required": _("Choose the badge."), "invalid_choice": _("Choose the badge.")},
    )
    kind = forms.ChoiceField(
        label=_("What does the table hold?"),
        choices=((PEOPLE, _("People who get the badge")), (EXAMS, _("Results of an exam"))),
        widget=forms.RadioSelect,
        initial=PEOPLE,
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("Excel (.xlsx), OpenDocument (.ods), CSV or lines of JSON, up to 1,000,000 rows."),
        required=False,
        error_messages={"empty": _("This file has nothing in it. Choose another one.")},
    )
    pasted = forms.CharField(
        label=_("Pasted rows"),
        help_text=_("Rows copied from a spreadsheet, or addresses alone."),
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
        strip=False,
    )
    group = forms.ChoiceField(label=_("Class or cohort"), required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401  - Django's own signature
        badges: Sequence[tuple[str, str]],
        groups: Sequence[tuple[str, int]],
        **kwargs: Any,  # noqa: ANN401  - as above
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid4
        _choices(self.fields["badge"], [("", _("Choose…")), *badges])
        _choices(self.fields["group"], [("", _("None")), *((name, f"{name} ({count})") for name, count in groups)])
        if not groups:
            del self.fields["group"]

    def draw_key(self) -> None:
        """Let the form, as it is shown again, ask for a run of its own."""
        self.data = {**self.data, "key": str(uuid4())}

    def clean(self) -> dict[str, Any]:
        """Take exactly one table."""
        cleaned = super().clean() or {}
        given = [name for name in ("file", "pasted", "group") if cleaned.get(name)]
        if not given and "file" not in self.errors:
            self.add_error("file", str(SOURCE_MISSING))
        if len(given) > 1:
            self.add_error(given[0], str(SOURCE_TWICE))
        return cleaned


class ColumnsForm(forms.Form):
    """Which column holds what; a field for each thing that a row may say."""

    use_required_attribute = False
    date_order = forms.ChoiceField(
        label=_("Dates such as 03/04/2026 mean"),
        choices=((DAY_FIRST, _("3 April")), (MONTH_FIRST, _("March 4"))),
        widget=forms.RadioSelect,
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401  - Django's own signature
        columns: Sequence[str],
        exams: bool,
        mapping: ColumnMapping,
        **kwargs: Any,  # noqa: ANN401  - as above
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("not in the table")), *((name, name) for name in columns)]
        wanted = [name for name in FIELDS if exams or name not in EXAM_FIELDS]
        for name in wanted:
            self.fields[name] = forms.ChoiceField(
                label=str(FIELD_WORDS[name]),
                choices=choices,
                required=False,
                initial=mapping.columns.get(name, ""),
            )
        self.fields["date_order"].initial = mapping.date_order
        self.order_fields([*wanted, "date_order"])
        self.wanted = wanted

    def shown(self) -> ColumnsForm:
        """Give the form as a page shows it: “not in the table” says enough of what is optional."""
        for name in self.wanted:
            self.fields[name].required = True
        return self

    def mapping(self) -> ColumnMapping:
        """Give what was chosen."""
        chosen = {name: self.cleaned_data[name] for name in self.wanted if self.cleaned_data[name]}
        return ColumnMapping(chosen, self.cleaned_data["date_order"])


class OverrideForm(forms.Form):
    """Why rows without assessment get the badge all the same."""

    reason = forms.CharField(
        label=_("Reason for the exception"),
        help_text=_("Who judged the work, when, and where the papers are. The record keeps it for good."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Write a reason of 1 to 500 characters. It is kept in the record for good."),
            "max_length": _("Write a reason of 1 to 500 characters. It is kept in the record for good."),
        },
    )


def _choices(field: forms.Field, choices: Iterable[tuple[str, object]]) -> None:
    if isinstance(field, forms.ChoiceField):
        field.choices = list(choices)

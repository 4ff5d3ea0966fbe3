"""Forms about awards. They check shape only; rights and rules are the domain's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from insignia.awards.rules import SHARE_VALIDITY, Openness

VISIBILITIES: tuple[tuple[str, Promise], ...] = (
    ("private", _("Nobody else. Only you and the school see it.")),
    ("link", _("Whoever has a link that you made.")),
    ("public", _("Everyone who has its address; the start page here may show it with your name.")),
)


class ChoicesForm(forms.Form):
    """Who sees the award, and which pieces of evidence they see. What is not allowed is not offered."""

    visibility = forms.ChoiceField(label=_("Who sees this badge?"), widget=forms.RadioSelect)
    shown = forms.TypedMultipleChoiceField(
        label=_("Which work do they see?"),
        help_text=_("What you leave out was seen by the assessors only."),
        widget=forms.CheckboxSelectMultiple,
        coerce=int,
        required=False,
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401  - Django's own signature
        openness: Openness,
        pieces: Sequence[tuple[int, str]],
        **kwargs: Any,  # noqa: ANN401  - as above
    ) -> None:
        super().__init__(*args, **kwargs)
        allowed = {"private": True, "link": openness.may_be_linked, "public": openness.may_be_public}
        visibility, shown = self.fields["visibility"], self.fields["shown"]
        if isinstance(visibility, forms.ChoiceField):
            visibility.choices = [(name, words) for name, words in VISIBILITIES if allowed[name]]
        if isinstance(shown, forms.TypedMultipleChoiceField):
            shown.choices = list(pieces)
        if not pieces:
            del self.fields["shown"]


class ShareForm(forms.Form):
    """A link to one award: for whom, until when."""

    label = forms.CharField(
        label=_("For whom?"),
        help_text=_("For your own list, such as “Admissions, Quillwater College”. They do not see it."),
        max_length=120,
        required=False,
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        help_text=_("After this day the link opens nothing. You can end it any time before."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Choose the last day, such as 2026-09-01."),
            "invalid": _("This is no day. Write it like 2026-09-01."),
        },
    )

    @classmethod
    def fresh(cls, today: date) -> ShareForm:
        """Give the form as it is first seen: 90 days."""
        return cls(initial={"ends_on": today + SHARE_VALIDITY})

    def expires_at(self, time_zone: str) -> datetime:
        """Give the end of the last day in this zone."""
        return datetime.combine(self.cleaned_data["ends_on"], time(23, 59, 59), ZoneInfo(time_zone))


class ReasonForm(forms.Form):
    """Why a badge is revoked, paused, put back in force or stopped."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("One sentence, without names or grades. The learner gets it by mail."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Write a reason of 1 to 500 characters. Whoever checks the badge reads it."),
            "max_length": _("Write a reason of 1 to 500 characters. Whoever checks the badge reads it."),
        },
    )


class QuietReasonForm(ReasonForm):
    """Why badges are signed again: nobody is told, since nothing they say has changed."""

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["reason"].help_text = _(
            "One sentence, without names or grades. It stays in the record; nobody gets a mail."
        )


STATES: tuple[tuple[str, Promise], ...] = (
    ("", _("All")),
    ("valid", _("In force")),
    ("signing", _("Being signed")),
    ("suspended", _("Suspended")),
    ("revoked", _("Revoked")),
    ("expired", _("Expired")),
)


class RegisterForm(forms.Form):
    """The filters of the registrar's list; anything else in the address is ignored."""

    use_required_attribute = False
    q = forms.CharField(label=_("Name or badge"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)

    def shown(self) -> RegisterForm:
        """Give the form as a page shows it: nobody wonders whether a filter is optional."""
        for field in self.fields.values():
            field.required = True
        return self

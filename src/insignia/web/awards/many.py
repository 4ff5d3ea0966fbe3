"""Changing many badges at once: choose, see how many, say why; then watch it happen, and stop it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from insignia.audit.actor import Actor
from insignia.awards.errors import MeantOtherwise
from insignia.awards.register import badges_given, mass_change_in, mass_changes_in
from insignia.awards.selection import Selection, awards_meant
from insignia.awards.services import awards_change_many, mass_change_stop
from insignia.foundation.errors import Conflict, Invalid
from insignia.foundation.localized import localized_pick
from insignia.web.awards.forms import STATES, QuietReasonForm, ReasonForm
from insignia.web.awards.words import in_words, worded
from insignia.web.organizations.access import Seat, seat_of

if TYPE_CHECKING:
    from insignia.awards.models import MassChange

MOST_NAMED = 500
CHANGEABLE = [(name, words) for name, words in STATES if name not in {"signing", "revoked"}]


@dataclass(frozen=True)
class ManyWords:
    """One change of many: what it is called, its button, what it means."""

    title: Promise
    button: Promise
    meaning: Promise
    is_final: bool = False


CHANGES: Mapping[str, ManyWords] = {
    "revoked": ManyWords(
        _("Revoke"),
        _("Revoke them for good"),
        _("Whoever checks them reads date and reason. This cannot be taken back."),
        is_final=True,
    ),
    "suspended": ManyWords(_("Pause"), _("Pause them"), _("They do not count until you lift the pause.")),
    "reinstated": ManyWords(_("Lift the pause"), _("Lift the pause"), _("They are in force again.")),
    "renewed": ManyWords(
        _("Renew"),
        _("Renew them"),
        _("Those that end soon, or ended within a year, and whose badge you may renew without new work."),
    ),
    "reissued": ManyWords(
        _("Sign again"),
        _("Sign them again"),
        _("Those signed with a key you no longer use get a copy signed with the new one."),
    ),
}


class SelectionForm(forms.Form):
    """Which badges are meant, and what is to happen. Everything may be left open but the change."""

    use_required_attribute = False
    change = forms.ChoiceField(
        label=_("What is to happen?"), choices=[(name, words.title) for name, words in CHANGES.items()]
    )
    badge = forms.ChoiceField(label=_("Badge"), required=False)
    given_from = forms.DateField(label=_("Given from"), required=False)
    given_to = forms.DateField(label=_("Given until"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        choices=CHANGEABLE,
        required=False,
    )
    run = forms.UUIDField(widget=forms.HiddenInput, required=False)
    award = forms.CharField(widget=forms.MultipleHiddenInput, required=False)

    def __init__(self, data: QueryDict, *, seat: Seat) -> None:
        super().__init__(data)
        language = get_language() or "en"
        badge = self.fields["badge"]
        if isinstance(badge, forms.ChoiceField):
            named = [
                (str(lineage), localized_pick(name, language)) for lineage, name in badges_given(seat.organization)
            ]
            badge.choices = [("", _("All")), *named]
        for name in ("given_from", "given_to"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    @property
    def ticked(self) -> list[str]:
        """List what was ticked one by one, as it was sent; one more than may be is enough to tell."""
        return self.data.getlist("award")[: MOST_NAMED + 1] if isinstance(self.data, QueryDict) else []

    @property
    def tick_problem(self) -> str:
        """Say what is wrong with what was ticked: to leave some out would mean others, or even all."""
        if len(self.ticked) > MOST_NAMED:
            return _("Up to %(number)s badges go at a time. Tick fewer.") % {"number": MOST_NAMED}
        if not all(_is_id(one) for one in self.ticked):
            return str(_("What was sent does not say which badges were ticked. Tick them again."))
        return ""

    @property
    def named(self) -> tuple[UUID, ...]:
        """List the badges that were ticked; nothing while something is wrong with them."""
        return () if self.tick_problem else tuple(UUID(one) for one in self.ticked)

    def clean(self) -> dict[str, Any]:
        """Refuse the whole choice where what was ticked cannot be told."""
        if self.tick_problem:
            self.add_error(None, self.tick_problem)
        return self.cleaned_data

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """Give what was chosen as pairs for hidden fields, so that the change is of what was counted."""
        names = ("change", "badge", "given_from", "given_to", "state", "run")
        pairs = [(name, str(self.data.get(name, ""))) for name in names]
        return [*pairs, *(("award", str(one)) for one in self.named)]

    def selection(self) -> Selection:
        """Give what was chosen."""
        found = self.cleaned_data
        return Selection(
            ids=self.named,
            run=found["run"],
            badge=UUID(found["badge"]) if found["badge"] else None,
            given_from=found["given_from"],
            given_to=found["given_to"],
            state=found["state"],
        )


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@worded
def award_many(request: HttpRequest, organization: str) -> HttpResponse:
    """Choose which badges are meant; see how many; give a reason and begin."""
    seat = seat_of(request, organization, role="registrar")
    is_posted = request.method == "POST"
    posted = request.POST if is_posted else _with_change(request.GET)
    form = SelectionForm(posted, seat=seat)
    is_asked = (is_posted or "change" in request.GET) and form.is_valid()
    asking = QuietReasonForm if posted.get("change") == "reissued" else ReasonForm
    reason = asking(request.POST if is_posted else None)
    # what is typed stays while another choice above is counted
    reason.fields["reason"].widget.attrs["hx-preserve"] = "true"
    status = 422 if is_posted or form.tick_problem else 200
    if is_posted and is_asked and reason.is_valid():
        try:
            return _begin(seat, form, reason, expected=_shown(request))
        except MeantOtherwise:
            status = 409
        except (Conflict, Invalid) as error:
            reason.add_error("reason", in_words(error))
    context = {
        "school": seat.organization,
        "form": form,
        "reason_form": reason,
        "is_asked": is_asked,
        "is_outdated": status == HTTPStatus.CONFLICT,
        "count": _count(seat, form) if is_asked else 0,
        "words": CHANGES.get(posted.get("change", "")),
        "named": form.named,
        "earlier": [(mass, CHANGES[mass.kind]) for mass in _earlier(seat)],
    }
    return render(request, "awards/many.html", context, status=status)


def _shown(request: HttpRequest) -> int:
    """Give the number of badges that was shown beside the button; what is no such number fits none."""
    text = request.POST.get("shown", "")
    return int(text) if text.isdecimal() and len(text) <= len(str(sys.maxsize)) else -1


def _with_change(asked: QueryDict) -> QueryDict:
    """Give what the form shows: before anything was chosen, the change that the list shows first."""
    shown = asked.copy()
    shown.setdefault("change", next(iter(CHANGES)))
    return shown


def _earlier(seat: Seat) -> list[MassChange]:
    return mass_changes_in(organization=seat.organization, viewer=seat.person, limit=10)


def _count(seat: Seat, form: SelectionForm) -> int:
    change = form.cleaned_data["change"]
    return awards_meant(
        form.selection(), organization=seat.organization, change=change, on=datetime.now(UTC)
    ).count()


def _begin(seat: Seat, form: SelectionForm, reason: ReasonForm, *, expected: int) -> HttpResponseRedirect:
    mass = awards_change_many(
        organization=seat.organization,
        selection=form.selection(),
        change=form.cleaned_data["change"],
        reason=reason.cleaned_data["reason"],
        actor=Actor.person(seat.person),
        at=datetime.now(UTC),
        expected=expected,
    )
    return HttpResponseRedirect(_address(seat, mass), status=303)


@require_safe
@login_required
@worded
def mass_change(request: HttpRequest, organization: str, change_id: UUID) -> HttpResponse:
    """Show how far a change got; the page asks again by itself until it is over."""
    seat = seat_of(request, organization, role="registrar")
    mass = mass_change_in(organization=seat.organization, change_id=change_id, viewer=seat.person)
    context = {
        "school": seat.organization,
        "mass": mass,
        "words": CHANGES[mass.kind],
        "looked_at": mass.done + mass.refused,
        "is_over": mass.finished_at is not None or mass.stopped_at is not None,
        "zone": seat.organization.time_zone,
    }
    return render(request, "awards/mass_change.html", context)


@require_POST
@login_required
@worded
def mass_change_end(request: HttpRequest, organization: str, change_id: UUID) -> HttpResponse:
    """Stop a change where it is."""
    seat = seat_of(request, organization, role="registrar")
    mass = mass_change_stop(
        organization=seat.organization,
        change_id=change_id,
        actor=Actor.person(seat.person),
        at=datetime.now(UTC),
    )
    messages.success(request, str(_("Stopped. What was done stays done.")))
    return HttpResponseRedirect(_address(seat, mass), status=303)


def _address(seat: Seat, mass: MassChange) -> str:
    return reverse("mass_change", args=[seat.organization.slug, mass.public_id])

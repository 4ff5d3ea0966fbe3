"""The registrar corrects what a badge says, or renews it; what that does is said before it is done."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from insignia.audit.actor import Actor
from insignia.awards.credential import said_by
from insignia.awards.errors import CorrectionOutdated
from insignia.awards.register import award_in
from insignia.awards.rules import Said, corrected_facts, is_awarded_ahead, is_substantial
from insignia.awards.selectors import document_current, document_json
from insignia.awards.services import award_correct, award_renew
from insignia.foundation.errors import Conflict, Invalid
from insignia.web.awards.forms import ReasonForm
from insignia.web.awards.past import FACTS
from insignia.web.awards.words import SENTENCES, in_words, worded
from insignia.web.organizations.access import Seat, seat_of

if TYPE_CHECKING:
    from insignia.awards.models import Award, AwardDocument

DAYS = ("awarded_at", "valid_from", "valid_until")
END = time(23, 59, 59)
FIRST, LAST = date(1900, 1, 1), date(9000, 12, 31)
"""Days that can be written in every time zone, and that somebody may have meant."""


class CorrectionForm(ReasonForm):
    """What the badge should say: the name as it is written, the days as they were."""

    name = forms.CharField(label=_("Name on the badge"), required=False, max_length=200)
    awarded_at = forms.DateField(label=_("Awarded on"))
    valid_from = forms.DateField(label=_("First day"))
    valid_until = forms.DateField(label=_("Last day"), help_text=_("Empty means for ever."), required=False)
    field_order = ("name", *DAYS, "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  - Django's own signature
        super().__init__(*args, **kwargs)
        for name in DAYS:
            field = self.fields[name]
            field.widget = forms.DateInput(attrs={"type": "date", "min": FIRST, "max": LAST}, format="%Y-%m-%d")
            outside = _("Choose a day from 1900-01-01 to 9000-12-31.")
            field.validators += [MinValueValidator(FIRST, outside), MaxValueValidator(LAST, outside)]
            field.error_messages |= {
                "required": str(_("Choose a day, such as 2026-09-01.")),
                "invalid": str(_("This is no day. Write it like 2026-09-01.")),
            }

    @classmethod
    def of(cls, said: Said, *, zone: ZoneInfo) -> CorrectionForm:
        """Give the form as it is first seen: what the badge says now."""
        days = {name: _day(getattr(said, name), zone) for name in DAYS}
        return cls(initial={"name": said.name, **days})

    def said(self, before: Said, *, zone: ZoneInfo) -> Said:
        """Give what the badge should say; a day that was left alone keeps its hour."""
        found = self.cleaned_data
        moments = {name: _moment(name, before, found[name], zone) for name in DAYS}
        return Said(
            name=found["name"],
            awarded_at=moments["awarded_at"] or before.awarded_at,
            valid_from=moments["valid_from"] or before.valid_from,
            valid_until=moments["valid_until"],
        )


def _day(at: datetime | None, zone: ZoneInfo) -> date | None:
    return at.astimezone(zone).date() if at is not None else None


def _moment(name: str, before: Said, day: date | None, zone: ZoneInfo) -> datetime | None:
    now: datetime | None = getattr(before, name)
    if day is None or day == _day(now, zone):
        return now if day is not None else None
    return datetime.combine(day, END if name == "valid_until" else time(), zone).astimezone(UTC)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@worded
def award_correction(request: HttpRequest, organization: str, award_id: UUID) -> HttpResponse:
    """Show what the badge says, take what it should say, and say what that does before it is done."""
    seat = seat_of(request, organization, role="registrar")
    award = award_in(organization=seat.organization, award_id=award_id, viewer=seat.person)
    if award.issued_at is None:
        return _back(request, seat, award, _("This badge is not signed yet. Hold it instead."), is_refusal=True)
    document = document_current(award)
    zone, before = ZoneInfo(seat.organization.time_zone), said_by(document_json(award, document))
    form = CorrectionForm(request.POST) if request.method == "POST" else CorrectionForm.of(before, zone=zone)
    if request.method == "POST" and request.POST.get("document") != str(document.number):
        return _outdated(request, seat, award, form)
    if request.method == "POST" and form.is_valid():
        wanted = form.said(before, zone=zone)
        if is_awarded_ahead(before, wanted, at=datetime.now(UTC)):
            form.add_error("awarded_at", str(SENTENCES["awarded-ahead"]))
            return _page(request, seat, award, form, document)
        if "sure" not in request.POST:
            return _page(request, seat, award, form, document, changed=corrected_facts(before, wanted))
        done = _do(request, seat, award, form, document, wanted)
        if done is not None:
            return done
    return _page(request, seat, award, form, document)


def _outdated(request: HttpRequest, seat: Seat, award: Award, form: CorrectionForm) -> HttpResponse:
    """Show what the badge says by now beside what was typed, which belongs to an earlier copy of it."""
    document = document_current(award)
    now = said_by(document_json(award, document))
    return _page(request, seat, award, form, document, now=now)


def _page(
    request: HttpRequest,
    seat: Seat,
    award: Award,
    form: CorrectionForm,
    document: AwardDocument,
    *,
    changed: tuple[str, ...] | None = None,
    now: Said | None = None,
) -> HttpResponse:
    context = {
        "school": seat.organization,
        "award": award,
        "form": form,
        "document": document,
        "now": now,
        "changed": None if changed is None else [FACTS[fact] for fact in changed],
        "is_substantial": is_substantial(changed or ()),
    }
    status = 422 if form.errors else 200
    return render(request, "awards/award_correction.html", context, status=409 if now else status)


def _do(
    request: HttpRequest, seat: Seat, award: Award, form: CorrectionForm, document: AwardDocument, wanted: Said
) -> HttpResponse | None:
    """Correct; None where the form has to be shown again with what is wrong."""
    try:
        award_correct(
            award_id=award.public_id,
            said=wanted,
            reason=form.cleaned_data["reason"],
            actor=Actor.person(seat.person),
            at=datetime.now(UTC),
            expected_document=document.number,
        )
    except CorrectionOutdated:
        return _outdated(request, seat, award, form)
    except Conflict as error:
        return _back(request, seat, award, in_words(error), is_refusal=True)
    except Invalid as error:
        for name in error.fields:
            form.add_error(name if name in form.fields else None, in_words(error))
        return None
    return _back(request, seat, award, _("Corrected. The badge keeps its address and says it right from now on."))


@require_http_methods(["POST"])
@login_required
@worded
def award_renewal(request: HttpRequest, organization: str, award_id: UUID) -> HttpResponse:
    """Renew one badge on the organization's word."""
    seat = seat_of(request, organization, role="registrar")
    award = award_in(organization=seat.organization, award_id=award_id, viewer=seat.person)
    reason = request.POST.get("reason", "")
    try:
        award_renew(award_id=award.public_id, reason=reason, actor=Actor.person(seat.person), at=datetime.now(UTC))
    except (Conflict, Invalid) as error:
        return _back(request, seat, award, in_words(error), is_refusal=True)
    return _back(request, seat, award, _("Renewed. The badge keeps its address and its new last day."))


def _back(
    request: HttpRequest, seat: Seat, award: Award, words: object, *, is_refusal: bool = False
) -> HttpResponseRedirect:
    (messages.warning if is_refusal else messages.success)(request, str(words))
    address = reverse("award_record", args=[seat.organization.slug, award.public_id])
    return HttpResponseRedirect(address, status=303)

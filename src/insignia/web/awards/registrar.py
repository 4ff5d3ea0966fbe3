"""The registrar's pages: what was given, in which state; hold, release, pause, lift, revoke, with reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from insignia.audit.actor import Actor
from insignia.awards.errors import AwardNotFound
from insignia.awards.register import (
    award_in,
    changes_of,
    is_quarantined,
    register_of,
    standing_of,
    stopped_in,
    waiting_in,
)
from insignia.awards.selection import may_be_renewed
from insignia.awards.services import (
    award_hold,
    award_reinstate,
    award_release,
    award_revoke,
    award_suspend,
    claim_renew,
)
from insignia.foundation.errors import Conflict, Invalid
from insignia.issuing.errors import IssuerMissing
from insignia.issuing.selectors import issuer_of
from insignia.issuing.services import signing_stopped
from insignia.organizations.selectors import organization_get
from insignia.web.awards.forms import ReasonForm, RegisterForm
from insignia.web.awards.past import DayAnswer, day_answer, later_documents
from insignia.web.awards.words import in_words, worded
from insignia.web.verification.findings import standing_sentence
from insignia.web.visitor import person_of

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.awards.models import Award
    from insignia.organizations.models import Organization

PER_PAGE = 50


@dataclass(frozen=True)
class ChangeWords:
    """One thing a registrar can do to a signed badge: its service, its words, the state readers then see."""

    service: Callable[..., Award]
    title: Promise
    button: Promise
    done: Promise
    reads: str
    from_states: frozenset[str]
    is_final: bool = False


CHANGES: Mapping[str, ChangeWords] = {
    "revoke": ChangeWords(
        award_revoke,
        _("Revoke this badge?"),
        _("Revoke for good"),
        _("Revoked. Whoever checks it reads date and reason from now on."),
        "revoked",
        frozenset({"valid", "suspended", "expired"}),
        is_final=True,
    ),
    "suspend": ChangeWords(
        award_suspend,
        _("Pause this badge?"),
        _("Pause it"),
        _("Paused. Whoever opens its page reads date and reason from now on."),
        "suspended",
        frozenset({"valid", "expired"}),
    ),
    "reinstate": ChangeWords(
        award_reinstate,
        _("Lift the pause?"),
        _("Lift the pause"),
        _("The pause is lifted. The badge is in force again."),
        "valid",
        frozenset({"suspended"}),
    ),
}


@require_safe
@login_required
@worded
def award_list(request: HttpRequest, organization: str) -> HttpResponse:
    """List what the organization gave, with what waits and what is stopped above it."""
    school, person, at = organization_get(organization), _self(request), datetime.now(UTC)
    form = RegisterForm(request.GET)
    wanted: dict[str, str] = form.cleaned_data if form.is_valid() else {}
    state, query = wanted.get("state", ""), wanted.get("q", "")
    rows = register_of(organization=school, viewer=person, on=at, state=state, query=query)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "school": school,
        "zone": school.time_zone,
        "form": form.shown(),
        "page": page,
        "rows": [(award, _status(award, at)) for award in page],
        "held": stopped_in(organization=school, viewer=person),
        "waiting": waiting_in(organization=school, viewer=person),
        "query": urlencode({"q": query, "state": state}) + "&",
        "is_filtered": bool(state or query),
        "stopped": _stopped(school),
    }
    return render(request, "awards/award_list.html", context)


def _stopped(school: Organization) -> str:
    """Give the code of what keeps the organization from signing, if it can sign at all."""
    try:
        return signing_stopped(issuer_of(school))
    except IssuerMissing:
        return ""


def _status(award: Award, at: datetime) -> str:
    return "quarantined" if is_quarantined(award) else standing_of(award, on=at)


@require_safe
@login_required
@worded
def award_record(request: HttpRequest, organization: str, award_id: UUID) -> HttpResponse:
    """Show one award to its registrar: state, history, what can be done."""
    return _record(request, organization_get(organization), award_id)


def _record(
    request: HttpRequest, school: Organization, award_id: UUID, *, notice: str = "", status: int = 200
) -> HttpResponse:
    at = datetime.now(UTC)
    award = award_in(organization=school, award_id=award_id, viewer=_self(request))
    standing = _status(award, at)
    context = {
        "school": school,
        "award": award,
        "zone": school.time_zone,
        "status": standing,
        "changes": changes_of(award),
        "actions": [(name, words) for name, words in CHANGES.items() if standing in words.from_states],
        "is_held": any(
            row.decision_id == award.origin_id for row in stopped_in(organization=school, viewer=_self(request))
        ),
        "later": later_documents(award) if award.issued_at else (),
        "past": _past(request, school, award, at),
        "correctable": standing in {"valid", "suspended", "expired"},
        "renewable": standing in {"valid", "expired"} and may_be_renewed(award, on=at),
        "reason_form": ReasonForm(),
        "notice": notice,
    }
    return render(request, "awards/award_record.html", context, status=status)


def _past(request: HttpRequest, school: Organization, award: Award, at: datetime) -> DayAnswer | None:
    today = at.astimezone(ZoneInfo(school.time_zone)).date()
    return day_answer(award, request.GET.get("on", ""), today=today) if award.issued_at else None


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@worded
def award_change(request: HttpRequest, organization: str, award_id: UUID, change: str) -> HttpResponse:
    """Ask for the reason, show what a checker will read, then do it."""
    school = organization_get(organization)
    if change == "new-link":
        return _new_link(request, school, award_id)
    if change not in CHANGES:
        raise Http404
    award = award_in(organization=school, award_id=award_id, viewer=_self(request))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        return _do(request, school, award, change, form.cleaned_data["reason"])
    return _asked(request, school, award, change, form)


def _asked(
    request: HttpRequest, school: Organization, award: Award, change: str, form: ReasonForm
) -> HttpResponse:
    previewing = "preview" in request.POST
    reason = request.POST.get("reason", "")[:500]
    shown = ReasonForm(initial={"reason": reason}) if previewing else form
    words = CHANGES[change]
    context = {
        "school": school,
        "award": award,
        "change": change,
        "words": words,
        "form": shown,
        "reads": _reads(words, reason, school),
    }
    status = 422 if request.method == "POST" and not previewing else 200
    return render(request, "awards/award_change.html", context, status=status)


def _reads(words: ChangeWords, reason: str, school: Organization) -> str:
    if words.reads == "valid":
        return ""
    zone = ZoneInfo(school.time_zone)
    return standing_sentence(
        words.reads, since=datetime.now(UTC), reason=reason.strip() or str(_("your reason")), zone=zone
    )


def _do(request: HttpRequest, school: Organization, award: Award, change: str, reason: str) -> HttpResponse:
    words = CHANGES[change]
    actor = Actor.person(_self(request))
    try:
        words.service(award_id=award.public_id, reason=reason, actor=actor, at=datetime.now(UTC))
    except Conflict as error:
        return _record(request, school, award.public_id, notice=in_words(error), status=409)
    messages.success(request, str(words.done))
    return _see(_address(school, award.public_id))


def _new_link(request: HttpRequest, school: Organization, award_id: UUID) -> HttpResponse:
    if request.method != "POST":
        raise Http404
    award = award_in(organization=school, award_id=award_id, viewer=_self(request))
    claim_renew(award_id=award.public_id, actor=Actor.person(_self(request)), at=datetime.now(UTC))
    messages.success(request, str(_("A fresh link is on its way to the learner. The old one no longer opens.")))
    return _see(_address(school, award_id))


@require_POST
@login_required
@worded
def hold(request: HttpRequest, organization: str, decision_id: UUID) -> HttpResponse:
    """Stop an award before it is signed."""
    school = organization_get(organization)
    _own_decision(request, school, decision_id)
    form = ReasonForm(request.POST)
    if form.is_valid() and _held(request, decision_id, form):
        return _see(reverse("award_list", args=[school.slug]))
    context = {"school": school, "decision_id": decision_id, "form": form}
    return render(request, "awards/hold.html", context, status=422)


def _held(request: HttpRequest, decision_id: UUID, form: ReasonForm) -> bool:
    """Hold it and say so; False where the form now says what is wrong with the reason."""
    reason, actor = form.cleaned_data["reason"], Actor.person(_self(request))
    try:
        award_hold(decision_id=decision_id, reason=reason, actor=actor, at=datetime.now(UTC))
    except Invalid as error:
        form.add_error("reason", in_words(error))
        return False
    except Conflict as error:
        messages.warning(request, in_words(error))
    else:
        messages.success(request, str(_("On hold. Nothing is signed until somebody releases it.")))
    return True


@require_POST
@login_required
@worded
def release(request: HttpRequest, organization: str, decision_id: UUID) -> HttpResponse:
    """Let a stopped award go on."""
    school = organization_get(organization)
    _own_decision(request, school, decision_id)
    try:
        award_release(decision_id=decision_id, actor=Actor.person(_self(request)), at=datetime.now(UTC))
    except Conflict as error:
        messages.warning(request, in_words(error))
    else:
        messages.success(request, str(_("Released. It is being signed now.")))
    return _see(reverse("award_list", args=[school.slug]))


def _own_decision(request: HttpRequest, school: Organization, decision_id: UUID) -> None:
    """Let a decision be named only under its own organization's address."""
    person = _self(request)
    known = {
        *(row.decision_id for row in stopped_in(organization=school, viewer=person)),
        *(row.decision_id for row in waiting_in(organization=school, viewer=person)),
        *(
            register_of(organization=school, viewer=person, on=datetime.now(UTC))
            .filter(origin_id=decision_id)
            .values_list("origin_id", flat=True)
        ),
    }
    if decision_id not in known:
        raise AwardNotFound("There is no such badge here.")


def _address(school: Organization, award_id: UUID) -> str:
    return reverse("award_record", args=[school.slug, award_id])


def _self(request: HttpRequest) -> Person:
    person = person_of(request)
    if person is None:  # the decorator saw to it
        raise AwardNotFound("There is no such badge here.")
    return person


def _see(address: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(address, status=303)

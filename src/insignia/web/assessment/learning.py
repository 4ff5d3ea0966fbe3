"""A learner's own work: the list, the draft, handing in, the receipt, the decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from insignia.achievements.selectors import content_of, version_by_id
from insignia.assessment.errors import (
    AlreadyMet,
    EvidenceNotFound,
    IllegalMove,
    NothingToHandIn,
    NotOpen,
    StaleVersion,
    SubmissionIncomplete,
)
from insignia.assessment.rules import takes_work
from insignia.assessment.selectors import (
    DecisionView,
    SubmissionView,
    WorkRow,
    decision_of_attempt,
    decision_of_submission,
    my_work,
    submission_get,
    submission_receipt,
    submission_view,
)
from insignia.assessment.services import (
    DraftSaved,
    draft_save,
    evidence_remove,
    revision_open,
    submission_start,
    submission_submit,
    submission_withdraw,
)
from insignia.awards.selectors import award_of_origin
from insignia.foundation.errors import InsigniaError
from insignia.web.assessment.forms import AUTHORSHIP, WorkForm
from insignia.web.assessment.people import signed_in
from insignia.web.assessment.words import AUTHORSHIP_MISSING, EVIDENCE_MISSING, STATES, clock, in_words
from insignia.web.kept import keeps_text

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.achievements.models import AchievementVersion

DO, WAIT, DONE = ("draft", "returned", "almost", "not_yet"), ("submitted", "in_review"), ("met",)
DECIDED = ("met", "almost", "not_yet")
STEPS = ("draft", "submitted", "in_review", "decided")


@login_required
@require_safe
def my_work_list(request: HttpRequest) -> HttpResponse:
    """List one's own work: what there is to do first, then what waits, then what is done."""
    rows = my_work(viewer=signed_in(request))
    groups = [
        (_("For you to do"), _rows_in(rows, DO)),
        (_("Waiting for an assessor"), _rows_in(rows, WAIT)),
        (_("Met"), _rows_in(rows, DONE)),
    ]
    return render(request, "assessment/my_work.html", {"groups": [group for group in groups if group[1]]})


def _rows_in(rows: tuple[WorkRow, ...], states: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{"row": row, "state": STATES[row.state]} for row in rows if row.state in states]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def work_start(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Ask before starting (that is where one arrives after signing in); on POST start, and go to the work."""
    person = signed_in(request)
    version = version_by_id(version_id, viewer=person)
    if request.method != "POST":
        if not takes_work(content_of(version), version.credential_class):
            return _not_open(request, version, NothingToHandIn("Nothing is handed in for this badge."))
        return render(request, "assessment/start.html", {"version": version})
    try:
        started = submission_start(version=version, learner=person, at=datetime.now(UTC))
    except AlreadyMet as error:
        return _to("work", submission_id=error.data["submission"])
    except NotOpen as error:
        return _not_open(request, version, error)
    return _to("work", submission_id=started.public_id)


def _not_open(request: HttpRequest, version: AchievementVersion, error: NotOpen) -> HttpResponse:
    context = {"version": version, "refused": in_words(error)}
    return render(request, "assessment/start.html", context, status=409)


@keeps_text
@require_http_methods(["GET", "HEAD", "POST"])
def work(request: HttpRequest, submission_id: UUID) -> HttpResponseBase:
    """Show one's own work; on POST save what came, each part by itself."""
    person = signed_in(request)
    view = submission_view(submission_id=submission_id, viewer=person)
    if request.method != "POST":
        return _work_page(request, person, view, WorkForm(view))
    form = WorkForm(view, request.POST, request.FILES)
    saved = DraftSaved()
    if form.is_valid():
        try:
            saved = draft_save(
                submission_id=submission_id, change=form.change(), learner=person, at=datetime.now(UTC)
            )
        except IllegalMove as error:
            return _moved_on(request, view, form, in_words(error))
        fresh = submission_view(submission_id=submission_id, viewer=person)
        form = form.after(fresh, saved)
    if getattr(request, "htmx", False):
        return _part(request, form, saved.refused)
    if saved.refused or form.errors:
        return _work_page(request, person, form.view, form, status=_status(saved.refused))
    return _next(request, submission_id)


def _status(refused: Mapping[str, InsigniaError]) -> int:
    return 409 if any(isinstance(error, StaleVersion) for error in refused.values()) else 422


def _next(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """Go where the pressed button leads: review, a piece to remove, or the page again at what was saved."""
    action, _colon, item = request.POST.get("do", "").partition(":")
    if action == "review":
        return _to("work_hand_in", submission_id=submission_id)
    if action == "remove" and item:
        return HttpResponseRedirect(
            f"{reverse('work', args=[submission_id])}/remove/{UUID(item)}" if _is_id(item) else "/my/work",
            status=303,
        )
    place = f"#part-{item}" if action == "add" and item else "#saved"
    return HttpResponseRedirect(f"{reverse('work', args=[submission_id])}?saved=1{place}", status=303)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _part(request: HttpRequest, form: WorkForm, refused: Mapping[str, InsigniaError]) -> HttpResponse:
    """Answer a fragment: what became of the one part that was sent."""
    name = _part_name([*request.FILES, *request.POST])
    kind, _dash, requirement = name.partition("-")
    if requirement and requirement not in {wanted.requirement.id for wanted in form.view.requirements}:
        raise EvidenceNotFound("This badge asks for no such evidence.")
    status = _status(refused) if refused or form.errors else 200
    context: dict[str, Any] = {"form": form, "name": name, "view": form.view}
    context["clock"] = clock(datetime.now(UTC), form.view.submission.organization.time_zone)
    context["errors"] = list(chain.from_iterable(form.errors.values()))
    context["stale"] = name in form.theirs
    if kind == "file":
        form.leave_link(requirement)
    if kind in {"file", "link"}:
        context["group"] = form.group(requirement)
        return render(request, "assessment/part.html", context, status=status)
    if requirement:
        context["group"] = form.group(requirement)
    return render(request, "assessment/saved.html", context, status=status)


def _part_name(sent: list[str]) -> str:
    """Say which part a fragment sent: a file or link before a text; else it is the statement."""
    for kind in ("file-", "link-", "text-"):
        for name in sent:
            if name.startswith(kind):
                return name
    return AUTHORSHIP


def _work_page(
    request: HttpRequest, person: Person, view: SubmissionView, form: WorkForm, *, status: int = 200
) -> HttpResponse:
    submission = view.submission
    state = str(submission.state)
    judged = decision_of_submission(submission_id=submission.public_id, viewer=person)
    context = {
        "view": view,
        "form": form,
        "state": STATES[state],
        "rail": _rail(view),
        "judged": judged,
        "zone": submission.organization.time_zone,
        "met_before": [view.content.criterion(name) for name in view.carried],
        "saved": request.GET.get("saved"),
        "withdrawable": state in {"draft", "submitted", "in_review", "returned"},
        "clock": clock(submission.updated_at, submission.organization.time_zone),
    }
    return render(request, "assessment/work.html", context, status=status)


def _moved_on(request: HttpRequest, view: SubmissionView, form: WorkForm, sentence: str) -> HttpResponse:
    """Show the work where it stands now, with every text that came too late in its box."""
    texts = [form[name] for name in form.fields if form.data.get(name, "").strip() and "version" not in name]
    if getattr(request, "htmx", False):
        return render(request, "assessment/saved.html", {"errors": [sentence], "view": view}, status=409)
    context = {"sentence": sentence, "texts": texts, "view": view}
    return render(request, "assessment/moved_on.html", context, status=409)


def _rail(view: SubmissionView) -> list[dict[str, Any]]:
    """Lay out the way of a work: what is behind, where it stands, what is ahead."""
    state = str(view.submission.state)
    place = {"draft": 0, "submitted": 1, "in_review": 2}.get(state, 3)
    words = [_("Draft"), _("Handed in"), _("With an assessor"), _("Decided")]
    if state in {"returned", "withdrawn"}:
        place, words[3] = 3, str(STATES[state][1])
    kinds = ["is-behind" if n < place else "is-now" if n == place else "is-ahead" for n in range(4)]
    return [{"name": words[n], "kind": kinds[n], "step": STEPS[n]} for n in range(4)]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hand_in(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """Show everything once more, with what is missing; on POST hand in."""
    person = signed_in(request)
    status = 200
    if request.method == "POST":
        try:
            attempt = submission_submit(submission_id=submission_id, learner=person, at=datetime.now(UTC))
        except SubmissionIncomplete:
            status = 422
        except IllegalMove:
            return _to("work", submission_id=submission_id)
        except NothingToHandIn as error:
            version = submission_view(submission_id=submission_id, viewer=person).submission.version
            return _not_open(request, version, error)
        else:
            return _to("work_receipt", submission_id=submission_id, number=attempt.number)
    view = submission_view(submission_id=submission_id, viewer=person)
    if not view.editable:
        return _to("work", submission_id=submission_id)
    gaps = [
        {
            "target": "mode" if gap.code == "authorship-missing" else gap.requirement_id,
            "name": gap.name,
            "words": AUTHORSHIP_MISSING if gap.code == "authorship-missing" else EVIDENCE_MISSING,
        }
        for gap in view.gaps
    ]
    return render(request, "assessment/hand_in.html", {"view": view, "gaps": gaps}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """Ask before taking a work back for good; on POST do it."""
    person = signed_in(request)
    if request.method == "POST":
        try:
            submission_withdraw(submission_id=submission_id, learner=person, at=datetime.now(UTC))
        except IllegalMove:
            return _to("work", submission_id=submission_id)
        return _to("my_work")
    view = submission_view(submission_id=submission_id, viewer=person)
    return render(request, "assessment/withdraw.html", {"view": view})


@login_required
@require_POST
def revise(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """Open the next attempt, and go to it; pressed twice, go to the one that is open."""
    try:
        revision_open(submission_id=submission_id, learner=signed_in(request), at=datetime.now(UTC))
    except IllegalMove:
        return _to("work", submission_id=submission_id)
    return _to("work", submission_id=submission_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, submission_id: UUID, item_id: UUID) -> HttpResponse:
    """Ask before a piece is removed; on POST remove it."""
    person = signed_in(request)
    view = submission_view(submission_id=submission_id, viewer=person)
    found = [piece for wanted in view.requirements for piece in wanted.pieces if piece.public_id == item_id]
    if not found or not view.editable:
        return _to("work", submission_id=submission_id)  # it is gone already
    if request.method == "POST":
        evidence_remove(item_id=item_id, learner=person, at=datetime.now(UTC))
        return _to("work", submission_id=submission_id)
    return render(request, "assessment/remove.html", {"view": view, "piece": found[0]})


@login_required
@require_safe
def receipt(request: HttpRequest, submission_id: UUID, number: int) -> HttpResponse:
    """Show what one attempt handed in, with the hashes that cover it; made to be printed."""
    shown = submission_receipt(submission_id=submission_id, number=number, viewer=signed_in(request))
    context = {"receipt": shown, "zone": shown.submission.organization.time_zone, "now": datetime.now(UTC)}
    return render(request, "assessment/receipt.html", context)


@login_required
@require_safe
def decision(request: HttpRequest, submission_id: UUID, number: int) -> HttpResponse:
    """Show the decision about one attempt: the sentence, what is missing first, what to do next."""
    person = signed_in(request)
    shown = decision_of_attempt(submission_id=submission_id, number=number, viewer=person)
    submission = submission_get(submission_id=submission_id, viewer=person)
    context = {
        "decision": shown,
        "submission": submission,
        "zone": submission.organization.time_zone,
        "mark": STATES[shown.outcome][0],
        "sentence": _sentence(shown),
        "rows": [
            {
                "view": view,
                "level": next((one for one in view.criterion.levels if one.id == view.level_id), None),
                "bar": next((one for one in view.criterion.levels if one.id == view.required_level_id), None),
            }
            for view in shown.criteria
        ],
        "award": award_of_origin("decision", shown.public_id) if shown.outcome == "met" else None,
        "revisable": str(submission.state) == shown.outcome and shown.outcome != "met",
        "reopened": str(submission.state) == "draft" and shown.outcome != "met",
        "now": datetime.now(UTC),
    }
    return render(request, "assessment/decision.html", context)


def _sentence(shown: DecisionView) -> dict[str, Any]:
    """Give the numbers and names the one sentence is made of."""
    missing = [view.criterion.title for view in shown.missing]
    return {"met": shown.met_count, "total": len(shown.criteria), "missing": missing}


def _to(name: str, **where: object) -> HttpResponse:
    return HttpResponseRedirect(reverse(name, kwargs=where), status=303)

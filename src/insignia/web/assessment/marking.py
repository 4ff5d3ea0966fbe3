"""An assessor's pages: the queue, one work to judge, what was judged."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from insignia.assessment.errors import (
    IllegalMove,
    LeaseLost,
    LeaseTaken,
    NothingToJudgeBy,
    OwnWork,
    QueueEmpty,
    RatingIncomplete,
    RatingLocked,
    StaleVersion,
)
from insignia.assessment.selectors import (
    MarkingPiece,
    MarkingView,
    RatingPreview,
    assessor_require,
    decisions_by,
    marking_view,
    queue_for,
    rating_preview,
)
from insignia.assessment.services import (
    assignment_release,
    queue_lease,
    queue_lease_next,
    rating_lock,
    rating_save,
    submission_return,
)
from insignia.foundation.errors import InsigniaError, Invalid
from insignia.foundation.media import INLINE
from insignia.web.assessment.forms import NoteForm, RatingPost, rating_from
from insignia.web.assessment.people import signed_in
from insignia.web.assessment.words import NOTE_MISSING, STATES, clock, in_words
from insignia.web.kept import keeps_text

if TYPE_CHECKING:
    from insignia.achievements.rules import Criterion, Level

PLACES = {"lock": "marking_lock", "return": "marking_return", "release": "marking_release"}


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """List what waits, the oldest due first, by pseudonym."""
    return _queue_page(request)


def _queue_page(request: HttpRequest, *, refused: str = "", status: int = 200) -> HttpResponse:
    person = signed_in(request)
    assessor_require(person)
    rows = queue_for(assessor=person, at=datetime.now(UTC))
    locked = request.GET.get("locked", "")
    done = next((row for row in decisions_by(assessor=person, limit=1)), None) if locked else None
    context = {
        "rows": rows,
        "held": next((row for row in rows if row.held), None),
        "refused": refused,
        "done": done,
        "done_state": STATES[str(done.outcome)] if done else None,
        "several": len({str(row.organization) for row in rows}) > 1,
    }
    return render(request, "assessment/queue.html", context, status=status)


@login_required
@require_POST
def judge_next(request: HttpRequest) -> HttpResponse:
    """Take the oldest work that waits, or go back to the one in hand."""
    try:
        assignment = queue_lease_next(assessor=signed_in(request), at=datetime.now(UTC))
    except QueueEmpty:
        return _to("queue")
    return _to("marking", assignment_id=assignment.public_id)


@login_required
@require_POST
def take(request: HttpRequest, submission_id: UUID) -> HttpResponse:
    """Take one work of the queue; taken again by the same person, the time with it starts anew."""
    try:
        assignment = queue_lease(submission_id=submission_id, assessor=signed_in(request), at=datetime.now(UTC))
    except (LeaseTaken, IllegalMove) as error:
        return _queue_page(request, refused=in_words(error), status=409)
    except OwnWork as error:
        return _queue_page(request, refused=in_words(error), status=403)
    return _to("marking", assignment_id=assignment.public_id)


@login_required
@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """List what this person judged, newest first, by pseudonym."""
    person = signed_in(request)
    assessor_require(person)
    rows = [{"decision": row, "state": STATES[str(row.outcome)]} for row in decisions_by(assessor=person)]
    return render(request, "assessment/done.html", {"rows": rows})


@keeps_text
@require_http_methods(["GET", "HEAD", "POST"])
def mark(request: HttpRequest, assignment_id: UUID) -> HttpResponseBase:
    """Show evidence and rubric side by side; on POST save the rating and go where the button leads."""
    person, at = signed_in(request), datetime.now(UTC)
    try:
        view = marking_view(assessor=person, assignment_id=assignment_id)
    except LeaseLost as error:
        return _lost(request, error)
    if request.method != "POST":
        return _mark_page(request, view)
    sent = rating_from(request.POST, view)
    try:
        rating = rating_save(
            assignment_id=assignment_id,
            assessor=person,
            levels=sent.levels,
            feedback=sent.feedback,
            version=sent.version,
            at=at,
        )
    except (LeaseLost, RatingLocked) as error:
        return _lost(request, error)
    except (StaleVersion, Invalid) as error:
        return _not_saved(request, view, sent, error)
    if getattr(request, "htmx", False):
        context = {
            "clock": clock(at, view.time_zone),
            "version": rating.lock_version,
            "view": view,
            "judged": len(sent.levels),
        }
        return render(request, "assessment/rating_saved.html", context)
    place = PLACES.get(request.POST.get("do", ""))
    if place:
        return _to(place, assignment_id=assignment_id)
    return HttpResponseRedirect(f"{reverse('marking', args=[assignment_id])}?saved=1#rubric", status=303)


def _not_saved(
    request: HttpRequest, view: MarkingView, sent: RatingPost, error: StaleVersion | Invalid
) -> HttpResponse:
    """Keep what was chosen and typed; where another window saved meanwhile, show both."""
    status = 409 if isinstance(error, StaleVersion) else 422
    if getattr(request, "htmx", False):
        context = {"sentence": in_words(error), "stale": status == 409}
        return render(request, "assessment/rating_refused.html", context, status=status)
    return _mark_page(request, view, sent=sent, refused=error, status=status)


def _mark_page(
    request: HttpRequest,
    view: MarkingView,
    *,
    sent: RatingPost | None = None,
    refused: InsigniaError | None = None,
    status: int = 200,
) -> HttpResponse:
    stale = isinstance(refused, StaleVersion)
    levels = sent.levels if sent else view.levels
    stored = view.feedback.get("", "")
    words = sent.feedback[""] if sent else stored
    now = datetime.now(UTC)
    context = {
        "view": view,
        "version": view.version,
        "rubric": [_row(view, criterion, sent, stale=stale) for criterion in view.content.rubric.criteria],
        "whole": words,
        "whole_theirs": stored if stale and words != stored else None,
        "judged": len([name for name in view.to_rate if name in levels]),
        "refused": in_words(refused) if refused else "",
        "lapsed": view.leased_until <= now,
        "saved": request.GET.get("saved"),
        "clock": clock(view.saved_at, view.time_zone),
        "pieces": [{"piece": piece, "shown": _shown(piece)} for piece in view.pieces],
        "earlier": STATES[view.earlier.outcome] if view.earlier else None,
    }
    return render(request, "assessment/marking.html", context, status=status)


def _shown(piece: MarkingPiece) -> str:
    """Say how a browser shows a file in place: image, audio, video, pdf, or not at all."""
    if piece.media_type not in INLINE:
        return ""
    return "pdf" if piece.media_type == "application/pdf" else piece.media_type.partition("/")[0]


def _row(view: MarkingView, criterion: Criterion, sent: RatingPost | None, *, stale: bool) -> dict[str, Any]:
    """Lay out one criterion: its levels with the bar, what is chosen, what another window saved."""
    carried = view.carried.get(criterion.id)
    stored_level, stored_words = view.levels.get(criterion.id, ""), view.feedback.get(criterion.id, "")
    level = sent.levels.get(criterion.id, "") if sent else stored_level
    words = sent.feedback.get(criterion.id, "") if sent else stored_words
    names = {one.id: one for one in criterion.levels}
    differs = stale and (level, words) != (stored_level, stored_words)
    return {
        "criterion": criterion,
        "levels": [_level(criterion, one, place, level) for place, one in enumerate(criterion.levels, 1)],
        "words": words,
        "carried": carried,
        "carried_level": names.get(carried.level_id) if carried else None,
        "before": view.earlier.texts.get(criterion.id, "") if view.earlier else "",
        "differs": differs,
        "theirs_level": names.get(stored_level),
        "theirs_words": stored_words,
    }


def _level(criterion: Criterion, level: Level, place: int, chosen: str) -> dict[str, Any]:
    return {
        "level": level,
        "place": place,
        "is_bar": level.id == criterion.required_level_id,
        "chosen": level.id == chosen,
    }


def _lost(request: HttpRequest, error: InsigniaError) -> HttpResponse:
    """Say in clear words that the work is in other hands, with everything that was typed, to be copied."""
    texts = [str(text) for name, text in request.POST.items() if name.startswith("feedback") and str(text).strip()]
    context = {"sentence": in_words(error), "texts": texts, "stale": False}
    fragment = getattr(request, "htmx", False)
    template = "assessment/rating_refused.html" if fragment else "assessment/lost.html"
    return render(request, template, context, status=409)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lock(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """Show what the rating amounts to; on POST lock it, for good."""
    person, status, refused = signed_in(request), 200, ""
    try:
        if request.method == "POST":
            version = request.POST.get("version", "")
            number = int(version) if version.isascii() and version.isdigit() else 0
            rating_lock(assignment_id=assignment_id, assessor=person, version=number, at=datetime.now(UTC))
            return HttpResponseRedirect(f"{reverse('queue')}?locked=1", status=303)
    except RatingIncomplete as error:
        status, refused = 422, in_words(error)
    except StaleVersion as error:
        status, refused = 409, in_words(error)
    except (LeaseLost, RatingLocked) as error:
        return _lost(request, error)
    try:
        preview = rating_preview(assessor=person, assignment_id=assignment_id)
    except LeaseLost as error:
        return _lost(request, error)
    if not preview.marking.content.rubric.criteria:
        refused = in_words(NothingToJudgeBy("This badge has no rubric."))
    return render(request, "assessment/lock.html", _lock_context(preview, refused), status=status)


def _lock_context(preview: RatingPreview, refused: str) -> dict[str, Any]:
    view, facts = preview.marking, preview.facts
    content = view.content
    rows = [
        {
            "criterion": content.criterion(result.criterion_id),
            "level": _level_of(content.criterion(result.criterion_id), result.level_id),
            "bar": _level_of(content.criterion(result.criterion_id), result.required_level_id),
            "met": result.met,
            "carried": result.carried is not None,
            "words": view.feedback.get(result.criterion_id, ""),
            "silent": result.criterion_id in preview.silent,
        }
        for result in (facts.criteria if facts else ())
    ]
    return {
        "view": view,
        "preview": preview,
        "outcome": STATES[facts.outcome.value] if facts else None,
        "kind": facts.outcome.value if facts else "",
        "rows": sorted(rows, key=lambda row: bool(row["met"])),
        "unrated": [content.criterion(name) for name in preview.unrated],
        "silent": [content.criterion(name) for name in preview.silent],
        "met": len(rows) - len(facts.missing) if facts else 0,
        "whole": view.feedback.get("", ""),
        "refused": refused,
    }


def _level_of(criterion: Criterion, level_id: str) -> Level | None:
    return next((level for level in criterion.levels if level.id == level_id), None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def give_back(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """Ask what should be mended; on POST return the work unjudged."""
    person, status = signed_in(request), 200
    form = NoteForm(request.POST if request.method == "POST" else None)
    try:
        view = marking_view(assessor=person, assignment_id=assignment_id)
        if request.method == "POST" and form.is_valid():
            note = form.cleaned_data["note"]
            submission_return(assignment_id=assignment_id, assessor=person, note=note, at=datetime.now(UTC))
            return _to("queue")
    except (LeaseLost, RatingLocked) as error:
        return _lost(request, error)
    except Invalid as error:
        form.add_error("note", str(NOTE_MISSING) if error.code == "evidence-unusable" else in_words(error))
    if form.errors:
        status = 422
    return render(request, "assessment/return.html", {"view": view, "form": form}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, assignment_id: UUID) -> HttpResponse:
    """Ask before a work goes back into the queue; on POST put it back."""
    person = signed_in(request)
    try:
        if request.method == "POST":
            assignment_release(assignment_id=assignment_id, assessor=person, at=datetime.now(UTC))
            return _to("queue")
        view = marking_view(assessor=person, assignment_id=assignment_id)
    except (LeaseLost, RatingLocked) as error:
        return _lost(request, error)
    return render(request, "assessment/release.html", {"view": view})


def _to(name: str, **where: object) -> HttpResponse:
    return HttpResponseRedirect(reverse(name, kwargs=where), status=303)

"""A run as its registrar sees it: what the dry run found, how far it is, and what can be done about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from insignia.foundation.errors import Conflict, InsigniaError, Invalid
from insignia.runs import selectors
from insignia.runs.models import Run, RunRow
from insignia.runs.previewing import run_preview
from insignia.runs.rules import DUE, RowClass
from insignia.runs.services import (
    run_cancel,
    run_check,
    run_override,
    run_pause,
    run_resume,
    run_start,
    run_undo,
)
from insignia.vc.errors import VcError
from insignia.web.organizations.access import seat_of
from insignia.web.runs.access import Desk, desk_of, now, spoken
from insignia.web.runs.forms import OverrideForm
from insignia.web.runs.words import CLASSES, OUTCOMES, REASONS, STATES, reason_sentence, refusal, trouble

if TYPE_CHECKING:
    from datetime import datetime

PER_PAGE = 50
MOVING = frozenset({Run.State.CHECKING, Run.State.RUNNING})
ACTIONS: Mapping[str, tuple[Callable[..., Run], Promise]] = {
    "start": (run_start, _("Started. Until the mails go out you can take everything back.")),
    "pause": (run_pause, _("Paused. What was being signed is finished; nothing more begins.")),
    "resume": (run_resume, _("It goes on where it stopped.")),
    "cancel": (run_cancel, _("Stopped. Badges that are signed stay; nobody else gets one.")),
    "undo": (run_undo, _("Taken back. No mail goes out, and what was signed is revoked.")),
    "check": (run_check, _("We look at every row again.")),
}


@login_required
@require_safe
@spoken
def run_list(request: HttpRequest, organization: str) -> HttpResponse:
    """List the runs of the organization, newest first."""
    seat = seat_of(request, organization, role=selectors.REGISTRAR)
    rows = selectors.runs_of(organization=seat.organization, viewer=seat.person)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "school": seat.organization,
        "page": page,
        "rows": [(run, STATES[run.state], selectors.run_progress(run)) for run in page],
    }
    return render(request, "runs/run_list.html", context)


@login_required
@require_safe
@spoken
def run(request: HttpRequest, organization: str, run_id: UUID) -> HttpResponse:
    """Show one run at its point. Polled while it moves; once it has moved on, the page is asked for afresh."""
    desk = desk_of(request, organization, run_id)
    if desk.run.state == Run.State.DRAFT:
        return desk.see("run_columns")
    if getattr(request, "htmx", False) and request.GET.get("state") != desk.run.state:
        return HttpResponseClientRefresh()
    return _page(request, desk)


def _page(
    request: HttpRequest, desk: Desk, *, override: OverrideForm | None = None, notice: str = "", status: int = 200
) -> HttpResponse:
    at, found = now(), desk.run
    progress = selectors.run_progress(found)
    context: dict[str, Any] = {
        "school": desk.seat.organization,
        "zone": desk.seat.organization.time_zone,
        "run": found,
        "state": STATES[found.state],
        "progress": progress,
        "percent": _percent(found, progress),
        "is_moving": found.state in MOVING,
        "ahead": selectors.run_ahead(found, at=at),
        "mails_at": _clock(selectors.mails_from(found, at=at), desk.seat.organization.time_zone),
        "notice": notice,
        "trouble": trouble(found.trouble) if found.trouble else "",
    }
    if found.state == Run.State.CHECKED:
        context |= _found(desk, at) | {"override": override or OverrideForm()}
    return render(request, "runs/run.html", context, status=status)


def _clock(moment: datetime | None, zone: str) -> str:
    """Write the time of a moment that is minutes away."""
    return formats.time_format(timezone.localtime(moment, ZoneInfo(zone)), "TIME_FORMAT") if moment else ""


def _percent(found: Run, progress: selectors.Progress) -> int:
    if found.state == Run.State.CHECKING:
        return 100 * progress.checked // progress.total
    return 100 * (progress.due - progress.pending) // progress.due if progress.due else 100


def _found(desk: Desk, at: datetime) -> dict[str, Any]:
    """Tell what the dry run found: totals, reasons with their fixes, and the first badge."""
    counts, zone = selectors.counts_of(desk.run), desk.seat.organization.time_zone
    reasons = [
        {
            "count": reason.count,
            "fix": REASONS[reason.code].fix if reason.code in REASONS else "",
            "rows": [(row.number, reason_sentence(row, zone)) for row in reason.first],
            "more": reason.count - len(reason.first),
        }
        for reason in selectors.run_reasons(desk.run)
    ]
    preview, hindrance = _preview(desk.run, at)
    return {
        "totals": [(CLASSES[name], counts[name], name in DUE) for name in RowClass if counts[name]],
        "left_out": desk.run.total - desk.run.due,
        "waiting": counts[RowClass.NEEDS_EVIDENCE],
        "reasons": reasons,
        "preview": preview,
        "document": json.dumps(preview.document, indent=2, ensure_ascii=False) if preview else "",
        "hindrance": hindrance,
    }


def _preview(found: Run, at: datetime) -> tuple[Any, str]:
    try:
        return run_preview(found, at=at), ""
    except InsigniaError as error:
        return None, refusal(error)
    except VcError as error:
        return None, error.message


@login_required
@require_POST
@spoken
def run_do(request: HttpRequest, organization: str, run_id: UUID, action: str) -> HttpResponse:
    """Start, pause, resume, cancel, undo, look again, or let rows through for a reason."""
    desk = desk_of(request, organization, run_id)
    if action == "override":
        return _override(request, desk)
    if action not in ACTIONS:
        raise Http404
    service, done = ACTIONS[action]
    try:
        service(run_id=run_id, actor=desk.actor, at=now())
    except (Conflict, Invalid) as error:
        return _page(request, desk, notice=refusal(error), status=409)
    messages.success(request, str(done))
    return desk.see()


def _override(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = OverrideForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, override=form, status=422)
    try:
        run_override(run_id=desk.run.public_id, reason=form.cleaned_data["reason"], actor=desk.actor, at=now())
    except (Conflict, Invalid) as error:
        return _page(request, desk, notice=refusal(error), status=409)
    messages.success(request, str(_("The exception is recorded under your name. We look at the rows again.")))
    return desk.see()


@login_required
@require_safe
@spoken
def run_rows(request: HttpRequest, organization: str, run_id: UUID) -> HttpResponse:
    """List the rows of a run by number, with what became of each; a page begins behind the last row shown."""
    desk = desk_of(request, organization, run_id)
    outcome, row_class = request.GET.get("outcome", ""), request.GET.get("class", "")
    after = _number(request.GET.get("after", ""))
    found = selectors.run_rows(
        desk.run,
        after=after,
        limit=PER_PAGE + 1,
        outcome=outcome if outcome in OUTCOMES else "",
        row_class=row_class if row_class in CLASSES else "",
    )
    shown, zone = found[:PER_PAGE], desk.seat.organization.time_zone
    context = {
        "school": desk.seat.organization,
        "run": desk.run,
        "rows": [_row(desk.run, row, zone) for row in shown],
        "next": shown[-1].number if len(found) > PER_PAGE else None,
        "after": after,
        "outcome": outcome,
        "class": row_class,
        "outcomes": OUTCOMES.items(),
        "classes": CLASSES.items(),
    }
    return render(request, "runs/run_rows.html", context)


def _row(found: Run, row: RunRow, zone: str) -> dict[str, Any]:
    columns = found.mapping.get("columns", {})
    names = [row.values.get(columns.get(name, ""), "") for name in ("name", "first_name", "last_name")]
    return {
        "number": row.number,
        "name": " ".join(name for name in names if name),
        "email": row.values.get(columns.get("email", ""), ""),
        "outcome": OUTCOMES[row.outcome],
        "state": row.outcome,
        "reason": reason_sentence(row, zone) if row.code else "",
        "award_id": row.award_id,
    }


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 8 else 0

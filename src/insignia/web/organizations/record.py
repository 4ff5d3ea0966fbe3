"""The record of an organization: the newest entries in plain words, and whether the chain is whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from insignia.audit.selectors import entries_in
from insignia.audit.services import audit_verify
from insignia.web.organizations.access import seat_of
from insignia.web.organizations.telling import SUBJECTS, lines_told

PER_PAGE = 50
CHAIN_ROWS = 3000
KEPT_SECONDS = 120


@dataclass(frozen=True)
class ChainState:
    """What a walk over the newest rows found. Which row broke is for those who run the installation."""

    is_whole: bool
    unnumbered: int
    at: datetime


@login_required
@require_safe
def audit(request: HttpRequest, organization: str) -> HttpResponse:
    """Show what happened here, newest first; `about` filters by kind, `subject` by one thing."""
    seat = seat_of(request, organization, role="registrar")
    about = request.GET.get("about", "")
    kinds = SUBJECTS[about][1] if about in SUBJECTS else ()
    subject = _subject(request.GET.get("subject", ""))
    if subject is not None:
        kinds = (subject[0],)
    entries = entries_in(
        organization_id=seat.organization.public_id,
        subject_kinds=kinds,
        subject_id=subject[1] if subject else None,
    )
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page", "1"))
    kept = {name: request.GET[name] for name in ("about", "subject") if request.GET.get(name)}
    context = {
        "seat": seat,
        "page": page,
        "lines": lines_told(page.object_list, seat.organization),
        "query": f"{urlencode(kept)}&" if kept else "",
        "about": about,
        "subject": subject,
        "choices": [(name, words) for name, (words, _kinds) in SUBJECTS.items()],
        "chain": chain_state(at=datetime.now(UTC)),
    }
    return render(request, "organizations/audit.html", context)


def chain_state(*, at: datetime) -> ChainState:
    """Walk the newest rows of the chain, at most once in two minutes."""
    found: ChainState | None = cache.get("audit-chain")
    if found is None:
        report = audit_verify(newest=CHAIN_ROWS)
        found = ChainState(is_whole=not report.broken, unnumbered=report.unnumbered, at=at)
        cache.set("audit-chain", found, KEPT_SECONDS)
    return found


def _subject(given: str) -> tuple[str, UUID] | None:
    kind, _colon, number = given.partition(":")
    try:
        return (kind, UUID(number)) if kind else None
    except ValueError:
        return None

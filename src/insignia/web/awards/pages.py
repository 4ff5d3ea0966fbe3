"""The public proof page of an award, its checks, its evidence, by either door."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from insignia.awards.errors import EvidenceUnknown, ShareEnded
from insignia.awards.selectors import is_of_minor
from insignia.awards.story import award_story, evidence_piece_open
from insignia.issuing.selectors import issuer_of
from insignia.web import errors
from insignia.web.awards.copies import copy_response
from insignia.web.awards.doors import Door, award_door, share_door
from insignia.web.awards.formats import ACCEPTED
from insignia.web.awards.past import DayAnswer, day_answer, later_documents
from insignia.web.awards.standing import finding_fresh, standing_now
from insignia.web.awards.telling import (
    PieceLink,
    evidence_lines,
    piece_label,
    recipient_signed,
    sentences,
    short_id,
)
from insignia.web.awards.words import in_words, worded
from insignia.web.crowd import for_a_crowd, keep_apart
from insignia.web.verification.limits import checks_left
from insignia.web.visitor import person_of

TEXT_SHOWN = 200_000


@require_safe
@for_a_crowd("award", named="award_id")
@worded
def award(request: HttpRequest, award_id: UUID) -> HttpResponseBase:
    """Show the page, or the copy that the client prefers."""
    at = datetime.now(UTC)
    door = award_door(award_id, viewer=person_of(request), at=at)
    page = _page(request, door)
    if is_of_minor(door.view.award, on=at):
        keep_apart(page)  # a guardian's consent ends it, and that is no change of the award
    return page


@require_safe
@worded
def share(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the same behind a secret link, as everybody with the link sees it; an ended one says so."""
    try:
        return _page(request, share_door(token, at=datetime.now(UTC)))
    except ShareEnded as error:
        if errors.wants_json(request):
            raise
        return render(request, "awards/share_ended.html", {"words": in_words(error)}, status=410)


def _page(request: HttpRequest, door: Door) -> HttpResponseBase:
    kind = ACCEPTED.get(request.get_preferred_type(list(ACCEPTED)) or "", "")
    if kind:
        response: HttpResponseBase = copy_response(request, door, kind)
    else:
        at = datetime.now(UTC)
        context = _told(door, at=at) | {"past": _past(request, door, at=at)}
        response = render(request, "awards/award.html", context)
        response.headers["Link"] = f'<{door.base}.json>; rel="alternate"; type="application/vc+ld+json"'
    patch_vary_headers(response, ("Accept", "Cookie"))
    return response


def _past(request: HttpRequest, door: Door, *, at: datetime) -> DayAnswer | None:
    award = door.view.award
    today = at.astimezone(ZoneInfo(award.organization.time_zone)).date()
    return day_answer(award, request.GET.get("on", ""), today=today)


def _told(door: Door, *, at: datetime) -> dict[str, Any]:
    view, story = door.view, award_story(door.view)
    name = recipient_signed(view)
    return {
        "door": door,
        "award": view.award,
        "zone": view.award.organization.time_zone,
        "issuer": issuer_of(view.award.organization),
        "recipient": name,
        "story": story,
        "sentences": sentences(view, story, name=name),
        "evidence": evidence_lines(story.shown, base=door.base),
        "standing": standing_now(view, story.changes, at=at),
        "later": later_documents(view.award),
        "has_svg": not _is_upload(door),
        "short_id": short_id(view),
        "at": at.astimezone(ZoneInfo(view.award.organization.time_zone)),
    }


def _is_upload(door: Door) -> bool:
    from insignia.achievements.errors import AchievementNotFound
    from insignia.achievements.selectors import image_svg

    try:
        image_svg(door.view.award.version)
    except AchievementNotFound:
        return True
    return False


@require_safe
@worded
def award_checks(request: HttpRequest, award_id: UUID) -> HttpResponse:
    """Check the document now, and show every check."""
    return _checks(request, award_door(award_id, viewer=person_of(request), at=datetime.now(UTC)))


@require_safe
@worded
def share_checks(request: HttpRequest, token: str) -> HttpResponse:
    """Check the document behind a secret link."""
    return _checks(request, share_door(token, at=datetime.now(UTC)))


def _checks(request: HttpRequest, door: Door) -> HttpResponse:
    at = datetime.now(UTC)
    if not checks_left(request, at=at):
        return errors.refusal(request, 429)
    story = award_story(door.view)
    finding = finding_fresh(door.view, story.changes, at=at)
    return render(request, "verification/result.html", {"finding": finding, "at": at, "door": door})


@require_safe
@worded
def award_evidence(request: HttpRequest, award_id: UUID, number: int) -> HttpResponse:
    """Show one entry of evidence that its owner shares."""
    door = award_door(award_id, viewer=person_of(request), at=datetime.now(UTC))
    return _evidence(request, door, number)


@require_safe
@worded
def share_evidence(request: HttpRequest, token: str, number: int) -> HttpResponse:
    """Show the same behind a secret link."""
    return _evidence(request, share_door(token, at=datetime.now(UTC)), number)


def _evidence(request: HttpRequest, door: Door, number: int) -> HttpResponse:
    story = award_story(door.view)
    entry = next((entry for entry in story.shown if entry.number == number and entry.is_shared), None)
    if entry is None:
        raise EvidenceUnknown("There is no such piece of evidence here, or its owner keeps it private.")
    pieces = [_piece_shown(door, number, piece) for piece in entry.pieces if piece.shareable]
    context = {
        "door": door,
        "award": door.view.award,
        "recipient": recipient_signed(door.view),
        "entry": entry,
        "pieces": pieces,
    }
    return render(request, "awards/evidence.html", context)


def _piece_shown(door: Door, number: int, piece: Any) -> dict[str, Any]:  # noqa: ANN401  - assessment's piece of evidence
    link = PieceLink(piece_label(piece), f"{door.base}/evidence/{number}/{piece.number}")
    shown = {"link": link, "kind": piece.kind, "media": piece.media_type.partition("/")[0], "sha256": piece.sha256}
    if piece.kind in {"text", "link"}:
        opened = evidence_piece_open(view=door.view, number=number, place=piece.number)
        with opened.stream:
            raw = opened.stream.read(TEXT_SHOWN)
        body = raw.decode(errors="replace").partition("\n")[2].strip()
        shown |= {"body": body, "href": body if body.startswith(("https://", "http://")) else ""}
    return shown

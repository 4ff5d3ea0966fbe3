"""Awards of the token's organization: reading them, pausing, lifting and revoking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from insignia.api.answering import answer_once
from insignia.api.idempotency import Answer
from insignia.api.tokens import Bearer, caller_of
from insignia.api.v1.paging import newest_first, next_address, parameters_require
from insignia.api.v1.schemas import LIMIT, SEEN, WORDED, After, In, Limit, Page, Words, answers, words
from insignia.awards.register import award_in, register_of, standing_of
from insignia.awards.services import award_reinstate, award_revoke, award_suspend

if TYPE_CHECKING:
    from insignia.awards.models import Award

router = Router(tags=["awards"])

NAMED = "Words from the recipient's or the badge's name."

State = Literal["valid", "expired", "signing", "suspended", "revoked"]


class Recipient(Schema):
    """Who holds the award, by the name they want shown, or the one the organization wrote."""

    name: str


class AwardedBadge(Schema):
    """The version of the badge that was awarded."""

    id: UUID
    badge_id: UUID
    version: int
    name: Words


class AwardOut(Schema):
    """One award."""

    id: UUID
    state: State
    badge: AwardedBadge
    recipient: Recipient
    valid_from: datetime
    valid_until: datetime | None
    issued_at: datetime | None
    url: str = Field(description="The id of its credential, and its page: open to those whom its holder lets in.")


class Awards(Page):
    """One page of awards."""

    items: list[AwardOut]


class Reason(In):
    """Why: whoever checks the badge reads it."""

    reason: str = Field(min_length=1, max_length=500, pattern=WORDED)


class Changed(Schema):
    """What became of the award."""

    id: UUID
    state: State


@router.get("/awards", response=answers(200, Awards), auth=Bearer("awards:read"), url_name="awards")
def awards(
    request: HttpRequest,
    state: Annotated[State | None, Query(description="Only those that stand so now.")] = None,
    query: Annotated[str, Query(max_length=100, pattern=f"^{SEEN}*$", description=NAMED)] = "",
    after: After = None,
    limit: Limit = LIMIT,
) -> Awards:
    """List what the organization gave, the newest first."""
    parameters_require(request, "state", "query", "after", "limit")
    caller, at = caller_of(request), datetime.now(UTC)
    found = register_of(
        organization=caller.organization, viewer=caller.person, on=at, state=state or "", query=query
    )
    rows, cursor = newest_first(found, after=after, limit=limit)
    return Awards(items=[_award(row, at) for row in rows], next=next_address(request, cursor))


@router.get(
    "/awards/{uuid:award_id}", response=answers(200, AwardOut), auth=Bearer("awards:read"), url_name="award"
)
def award(request: HttpRequest, award_id: UUID) -> AwardOut:
    """Give one award."""
    caller = caller_of(request)
    found = award_in(organization=caller.organization, award_id=award_id, viewer=caller.person)
    return _award(found, datetime.now(UTC))


@router.post(
    "/awards/{uuid:award_id}/revoke",
    response=answers(200, Changed, writes=True),
    auth=Bearer("awards:write"),
    url_name="award_revoke",
)
def revoke(request: HttpRequest, award_id: UUID, body: Reason) -> HttpResponse:
    """Revoke an award for good. Its status list says so within a second."""
    return _changed(request, award_id, body, award_revoke)


@router.post(
    "/awards/{uuid:award_id}/suspend",
    response=answers(200, Changed, writes=True),
    auth=Bearer("awards:write"),
    url_name="award_suspend",
)
def suspend(request: HttpRequest, award_id: UUID, body: Reason) -> HttpResponse:
    """Pause an award until it is reinstated or revoked."""
    return _changed(request, award_id, body, award_suspend)


@router.post(
    "/awards/{uuid:award_id}/reinstate",
    response=answers(200, Changed, writes=True),
    auth=Bearer("awards:write"),
    url_name="award_reinstate",
)
def reinstate(request: HttpRequest, award_id: UUID, body: Reason) -> HttpResponse:
    """Lift a pause: the award counts again."""
    return _changed(request, award_id, body, award_reinstate)


def _changed(request: HttpRequest, award_id: UUID, body: Reason, change: Callable[..., Award]) -> HttpResponse:
    caller, at = caller_of(request), datetime.now(UTC)
    found = award_in(organization=caller.organization, award_id=award_id, viewer=caller.person)

    def act() -> Answer:
        award = change(award_id=found.public_id, reason=body.reason, actor=caller.actor, at=at)
        return Answer(200, {"id": str(award.public_id), "state": standing_of(award, on=at)})

    return answer_once(request, act, at=at)


def _award(award: Award, at: datetime) -> AwardOut:
    version = award.version
    badge = AwardedBadge(
        id=version.public_id,
        badge_id=version.achievement.public_id,
        version=version.number,
        name=Words(**words(version.content["name"])),
    )
    return AwardOut(
        id=award.public_id,
        state=cast("State", standing_of(award, on=at)),
        badge=badge,
        recipient=Recipient(name=award.recipient.shown_name),
        valid_from=award.valid_from,
        valid_until=award.valid_until,
        issued_at=award.issued_at,
        url=f"{award.organization.origin}/awards/{award.public_id}",
    )

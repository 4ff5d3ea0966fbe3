"""Badges of the token's organization, so that an integrator finds the ids that awards are given by."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema

from insignia.achievements.selectors import versions_in_use
from insignia.api.tokens import Bearer, caller_of
from insignia.api.v1.paging import newest_first, next_address, parameters_require
from insignia.api.v1.schemas import LIMIT, After, Limit, Page, Words, answers, words

if TYPE_CHECKING:
    from insignia.achievements.models import AchievementVersion

router = Router(tags=["badges"])


class Badge(Schema):
    """One published version of a badge."""

    id: UUID = Field(description="The id of this version. Awards are given for a version.")
    badge_id: UUID = Field(description="The id of the badge through all its versions.")
    slug: str
    version: int
    name: Words
    credential_class: str = Field(description="recognition, knowledge or application")
    language: str
    published_at: datetime
    url: str = Field(description="The page of this version; as application/json, the Open Badges Achievement.")


class Badges(Page):
    """One page of badges."""

    items: list[Badge]


@router.get("/badges", response=answers(200, Badges), auth=Bearer("badges:read"), url_name="badges")
def badges(
    request: HttpRequest,
    after: After = None,
    limit: Limit = LIMIT,
) -> Badges:
    """List the badges that can be awarded now, the newest first."""
    parameters_require(request, "after", "limit")
    rows, cursor = newest_first(versions_in_use(caller_of(request).organization), after=after, limit=limit)
    return Badges(items=[_badge(row) for row in rows], next=next_address(request, cursor))


def _badge(version: AchievementVersion) -> Badge:
    lineage = version.achievement
    origin = version.organization.origin
    assert version.published_at is not None  # noqa: S101  - the database holds it for published versions
    return Badge(
        id=version.public_id,
        badge_id=lineage.public_id,
        slug=lineage.slug,
        version=version.number,
        name=Words(**words(version.content["name"])),
        credential_class=version.credential_class,
        language=version.language,
        published_at=version.published_at,
        url=f"{origin}/achievements/{lineage.public_id}/v{version.number}",
    )

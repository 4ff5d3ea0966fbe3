"""One lineage as its author may see it, and the draft on the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from insignia.achievements.errors import AchievementNotFound
from insignia.achievements.models import Achievement, AchievementVersion
from insignia.achievements.rules import AchievementContent, content_from_json, content_to_json
from insignia.achievements.selectors import achievement_get, content_of, version_get, versions_of
from insignia.organizations.models import Role
from insignia.organizations.selectors import organization_get, permission_require
from insignia.web.authoring.paths import Json

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.organizations.models import Organization

OFFERED = ("en", "es")
"""Languages every editor offers, beside the badge's own."""


@dataclass(frozen=True)
class Lineage:
    """A badge through its versions, newest first."""

    organization: Organization
    achievement: Achievement
    versions: list[AchievementVersion]

    @property
    def draft(self) -> AchievementVersion | None:
        """Its draft, if it has one."""
        return next((one for one in self.versions if one.state == AchievementVersion.State.DRAFT), None)


def workshop_of(slug: str, person: Person) -> Organization:
    """Find the organization in which this person writes badges.

    Raises:
        NotFound: no member. NotAllowed: a member who is no author.
    """
    organization = organization_get(slug)
    permission_require(person=person, organization=organization, role=Role.AUTHOR)
    return organization


def lineage_of(slug: str, lineage: UUID, person: Person) -> Lineage:
    """Find a badge of this organization with all its versions.

    Raises:
        NotFound, NotAllowed: as above, or no such badge here.
    """
    organization = workshop_of(slug, person)
    achievement = achievement_get(lineage, viewer=person)
    if achievement.organization_id != organization.pk:
        raise AchievementNotFound("There is no such badge here.")
    return Lineage(organization, achievement, versions_of(achievement, viewer=person))


def draft_whole(lineage: Lineage, person: Person) -> AchievementVersion:
    """Load the draft with its picture.

    Raises:
        AchievementNotFound: there is no draft.
    """
    if lineage.draft is None:
        raise AchievementNotFound("This badge has no draft.")
    return version_get(lineage.achievement.public_id, lineage.draft.number, viewer=person)


def data_of(version: AchievementVersion) -> Json:
    """Give what the editor works on: the content as JSON, and the class beside it."""
    whole = {"renewal": None, **content_to_json(content_of(version))}  # left out where nothing is said
    return {**whole, "credential_class": version.credential_class}


def content_from(data: Json) -> AchievementContent:
    """Read what the editor worked on.

    Raises:
        ContentInvalid: `fields` names each wrong path.
    """
    return content_from_json({name: value for name, value in data.items() if name != "credential_class"})


def languages_of(data: Json) -> tuple[str, ...]:
    """Give the languages the editor shows, the badge's own first."""
    own = data["language"]
    return (own, *(tag for tag in OFFERED if tag != own.split("-")[0]))

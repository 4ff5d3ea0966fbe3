"""The demo's stage: schools, people, frameworks and badges, set up through the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib.resources import files
from uuid import UUID

from insignia.accounts.models import Person
from insignia.accounts.services import person_create
from insignia.achievements.models import AchievementVersion
from insignia.achievements.services import achievement_create, alignment_set, image_compose, version_publish
from insignia.audit.actor import Actor
from insignia.demo.badges import Sheet, alignments
from insignia.demo.cast import PLAYERS, SCHOOLS, Player
from insignia.frameworks.rules import ImportReport
from insignia.frameworks.selectors import item_search
from insignia.frameworks.services import framework_import
from insignia.issuing.models import Issuer
from insignia.issuing.services import issuer_create
from insignia.organizations.models import Organization
from insignia.organizations.services import member_add, organization_create

DEMO_ORIGIN = "https://demo.insignia.example"
FRAMEWORK = "quillwater_framework.case.json"
SETUP = Actor.command("insignia demo")
DAYS_OF_A_YEAR = 365.25
YEARS_BACK = timedelta(days=1200)


@dataclass
class Stage:
    """Everything the scenes need, by short names. `start` is when the demo was started."""

    start: datetime
    schools: dict[str, Organization] = field(default_factory=dict)
    issuers: dict[str, Issuer] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    versions: dict[str, AchievementVersion] = field(default_factory=dict)

    def days_ago(self, days: float) -> datetime:
        """Give a moment before the start."""
        return self.start - timedelta(days=days)

    @property
    def founded(self) -> datetime:
        """Give the moment the schools joined, long enough ago for a badge to have expired."""
        return self.start - YEARS_BACK


def stage_found(start: datetime) -> Stage:
    """Found the schools, bring in the people, make the first keys."""
    stage = Stage(start)
    for player in PLAYERS:
        stage.people[player.key] = _person(player, stage)
    for school in SCHOOLS:
        organization = organization_create(
            actor=SETUP,
            at=stage.founded,
            slug=school.slug,
            name=school.name,
            kind=school.kind,
            time_zone="America/Denver",
        )
        stage.schools[school.slug] = organization
        stage.issuers[school.slug] = issuer_create(
            organization=organization, actor=SETUP, at=stage.founded, origin=DEMO_ORIGIN
        )
        _join(organization, school.learners, stage)
    return stage


def _person(player: Player, stage: Stage) -> Person:
    born_on = None if player.age is None else _birthday(player.age, stage.start.date())
    return person_create(
        email=player.email,
        display_name=player.name,
        born_on=born_on,
        language=player.language,
        at=stage.founded,
        actor=SETUP,
    )


def _birthday(age: int, today: date) -> date:
    return today - timedelta(days=int((age + 0.4) * DAYS_OF_A_YEAR))


def _join(organization: Organization, learners: tuple[str, ...], stage: Stage) -> None:
    for player in PLAYERS:
        if player.roles or player.key in learners:
            member_add(
                organization=organization,
                person=stage.people[player.key],
                roles=player.roles,
                actor=SETUP,
                at=stage.founded,
            )


def framework_bring(stage: Stage, slug: str, *, at: datetime) -> ImportReport:
    """Import the district's framework for one school."""
    raw = (files("insignia.demo") / "data" / FRAMEWORK).read_bytes()
    return framework_import(
        organization=stage.schools[slug],
        actor=Actor.person(stage.people["priscilla"]),
        at=at,
        raw=raw,
        filename=FRAMEWORK,
    )


def badge_draft(stage: Stage, sheet: Sheet, *, at: datetime) -> AchievementVersion:
    """Write a badge with its picture and alignment, as a draft."""
    author, organization = stage.people["priscilla"], stage.schools[sheet.organization]
    version = achievement_create(
        organization=organization,
        slug=sheet.slug,
        content=sheet.content,
        credential_class=sheet.credential_class,
        person=author,
        at=at,
    )
    aligned = [(_item(organization, code), outcome) for code, outcome in alignments(sheet)]
    alignment_set(version_id=version.public_id, alignments=aligned, person=author, at=at)
    image_compose(version_id=version.public_id, choices=sheet.art, person=author, at=at)
    return version


def badge_publish(stage: Stage, sheet: Sheet, *, at: datetime) -> AchievementVersion:
    """Write a badge and publish it."""
    draft = badge_draft(stage, sheet, at=at)
    version = version_publish(version_id=draft.public_id, person=stage.people["priscilla"], at=at)
    stage.versions[sheet.slug] = version
    return version


def _item(organization: Organization, code: str) -> UUID:
    found = item_search(organization=organization, query=code, limit=5)
    return next(entry.item.public_id for entry in found if entry.item.human_code == code)

"""A school that can sign, a published badge, and decisions about learners' work."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from insignia.accounts.models import Person
from insignia.achievements.models import AchievementVersion
from insignia.achievements.rules import (
    AchievementContent,
    Assessment,
    AssessmentType,
    Criterion,
    EvidenceKind,
    EvidenceRequirement,
    Field,
    Level,
    Outcome,
    Rubric,
    Supervision,
)
from insignia.achievements.services import achievement_create, image_compose, version_publish
from insignia.assessment.models import Attempt, Decision, EvidenceItem, Submission
from insignia.audit.actor import Actor
from insignia.foundation.ids import new_id
from insignia.foundation.sealing import seal
from insignia.issuing.models import Issuer
from insignia.issuing.services import issuer_create, lists_republish
from insignia.organizations.models import Organization
from tests.platform.factories import AT, SETUP, make_member, make_organization, make_person

ORIGIN = "https://badges.example.org"


def both(text: str) -> dict[str, str]:
    return {"en": text, "es": f"{text} (es)"}


def make_content(*, months: int | None = 36) -> AchievementContent:
    """Write a badge with two criteria of three levels and three requirements, the last one optional."""
    return AchievementContent(
        language="en",
        name=both("Scientific Communication"),
        description=both("Explains a study to people outside the field."),
        criteria=both("Explain **one** study, its method and what it leaves open, to a lay audience."),
        achievement_type="MicroCredential",
        field=Field.ACADEMIC,
        tags=("science", "communication"),
        outcomes=(
            Outcome("out000000001", both("Explain the method of a published study to a lay audience without jargon.")),
            Outcome("out000000002", both("Describe the uncertainty of a result with a correct example.")),
        ),
        rubric=Rubric(both("Rubric"), (make_criterion(1, critical=False), make_criterion(2, critical=True))),
        requirements=(
            make_requirement(1, "Recording of the talk", genre="Video"),
            make_requirement(2, "Slides", genre="Slides"),
            make_requirement(3, "Reflection", genre="Text", required=False),
        ),
        validity_months=months,
        notional_hours=20,
        assessment=Assessment(
            type=AssessmentType.PERFORMANCE,
            supervision=Supervision.SUPERVISED,
            pass_rule=both("Every criterion at its required level."),
            qa_statement=both("A second assessor judges one in ten."),
            assessor_qualification=both("Teaches a science."),
            moderation=both("Twice a year."),
        ),
        image_alt=both("A lens over a page"),
    )


def make_criterion(number: int, *, critical: bool) -> Criterion:
    levels = tuple(
        Level(f"lev{number}{place:08}", both(title), both(f"{title}: what that looks like for criterion {number}."))
        for place, title in enumerate(("Beginning", "Proficient", "Advanced"))
    )
    return Criterion(
        id=f"cri{number:09}",
        outcome_id=f"out{number:09}",
        title=both(f"Criterion {number}"),
        description=both(f"How well part {number} is done."),
        critical=critical,
        weight=1,
        levels=levels,
        required_level_id=levels[1].id,
    )


def make_requirement(number: int, name: str, *, genre: str, required: bool = True) -> EvidenceRequirement:
    return EvidenceRequirement(
        id=f"req{number:09}",
        name=both(name),
        description=both(f"{name}, in a form others can open."),
        genre=genre,
        kinds=(EvidenceKind.TEXT, EvidenceKind.FILE, EvidenceKind.LINK),
        required=required,
    )


@dataclass(frozen=True)
class World:
    """One school with everybody an award needs."""

    organization: Organization
    issuer: Issuer
    version: AchievementVersion
    author: Person
    registrar: Person
    assessor: Person

    @property
    def registrar_acts(self) -> Actor:
        return Actor.person(self.registrar)


def make_world(*, months: int | None = 36, name: str = "Quillwater High", at: datetime = AT) -> World:
    organization = make_organization(name=name)
    author = make_member(organization, "author")
    version = achievement_create(
        organization=organization,
        slug="scientific-communication",
        content=make_content(months=months),
        credential_class="application",
        person=author,
        at=at,
    )
    choices = {"tincture": "azure", "metal": "argent", "symbol": "microscope", "ribbon": ""}
    image_compose(version_id=version.public_id, choices=choices, person=author, at=at)
    version = version_publish(version_id=version.public_id, person=author, at=at)
    issuer = issuer_create(organization=organization, actor=SETUP, at=at, origin=ORIGIN)
    lists_republish(at)
    return World(
        organization=organization,
        issuer=issuer,
        version=version,
        author=author,
        registrar=make_member(organization, "registrar", name="Marguerite Boudreaux"),
        assessor=make_member(organization, "assessor", name="Samuel Okafor"),
    )


def make_decision(
    world: World,
    *,
    learner: Person | None = None,
    outcome: str = "met",
    final: bool = True,
    answered: tuple[int, ...] = (1, 2),
    level: int = 1,
    born_on: date | None = date(2008, 2, 29),
    at: datetime = AT,
) -> Decision:
    """Write the rows a locked rating leaves: submission, attempt with evidence, decision."""
    person = learner or make_person("Itzel Marroquín Ñ", born_on=born_on)
    submission = Submission.objects.create(
        organization=world.organization,
        version=world.version,
        learner=person,
        code=new_id().hex[-8:],
        state=outcome,
        started_at=at,
        updated_at=at,
    )
    attempt = Attempt.objects.create(
        submission=submission, number=1, opened_at=at, submitted_at=at, snapshot_sha256="0" * 64
    )
    for number in answered:
        _evidence(attempt, person, number, at)
    rubric = make_content().rubric
    return Decision.objects.create(
        attempt=attempt,
        organization=world.organization,
        version=world.version,
        learner=person,
        outcome=outcome,
        decided_at=at,
        decided_by=world.assessor,
        criteria=[
            {
                "criterion_id": criterion.id,
                "level_id": criterion.levels[level].id,
                "required_level_id": criterion.required_level_id,
                "met": True,
                "carried": False,
            }
            for criterion in rubric.criteria
        ],
        sealed_feedback=seal(b"{}", key=person.data_key, purpose="decision-feedback"),
        final=final,
    )


def _evidence(attempt: Attempt, person: Person, number: int, at: datetime) -> EvidenceItem:
    body = bytes(16) + f"secret words of piece {number}".encode()
    return EvidenceItem.objects.create(
        attempt=attempt,
        requirement_id=f"req{number:09}",
        position=1,
        kind="text",
        sealed_body=seal(body, key=person.data_key, purpose="evidence"),
        media_type="text/plain",
        byte_size=len(body) - 16,
        sha256=hashlib.sha256(body).hexdigest(),
        added_at=at,
        updated_at=at,
    )

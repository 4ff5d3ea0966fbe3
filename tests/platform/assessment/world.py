"""A small school with one badge, a learner and two assessors; short names for the steps between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet

from insignia.accounts.models import Person
from insignia.achievements.models import Achievement, AchievementVersion
from insignia.achievements.rules import (
    AchievementContent,
    Criterion,
    EvidenceKind,
    EvidenceRequirement,
    Field,
    Level,
    Outcome,
    Rubric,
    content_hash,
    content_to_json,
)
from insignia.assessment.checks import CHECKS
from insignia.assessment.models import Assignment, Decision, Submission
from insignia.assessment.pieces import Authorship
from insignia.assessment.services import (
    authorship_save,
    evidence_add_text,
    queue_lease_next,
    rating_lock,
    rating_save,
    submission_start,
    submission_submit,
)
from insignia.organizations.models import Organization
from insignia.outbox.models import Message
from tests.platform.factories import AT, make_member, make_organization, make_person

HOUR = timedelta(hours=1)
LOW, BAR, HIGH = 0, 1, 2


def criterion(name: str, title: str, *, critical: bool = False) -> Criterion:
    levels = tuple(
        Level(id=f"{name}{n}", title={"en": word, "es": word}, description={"en": word}, points=n)
        for n, word in enumerate(("Beginning", "Proficient", "Advanced"))
    )
    return Criterion(
        id=name,
        outcome_id="o1",
        title={"en": title, "es": f"{title} (es)"},
        description={"en": title},
        critical=critical,
        weight=1,
        levels=levels,
        required_level_id=f"{name}1",
    )


CONTENT = AchievementContent(
    language="en",
    name={"en": "Scientific communication", "es": "Comunicación científica"},
    description={"en": "Explains findings to those who were not there."},
    criteria={"en": "Write, show and defend one finding."},
    achievement_type="MicroCredential",
    field=Field.ACADEMIC,
    outcomes=(Outcome("o1", {"en": "Explain a finding"}),),
    rubric=Rubric(
        {"en": "Rubric"},
        (
            criterion("claim", "Claim"),
            criterion("uncertainty", "Uncertainty", critical=True),
            criterion("audience", "Audience"),
            criterion("sources", "Sources"),
        ),
    ),
    requirements=(
        EvidenceRequirement(
            "report",
            {"en": "Report", "es": "Informe"},
            {"en": "Two pages"},
            "Report",
            (EvidenceKind.TEXT, EvidenceKind.FILE),
            True,  # noqa: FBT003  - required
        ),
        EvidenceRequirement(
            "talk",
            {"en": "Talk / recording", "es": "Charla"},
            {"en": "Five minutes"},
            "Recording",
            (EvidenceKind.LINK, EvidenceKind.FILE),
            False,  # noqa: FBT003  - not required
        ),
    ),
)


def make_version(
    organization: Organization,
    *,
    slug: str = "scientific-communication",
    content: AchievementContent = CONTENT,
    credential_class: str = "application",
) -> AchievementVersion:
    lineage = Achievement.objects.create(organization=organization, slug=slug, created_at=AT)
    return AchievementVersion.objects.create(
        organization=organization,
        achievement=lineage,
        number=1,
        state="published",
        credential_class=credential_class,
        content=content_to_json(content),
        field="academic",
        language="en",
        content_hash=content_hash(content),
        created_at=AT,
        published_at=AT,
    )


@dataclass
class World:
    school: Organization = field(default_factory=make_organization)
    learner: Person = field(default_factory=lambda: make_person("Itzel Marroquín"))

    def __post_init__(self) -> None:
        self.samuel = make_member(self.school, "assessor", name="Samuel Okafor")
        self.lucia = make_member(self.school, "assessor", name="Lucía Ferreyra")
        self.version = make_version(self.school)

    def draft(self, learner: Person | None = None, at: datetime = AT) -> Submission:
        return submission_start(version=self.version, learner=learner or self.learner, at=at)

    def ready(self, learner: Person | None = None, at: datetime = AT) -> Submission:
        """A draft that could be handed in."""
        person = learner or self.learner
        work = self.draft(person, at)
        evidence_add_text(
            submission_id=work.public_id, requirement_id="report", text="We measured.", learner=person, at=at
        )
        authorship_save(submission_id=work.public_id, authorship=Authorship("individual"), learner=person, at=at)
        return work

    def submitted(self, learner: Person | None = None, at: datetime = AT) -> Submission:
        person = learner or self.learner
        work = self.ready(person, at)
        submission_submit(submission_id=work.public_id, learner=person, at=at)
        work.refresh_from_db()
        return work

    def leased(self, assessor: Person | None = None, at: datetime = AT) -> Assignment:
        return queue_lease_next(assessor=assessor or self.samuel, at=at)

    def rate(self, assignment: Assignment, at: datetime = AT, **places: int) -> int:
        """Save levels by criterion and place (the bar unless said otherwise); return the rating's version."""
        rating = rating_save(
            assignment_id=assignment.public_id,
            assessor=assignment.assessor,
            levels={name: f"{name}{place}" for name, place in places.items()},
            feedback={"": "See the notes.", "uncertainty": "Give an interval."},
            version=self.rating_version(assignment),
            at=at,
        )
        return rating.lock_version

    def rating_version(self, assignment: Assignment) -> int:
        assignment.refresh_from_db()
        return int(assignment.rating.lock_version)

    def decide(self, assignment: Assignment, **places: int) -> Decision:
        given = {"claim": BAR, "uncertainty": BAR, "audience": BAR, "sources": BAR} | places
        version = self.rate(assignment, AT, **given)
        return rating_lock(
            assignment_id=assignment.public_id, assessor=assignment.assessor, version=version, at=AT
        )

    def decided(self, **places: int) -> Decision:
        self.submitted()
        return self.decide(self.leased(), **places)

    def decide_for(self, learner: Person, **places: int) -> Decision:
        self.submitted(learner)
        return self.decide(self.leased(), **places)


def learner_mails(world: World) -> QuerySet[Message]:
    return Message.objects.filter(recipient=world.learner.email)


def findings() -> list[tuple[str, str]]:
    return [(found.invariant, found.message) for check in CHECKS for found in check.run(True)]  # noqa: FBT003  - deep

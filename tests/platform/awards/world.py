"""A school that can sign, a published badge, and decisions about learners' work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

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
    Renewal,
    Rubric,
    Supervision,
)
from insignia.achievements.services import achievement_create, alignment_set, image_compose, version_publish
from insignia.assessment.models import Decision
from insignia.assessment.pieces import Authorship
from insignia.assessment.services import (
    authorship_save,
    evidence_add_text,
    queue_lease,
    rating_lock,
    rating_save,
    submission_start,
    submission_submit,
)
from insignia.audit.actor import Actor
from insignia.awards.models import Award
from insignia.awards.services import award_from_decision
from insignia.issuing.models import Issuer
from insignia.issuing.services import issuer_create, lists_republish
from insignia.organizations.models import Organization
from tests.platform.achievements.samples import make_item
from tests.platform.again import again
from tests.platform.factories import AT, SETUP, make_member, make_organization, make_person

ORIGIN = "https://badges.example.org"


def both(text: str) -> dict[str, str]:
    return {"en": text, "es": f"{text} (es)"}


def make_content(*, months: int | None = 36, renewal: Renewal | None = None) -> AchievementContent:
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
            Outcome(
                "out000000001", both("Explain the method of a published study to a lay audience without jargon.")
            ),
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
        renewal=renewal,
    )


def make_criterion(number: int, *, critical: bool) -> Criterion:
    levels = tuple(
        Level(
            f"lev{number}{place:08}", both(title), both(f"{title}: what that looks like for criterion {number}.")
        )
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


def make_world(
    *,
    months: int | None = 36,
    renewal: Renewal | None = None,
    name: str = "Quillwater High",
    at: datetime = AT,
) -> World:
    """Make a school with a key, published lists, people in every role and a badge for applications."""
    wanted = (months, renewal, name, at)
    return again(("world", *wanted), lambda: _made(*wanted))


def _made(months: int | None, renewal: Renewal | None, name: str, at: datetime) -> World:
    organization = make_organization(name=name)
    author = make_member(organization, "author")
    version = achievement_create(
        organization=organization,
        slug="scientific-communication",
        content=make_content(months=months, renewal=renewal),
        credential_class="application",
        person=author,
        at=at,
    )
    aligned = [(make_item(organization).public_id, "out000000001")]
    alignment_set(version_id=version.public_id, alignments=aligned, person=author, at=at)
    choices = {"tincture": "azure", "metal": "argent", "symbol": "flask", "ribbon": "Science"}
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


@dataclass(frozen=True)
class Awarded:
    """A school and the awards it gave."""

    world: World
    awards: list[Award]


def make_awarded(*names: str) -> Awarded:
    """Make a school that gave its badge to these learners."""
    return again(("awarded", *names), lambda: _awarded(names))


def _awarded(names: tuple[str, ...]) -> Awarded:
    world = make_world()
    decisions = [make_decision(world, learner=make_person(name)) for name in names]
    return Awarded(world, [award_from_decision(decision_id=decision.public_id, at=AT) for decision in decisions])


def make_decision(
    world: World,
    *,
    learner: Person | None = None,
    outcome: str = "met",
    final: bool = True,
    answered: tuple[int, ...] = (1, 2),
    born_on: date | None = date(2008, 2, 29),
    at: datetime = AT,
) -> Decision:
    """Let a learner hand in and the assessor judge, through the services that people use."""
    person = learner or make_person("Itzel Marroquín Ñ", born_on=born_on)
    submission = submission_start(version=world.version, learner=person, at=at)
    for number in answered:
        evidence_add_text(
            submission_id=submission.public_id,
            learner=person,
            requirement_id=f"req{number:09}",
            text=f"secret words of piece {number}",
            at=at,
        )
    authorship_save(
        submission_id=submission.public_id, learner=person, authorship=Authorship("individual"), version=0, at=at
    )
    submission_submit(submission_id=submission.public_id, learner=person, at=at)
    decision = _judged(world, submission.public_id, level=LEVELS[outcome], at=at)
    assert decision.outcome == outcome
    if not final:
        Decision.objects.filter(pk=decision.pk).update(final=False)
    return decision


LEVELS = {"met": (1, 2), "almost": (0, 1), "not_yet": (0, 0)}
"""Which level (0 the lowest) each criterion gets for an outcome; the second criterion is critical."""


def _judged(world: World, submission_id: UUID, *, level: tuple[int, int], at: datetime) -> Decision:
    assignment = queue_lease(submission_id=submission_id, assessor=world.assessor, at=at)
    criteria = make_content().rubric.criteria
    levels = {criterion.id: criterion.levels[place].id for criterion, place in zip(criteria, level, strict=True)}
    feedback = {criterion.id: "See the second slide." for criterion in criteria}
    rating = rating_save(
        assignment_id=assignment.public_id,
        assessor=world.assessor,
        levels=levels,
        feedback=feedback,
        version=1,
        at=at,
    )
    return rating_lock(
        assignment_id=assignment.public_id, assessor=world.assessor, version=rating.lock_version, at=at
    )

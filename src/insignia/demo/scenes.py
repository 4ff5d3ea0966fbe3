"""What happened in the demo's world: work in every state, awards in every state, spread over the past."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypedDict
from uuid import UUID

from insignia.accounts.models import Person
from insignia.achievements.rules import AchievementContent, EvidenceKind, EvidenceRequirement
from insignia.achievements.selectors import content_of
from insignia.assessment.models import Assignment, Decision, Submission
from insignia.assessment.pieces import Authorship
from insignia.assessment.services import (
    authorship_save,
    evidence_add_file,
    evidence_add_link,
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
from insignia.demo.stage import Stage
from insignia.demo.works import TEXTS, file_for

FEEDBACK = {
    "met": "Clear and complete. The part on uncertainty will help your readers.",
    "almost": "Nearly there. Say who you told, and what they asked.",
    "not_yet": "Good start. Show the terms you prepared, and keep to your role to the end.",
}


class _Place(TypedDict):
    """Where a piece of evidence goes, whose it is, and when it came."""

    submission_id: UUID
    requirement_id: str
    learner: Person
    at: datetime


def hand_in(stage: Stage, learner: str, slug: str, *, at: datetime, files: bool = False) -> Submission:
    """Let a learner hand in work for a badge."""
    submission = begin(stage, learner, slug, at=at, files=files)
    person = stage.people[learner]
    authorship_save(
        submission_id=submission.public_id,
        learner=person,
        authorship=Authorship("individual", tools="Spreadsheet", sources="Named in the work"),
        version=0,
        at=at,
    )
    submission_submit(submission_id=submission.public_id, learner=person, at=at + timedelta(minutes=20))
    submission.refresh_from_db()
    return submission


def begin(
    stage: Stage, learner: str, slug: str, *, at: datetime, files: bool = False, pieces: int = 9
) -> Submission:
    """Let a learner begin, with the first `pieces` requirements answered."""
    submission = submission_start(version=stage.versions[slug], learner=stage.people[learner], at=at)
    requirements = content_of(stage.versions[slug]).requirements
    for requirement, text in list(zip(requirements, TEXTS[slug], strict=False))[:pieces]:
        _answer(submission, requirement, text, learner=stage.people[learner], at=at, files=files)
    return submission


def _answer(
    submission: Submission,
    requirement: EvidenceRequirement,
    text: str,
    *,
    learner: Person,
    at: datetime,
    files: bool,
) -> None:
    """Answer one requirement in a way it takes; with `files` what could be written comes as a file."""
    place = _Place(submission_id=submission.public_id, requirement_id=requirement.id, learner=learner, at=at)
    kinds = set(requirement.kinds)
    if kinds == {EvidenceKind.FILE} or (files and {EvidenceKind.FILE, EvidenceKind.TEXT} <= kinds):
        chosen = file_for(requirement.name["en"], text)
        evidence_add_file(name=chosen.name, source=chosen.content, **place)
    elif EvidenceKind.TEXT in kinds:
        evidence_add_text(text=text, **place)
    else:
        url = f"https://work.quillwater.example/{submission.code.lower()}/{requirement.id}"
        evidence_add_link(url=url, **place)


def take(stage: Stage, submission: Submission, *, assessor: str, at: datetime) -> Assignment:
    """Let an assessor take one work."""
    return queue_lease(submission_id=submission.public_id, assessor=stage.people[assessor], at=at)


def judge(
    stage: Stage, submission: Submission, outcome: str, *, at: datetime, assessor: str = "samuel"
) -> Decision:
    """Let an assessor judge a work to an outcome: met, almost or not_yet."""
    assignment = take(stage, submission, assessor=assessor, at=at)
    content = content_of(submission.version)
    levels = levels_for(content, outcome, open_ids=_open_criteria(assignment, content))
    person = stage.people[assessor]
    rating = rating_save(
        assignment_id=assignment.public_id,
        assessor=person,
        levels=levels,
        feedback={"": FEEDBACK[outcome]},
        version=1,
        at=at + timedelta(minutes=10),
    )
    return rating_lock(
        assignment_id=assignment.public_id,
        assessor=person,
        version=rating.lock_version,
        at=at + timedelta(minutes=15),
    )


def levels_for(content: AchievementContent, outcome: str, *, open_ids: set[str]) -> dict[str, str]:
    """Choose a level for each open criterion so that the rating amounts to `outcome`."""
    criteria = [criterion for criterion in content.rubric.criteria if criterion.id in open_ids]
    chosen = {criterion.id: criterion.required_level_id for criterion in criteria}
    if outcome == "met" and len(criteria) > 2:
        best = next(criterion for criterion in criteria if criterion.required_position + 1 < len(criterion.levels))
        chosen[best.id] = best.levels[best.required_position + 1].id
    if outcome == "almost":
        last = [criterion for criterion in criteria if not criterion.critical][-1]
        chosen[last.id] = last.levels[last.required_position - 1].id
    if outcome == "not_yet":
        for criterion in criteria:
            chosen[criterion.id] = criterion.levels[0].id
    return chosen


def _open_criteria(assignment: Assignment, content: AchievementContent) -> set[str]:
    carried: Mapping[str, object] = assignment.attempt.carried
    return {criterion.id for criterion in content.rubric.criteria if criterion.id not in carried}


def earn(
    stage: Stage, learner: str, slug: str, *, at: datetime, assessor: str = "samuel", files: bool = False
) -> Award:
    """Let a learner hand in, be judged as met, and get the signed badge."""
    submission = hand_in(stage, learner, slug, at=at, files=files)
    decision = judge(stage, submission, "met", at=at + timedelta(days=1), assessor=assessor)
    return award_from_decision(decision_id=decision.public_id, at=at + timedelta(days=1, hours=1))


def acting(stage: Stage, key: str) -> Actor:
    """Name one of the people as the one who acts."""
    return Actor.person(stage.people[key])

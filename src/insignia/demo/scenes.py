"""What happened in the demo's world: work in every state, awards in every state, spread over the past."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from insignia.achievements.models import AchievementVersion
from insignia.achievements.rules import AchievementContent
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
from insignia.awards.selectors import award_of_origin
from insignia.awards.services import award_converge, award_from_decision
from insignia.demo.stage import Stage
from insignia.demo.works import TEXTS, field_log, report_pdf

DECISION = "decision"
FEEDBACK = {
    "met": "Clear and complete. The part on uncertainty will help your readers.",
    "almost": "Nearly there. Say who you told, and what they asked.",
    "not_yet": "Good start. Show the terms you prepared, and keep to your role to the end.",
}


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
    person, version = stage.people[learner], stage.versions[slug]
    submission = submission_start(version=version, learner=person, at=at)
    content = content_of(version)
    for requirement, text in list(zip(content.requirements, TEXTS[slug], strict=False))[:pieces]:
        kinds = {kind.value for kind in requirement.kinds}
        if files and "file" in kinds:
            _file(submission, requirement.id, learner=stage, key=learner, at=at, slug=slug)
        elif "text" in kinds:
            evidence_add_text(
                submission_id=submission.public_id, learner=person, requirement_id=requirement.id, text=text, at=at
            )
        elif "link" in kinds:
            url = f"https://work.quillwater.example/{slug}/{requirement.id}"
            evidence_add_link(
                submission_id=submission.public_id, learner=person, requirement_id=requirement.id, url=url, at=at
            )
        else:
            _file(submission, requirement.id, learner=stage, key=learner, at=at, slug=slug)
    return submission


def _file(
    submission: Submission, requirement_id: str, *, learner: Stage, key: str, at: datetime, slug: str
) -> None:
    is_report = submission.version.content["requirements"][0]["id"] == requirement_id
    chosen = report_pdf(slug.replace("-", " ").capitalize()) if is_report else field_log()
    evidence_add_file(
        submission_id=submission.public_id,
        requirement_id=requirement_id,
        name=chosen.name,
        source=chosen.content,
        learner=learner.people[key],
        at=at,
    )


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


def converge(at: datetime) -> None:
    """Let the awards that are due be made."""
    award_converge(at)


def award_of(decision: Decision) -> Award:
    """Find the award that followed from a decision."""
    award = award_of_origin(DECISION, decision.public_id)
    if award is None:
        raise LookupError(f"no award followed from decision {decision.public_id}")
    return award


def acting(stage: Stage, key: str) -> Actor:
    """Name one of the people as the one who acts."""
    return Actor.person(stage.people[key])


def evidence_numbers(version: AchievementVersion) -> range:
    """Count the pieces of evidence as an award numbers them, from 1."""
    return range(1, len(content_of(version).requirements) + 1)


def submission_of(submission_id: UUID) -> Submission:
    """Load a submission again."""
    return Submission.objects.select_related("version").get(public_id=submission_id)

"""An assessor rates, and locks: the decision. It is committed by itself; awards follow it on their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from insignia.achievements.rules import content_from_json
from insignia.assessment.errors import LevelUnknown, RatingIncomplete, StaleVersion
from insignia.assessment.models import Assignment, Decision, Rating
from insignia.assessment.pieces import text_checked
from insignia.assessment.rules import (
    DECISION_MOVES,
    DecisionFacts,
    carried_from_json,
    criteria_to_json,
    decide,
    feedback_missing,
    levels_check,
)
from insignia.assessment.selectors.decisions import FEEDBACK_PURPOSE, feedback_of
from insignia.assessment.services.marking import LEASE, held_locked
from insignia.assessment.services.moves import submission_move
from insignia.assessment.services.notices import notify_decided
from insignia.audit.actor import Actor
from insignia.foundation.sealing import seal
from insignia.foundation.wake import wake

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.achievements.rules import AchievementContent
    from insignia.foundation.models import DataKey


@transaction.atomic
def rating_save(
    *,
    assignment_id: UUID,
    assessor: Person,
    levels: Mapping[str, str],
    feedback: Mapping[str, str],
    version: int,
    at: datetime,
) -> Rating:
    """Save levels {criterion id: level id} and words {criterion id or "": text} so far; renews the lease.

    What is stored already changes nothing, so the same save may come twice.

    Raises:
        StaleVersion: another tab saved meanwhile; `data` has its `version`, `levels` and `feedback`.
        LevelUnknown, CriterionFrozen, TextTooLong: what the rubric does not know; already met; over 64 KiB.
        AssignmentNotFound, LeaseLost, RatingLocked: not in their hands.
    """
    assignment = held_locked(assignment_id, assessor)
    content = content_from_json(assignment.attempt.submission.version.content)
    levels_check(content.rubric, levels, carried_from_json(assignment.attempt.carried))
    words = _feedback_checked(content, feedback)
    rating = Rating.objects.get(assignment=assignment)
    if not _says(rating, levels, words, _key(assignment)):
        rating = _rating_current(assignment, version)
        rating.levels = dict(levels)
        rating.sealed_feedback = _sealed(words, _key(assignment))
        rating.lock_version = version + 1
    rating.saved_at = at
    rating.save(update_fields=["levels", "sealed_feedback", "lock_version", "saved_at"])
    Assignment.objects.filter(pk=assignment.pk).update(leased_until=at + LEASE)
    return rating


@transaction.atomic(durable=True)
def rating_lock(*, assignment_id: UUID, assessor: Person, version: int, at: datetime) -> Decision:
    """Lock the rating and decide: met, almost or not yet. Nothing changes it afterwards.

    Raises:
        RatingIncomplete: a criterion has no level, or a missed one no word of feedback; `fields` names each.
        StaleVersion: another tab saved meanwhile.
        AssignmentNotFound, LeaseLost, RatingLocked: not in their hands.
    """
    assignment = held_locked(assignment_id, assessor)
    rating = _rating_current(assignment, version)
    attempt, submission = assignment.attempt, assignment.attempt.submission
    content = content_from_json(submission.version.content)
    facts = _decided(content, rating, assignment)
    Rating.objects.filter(pk=rating.pk).update(locked_at=at)
    Assignment.objects.filter(pk=assignment.pk).update(locked_at=at)
    decision = Decision.objects.create(
        attempt=attempt,
        organization_id=submission.organization_id,
        version_id=submission.version_id,
        learner=submission.learner,
        outcome=facts.outcome.value,
        decided_at=at,
        decided_by=assessor,
        criteria=criteria_to_json(facts, rated_by=str(assessor.public_id), attempt=attempt.number),
        sealed_feedback=rating.sealed_feedback,
    )
    told = {"decision": str(decision.public_id), "attempt": attempt.number, "missing": list(facts.missing)}
    submission_move(submission, DECISION_MOVES[facts.outcome], actor=Actor.person(assessor), at=at, new=told)
    notify_decided(decision, facts, content, at)
    wake("awards.converge")
    return decision


def _decided(content: AchievementContent, rating: Rating, assignment: Assignment) -> DecisionFacts:
    facts = decide(content.rubric, rating.levels, carried_from_json(assignment.attempt.carried))
    words = feedback_of(rating.sealed_feedback, _key(assignment))
    if silent := feedback_missing(facts, words):
        raise RatingIncomplete(
            "Say what is missing, for each criterion below its bar or for the work as a whole.",
            fields=dict.fromkeys(silent, "Say what is missing here."),
        )
    return facts


def _rating_current(assignment: Assignment, version: int) -> Rating:
    rating = Rating.objects.get(assignment=assignment)
    if rating.lock_version != version:
        raise StaleVersion(
            "This rating was saved in another window meanwhile. Your text is kept; compare both.",
            version=rating.lock_version,
            levels=dict(rating.levels),
            feedback=feedback_of(rating.sealed_feedback, _key(assignment)),
        )
    return rating


def _says(rating: Rating, levels: Mapping[str, str], words: Mapping[str, str], key: DataKey) -> bool:
    return dict(rating.levels) == dict(levels) and feedback_of(rating.sealed_feedback, key) == dict(words)


def _feedback_checked(content: AchievementContent, feedback: Mapping[str, str]) -> dict[str, str]:
    known = {criterion.id for criterion in content.rubric.criteria} | {""}
    if unknown := set(feedback) - known:
        raise LevelUnknown("The rubric has no such criterion. Load the page again.", criterion=min(unknown))
    tidy = {name: text_checked(text, field_name=f"feedback-{name}") for name, text in feedback.items()}
    return {name: text for name, text in tidy.items() if text}


def _sealed(feedback: dict[str, str], key: DataKey) -> bytes:
    return seal(json.dumps(feedback).encode(), key=key, purpose=FEEDBACK_PURPOSE)


def _key(assignment: Assignment) -> DataKey:
    return assignment.attempt.submission.learner.data_key

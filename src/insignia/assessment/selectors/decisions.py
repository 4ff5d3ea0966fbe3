"""Reading decisions: for the learner they are about, the assessor who made them, and the awards that follow."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from insignia.achievements.rules import content_from_json
from insignia.assessment.errors import DecisionNotFound
from insignia.assessment.models import Decision
from insignia.foundation.sealing import unseal

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from insignia.accounts.models import Person
    from insignia.achievements.rules import AchievementContent, Criterion
    from insignia.foundation.models import DataKey

FEEDBACK_PURPOSE = "feedback"


@dataclass(frozen=True)
class CriterionView:
    """One criterion of a decision: level reached, level asked for, and the words for it."""

    criterion: Criterion
    level_id: str
    required_level_id: str
    met: bool
    carried: bool
    attempt: int
    feedback: str


@dataclass(frozen=True)
class DecisionView:
    """What a learner reads: missed criteria first, then met ones, each in the order of the rubric."""

    public_id: UUID
    submission_id: UUID
    code: str
    attempt_number: int
    content: AchievementContent
    outcome: str
    decided_at: datetime
    criteria: tuple[CriterionView, ...]
    feedback: str

    @property
    def met_count(self) -> int:
        """Count the criteria that were met."""
        return sum(criterion.met for criterion in self.criteria)

    @property
    def missing(self) -> tuple[CriterionView, ...]:
        """Give the criteria that were missed."""
        return tuple(criterion for criterion in self.criteria if not criterion.met)


def decision_get(public_id: UUID) -> Decision:
    """Load a decision for another domain's work, with version, learner, key, organization and attempt.

    Raises:
        DecisionNotFound: there is none.
    """
    decision = _rows().filter(public_id=public_id).first()
    if decision is None:
        raise DecisionNotFound("There is no such decision here.")
    return decision


def decisions_met_of(*, achievement_id: UUID, learner_ids: Collection[int]) -> list[tuple[UUID, int]]:
    """List the final decisions that say met about these people and one badge, any version: id and learner."""
    rows = Decision.objects.filter(
        version__achievement__public_id=achievement_id,
        learner_id__among=list(learner_ids),
        final=True,
        outcome=Decision.Outcomes.MET,
    )
    return list(rows.values_list("public_id", "learner_id"))


def decisions_final_met(
    *, excluding: QuerySet[Any, UUID] | Collection[UUID] = (), after: int = 0, limit: int = 100
) -> list[Decision]:
    """List final `met` decisions by age, for the sweep that awards them.

    `excluding` holds public ids that have their origin row already (give a `values("origin_id")` query: it
    becomes part of the statement); `after` is the `id` of the last decision of the page before.
    """
    rows = _rows().filter(final=True, outcome=Decision.Outcomes.MET, pk__gt=after)
    return list(rows.exclude(public_id__in=excluding).order_by("pk")[:limit])


def decision_for_learner(*, decision_id: UUID, viewer: Person) -> DecisionView:
    """Show a decision to the learner it is about, with its feedback.

    Raises:
        DecisionNotFound: none about the viewer.
        Erased: the learner's key was destroyed.
    """
    decision = _rows().filter(public_id=decision_id, learner=viewer).first()
    if decision is None:
        raise DecisionNotFound("There is no such decision about your work.")
    return _view(decision)


def decision_of_attempt(*, submission_id: UUID, number: int, viewer: Person) -> DecisionView:
    """Show the decision about one attempt of one's own work.

    Raises:
        DecisionNotFound: none about the viewer.
        Erased: the learner's key was destroyed.
    """
    rows = _rows().filter(attempt__submission__public_id=submission_id, attempt__number=number, learner=viewer)
    if (decision := rows.first()) is None:
        raise DecisionNotFound("There is no such decision about your work.")
    return _view(decision)


def decision_of_submission(*, submission_id: UUID, viewer: Person) -> DecisionView | None:
    """Show the newest decision about one's own submission, or nothing when none was made yet."""
    decision = (
        _rows()
        .filter(attempt__submission__public_id=submission_id, learner=viewer)
        .order_by("-attempt__number")
        .first()
    )
    return _view(decision) if decision else None


def decisions_by(*, assessor: Person, limit: int = 100) -> list[Decision]:
    """List what the assessor decided, newest first. Show works by `attempt.submission.code`, never by name."""
    return list(_rows().filter(decided_by=assessor).order_by("-decided_at", "-pk")[:limit])


def feedback_of(sealed: bytes | memoryview, key: DataKey) -> dict[str, str]:
    """Open sealed feedback: {criterion id: text}, "" for the whole."""
    stored: dict[str, str] = json.loads(unseal(bytes(sealed), key=key, purpose=FEEDBACK_PURPOSE))
    return stored


def _rows() -> QuerySet[Decision]:
    return Decision.objects.select_related(
        "organization",
        "version__achievement",
        "learner__data_key",
        "decided_by",
        "attempt__submission",
    )


def _view(decision: Decision) -> DecisionView:
    content = content_from_json(decision.version.content)
    feedback = feedback_of(decision.sealed_feedback, decision.learner.data_key)
    rubric = {criterion.id: criterion for criterion in content.rubric.criteria}
    criteria = [
        CriterionView(
            criterion=rubric[entry["criterion_id"]],
            level_id=entry["level_id"],
            required_level_id=entry["required_level_id"],
            met=entry["met"],
            carried=entry["carried"],
            attempt=entry["attempt"],
            feedback=feedback.get(entry["criterion_id"], ""),
        )
        for entry in decision.criteria
    ]
    return DecisionView(
        public_id=decision.public_id,
        submission_id=decision.attempt.submission.public_id,
        code=decision.attempt.submission.code,
        attempt_number=decision.attempt.number,
        content=content,
        outcome=str(decision.outcome),
        decided_at=decision.decided_at,
        criteria=tuple(sorted(criteria, key=lambda view: view.met)),
        feedback=feedback.get("", ""),
    )

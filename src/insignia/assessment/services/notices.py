"""Mails to the learner about what was decided."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from insignia.assessment.models import Attempt, Decision
from insignia.assessment.rules import DecisionFacts
from insignia.foundation.localized import localized_pick
from insignia.outbox.services import message_queue

if TYPE_CHECKING:
    from insignia.achievements.rules import AchievementContent

DECISION_KINDS = {"met": "decision-met", "almost": "decision-almost", "not_yet": "decision-not-yet"}


def notify_decided(decision: Decision, facts: DecisionFacts, content: AchievementContent, at: datetime) -> None:
    """Queue the mail that tells a learner what was decided; once per decision."""
    language = decision.learner.language
    titles = {criterion.id: localized_pick(criterion.title, language) for criterion in content.rubric.criteria}
    context = {
        "met": len(facts.criteria) - len(facts.missing),
        "total": len(facts.criteria),
        "missing": [titles[name] for name in facts.missing],
    }
    kind = DECISION_KINDS[decision.outcome]
    _queue(kind, f"decision:{decision.public_id}", decision.attempt, content, at, context)


def notify_returned(attempt: Attempt, content: AchievementContent, at: datetime) -> None:
    """Queue the mail that tells a learner their work came back unjudged; once per attempt."""
    _queue("submission-returned", f"returned:{attempt.public_id}", attempt, content, at, {})


def _queue(
    kind: str, key: str, attempt: Attempt, content: AchievementContent, at: datetime, context: dict[str, Any]
) -> None:
    submission = attempt.submission
    learner = submission.learner
    message_queue(
        kind=kind,
        key=key,
        recipient=learner.email,
        language=learner.language,
        context={"badge": dict(content.name), "path": f"/my/work/{submission.public_id}", **context},
        data_key=learner.data_key,
        organization_id=submission.organization.public_id,
        at=at,
    )

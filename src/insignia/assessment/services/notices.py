"""Mails: to the learner about what was decided, to assessors that work waits."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from insignia.assessment.models import Attempt, Decision, Submission
from insignia.assessment.rules import ASSESSOR, DecisionFacts, due_on
from insignia.foundation.localized import localized_pick
from insignia.organizations.selectors import members_of
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


def notify_waiting(submission: Submission, at: datetime) -> None:
    """Tell the organization's assessors that work waits: at most one mail a day to each, and nothing of whose."""
    organization = submission.organization
    day = due_on(at, organization.time_zone, days=0)
    for membership in members_of(organization):
        assessor = membership.person
        is_assessor = any(held.role == ASSESSOR for held in membership.roles.all())
        if not is_assessor or assessor.pk == submission.learner_id:
            continue
        message_queue(
            kind="work-waiting",
            key=f"work-waiting:{organization.public_id}:{assessor.public_id}:{day}",
            recipient=assessor.email,
            language=assessor.language,
            context={"organization": dict(organization.name), "path": "/assess"},
            organization_id=organization.public_id,
            at=at,
        )


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

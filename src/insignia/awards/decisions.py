"""The upward seam to assessment: a final met decision, as the plain facts an award needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from insignia.assessment.selectors import decision_get, evidence_items
from insignia.awards.errors import DecisionNotMet

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.achievements.models import AchievementVersion
    from insignia.assessment.models import Decision
    from insignia.assessment.selectors import EvidencePiece
    from insignia.organizations.models import Organization

DECISION = "decision"
"""The kind of origin: the award follows from this decision, and from nothing else."""


@dataclass(frozen=True)
class Judgement:
    """What a decision says to awards. `levels` maps criterion id to level id; both fragments of the version."""

    public_id: UUID
    organization: Organization
    learner: Person
    version: AchievementVersion
    decided_at: datetime
    decided_by: Person
    levels: dict[str, str]
    pieces: tuple[EvidencePiece, ...]
    is_met: bool

    @property
    def answered(self) -> frozenset[str]:
        """Name the evidence requirements for which something was handed in."""
        return frozenset(piece.requirement_id for piece in self.pieces)


def judgement_get(public_id: UUID) -> Judgement:
    """Load a decision.

    Raises:
        NotFound: there is none.
    """
    return judgement_of(decision_get(public_id))


def judgement_of(decision: Decision) -> Judgement:
    """Read the facts out of a decision."""
    return Judgement(
        public_id=decision.public_id,
        organization=decision.organization,
        learner=decision.learner,
        version=decision.version,
        decided_at=decision.decided_at,
        decided_by=decision.decided_by,
        levels={row["criterion_id"]: row["level_id"] for row in decision.criteria},
        pieces=evidence_items(decision),
        is_met=decision.final and decision.outcome == "met",
    )


def judgement_met_require(public_id: UUID) -> Judgement:
    """Load a decision that makes an award.

    Raises:
        NotFound: there is none.
        DecisionNotMet: it is not final, or does not say met.
    """
    facts = judgement_get(public_id)
    if not facts.is_met:
        raise DecisionNotMet("A badge follows only from a final decision that says met.")
    return facts

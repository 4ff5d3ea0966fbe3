"""Reading assessment: a learner's work, an assessor's queue and marking, decisions, evidence."""

from __future__ import annotations

from insignia.assessment.selectors.decisions import (
    CriterionView,
    DecisionView,
    decision_for_learner,
    decision_get,
    decision_of_submission,
    decisions_by,
    decisions_final_met,
)
from insignia.assessment.selectors.evidence import (
    EvidencePiece,
    OpenEvidence,
    evidence_items,
    evidence_open,
    evidence_shared,
)
from insignia.assessment.selectors.learning import (
    PieceView,
    RequirementView,
    SubmissionView,
    my_submissions,
    submission_get,
    submission_view,
)
from insignia.assessment.selectors.marking import (
    EarlierFeedback,
    MarkingPiece,
    MarkingView,
    QueueRow,
    assignment_held,
    marking_view,
    queue_for,
)

__all__ = [
    "CriterionView",
    "DecisionView",
    "EarlierFeedback",
    "EvidencePiece",
    "MarkingPiece",
    "MarkingView",
    "OpenEvidence",
    "PieceView",
    "QueueRow",
    "RequirementView",
    "SubmissionView",
    "assignment_held",
    "decision_for_learner",
    "decision_get",
    "decision_of_submission",
    "decisions_by",
    "decisions_final_met",
    "evidence_items",
    "evidence_open",
    "evidence_shared",
    "marking_view",
    "my_submissions",
    "queue_for",
    "submission_get",
    "submission_view",
]

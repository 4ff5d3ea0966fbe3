"""Writing assessment: learners hand in (`submissions`, `evidence`), assessors judge (`marking`, `ratings`)."""

from __future__ import annotations

from insignia.assessment.services.evidence import (
    authorship_save,
    evidence_add_file,
    evidence_add_link,
    evidence_add_text,
    evidence_remove,
)
from insignia.assessment.services.marking import (
    assignment_release,
    queue_lease,
    queue_lease_next,
    submission_return,
)
from insignia.assessment.services.ratings import rating_lock, rating_save
from insignia.assessment.services.saving import DraftChange, DraftSaved, draft_save
from insignia.assessment.services.submissions import (
    revision_open,
    submission_start,
    submission_submit,
    submission_withdraw,
)

__all__ = [
    "DraftChange",
    "DraftSaved",
    "assignment_release",
    "authorship_save",
    "draft_save",
    "evidence_add_file",
    "evidence_add_link",
    "evidence_add_text",
    "evidence_remove",
    "queue_lease",
    "queue_lease_next",
    "rating_lock",
    "rating_save",
    "revision_open",
    "submission_return",
    "submission_start",
    "submission_submit",
    "submission_withdraw",
]

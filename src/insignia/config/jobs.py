"""Names of background jobs and of values worked out late, and the functions they stand for."""

from __future__ import annotations

JOBS = {
    "awards.converge": "insignia.awards.services:award_converge",
    "awards.changes": "insignia.awards.services:mass_changes_converge",
    "awards.corrections": "insignia.awards.services:corrections_converge",
    "awards.renewals": "insignia.awards.services:renewals_converge",
    "runs.converge": "insignia.runs.services:run_converge",
    "issuing.publish": "insignia.issuing.services:lists_republish",
    "audit.sequence": "insignia.audit.services:audit_sequence",
    "outbox.send": "insignia.outbox.mailer:messages_send",
}

TOGETHER = frozenset({"runs.converge", "outbox.send", "audit.sequence"})
"""Jobs that several workers do at once, each on rows of its own, or that hold a lock themselves."""

LANES = (
    frozenset({"outbox.send"}),
    frozenset({"runs.converge"}),
    frozenset({"audit.sequence", "issuing.publish"}),
)
"""Jobs with a thread of their own in each worker, so that a slow mail server or a long run holds up no other; all
the rest share one.
"""

LATE_VALUES = {
    "organizations.invitation-path": "insignia.organizations.services:invitation_path",
    "awards.claim-path": "insignia.awards.services:claim_path",
}

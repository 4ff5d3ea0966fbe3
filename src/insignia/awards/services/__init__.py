"""Writing awards: making them from decisions, stopping, pausing, revoking, claiming, showing."""

from insignia.awards.services.changes import award_reinstate, award_revoke, award_suspend
from insignia.awards.services.chunks import AwardRequest, ChunkOutcome, awards_issue_chunk
from insignia.awards.services.claims import (
    award_claim,
    claim_choices_set,
    claim_mails_cancel,
    claim_path,
    claim_renew,
    claim_renew_by_link,
)
from insignia.awards.services.converge import ConvergeReport, award_converge, award_from_decision
from insignia.awards.services.corrections import (
    award_correct,
    award_reissue,
    award_renew,
    corrections_converge,
)
from insignia.awards.services.holds import award_hold, award_release
from insignia.awards.services.mass import awards_change_many, mass_change_stop, mass_changes_converge
from insignia.awards.services.recipients import recipients_of_people
from insignia.awards.services.recovery import AwardsRecovery, awards_recover
from insignia.awards.services.renewals import expiry_days_set, renewals_converge, renewals_tell
from insignia.awards.services.showing import (
    NewShare,
    choices_set,
    evidence_visibility_set,
    share_create,
    share_end,
    share_path,
    visibility_set,
)
from insignia.awards.services.undoing import awards_undo, origins_settle

__all__ = [
    "AwardRequest",
    "AwardsRecovery",
    "ChunkOutcome",
    "ConvergeReport",
    "NewShare",
    "award_claim",
    "award_converge",
    "award_correct",
    "award_from_decision",
    "award_hold",
    "award_reinstate",
    "award_reissue",
    "award_release",
    "award_renew",
    "award_revoke",
    "award_suspend",
    "awards_change_many",
    "awards_issue_chunk",
    "awards_recover",
    "awards_undo",
    "choices_set",
    "claim_choices_set",
    "claim_mails_cancel",
    "claim_path",
    "claim_renew",
    "claim_renew_by_link",
    "corrections_converge",
    "evidence_visibility_set",
    "expiry_days_set",
    "mass_change_stop",
    "mass_changes_converge",
    "origins_settle",
    "recipients_of_people",
    "renewals_converge",
    "renewals_tell",
    "share_create",
    "share_end",
    "share_path",
    "visibility_set",
]

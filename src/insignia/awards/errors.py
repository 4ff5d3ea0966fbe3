"""What can be wrong with an award, named for what happened."""

from __future__ import annotations

from insignia.foundation.errors import Conflict, Gone, Invalid, NotAllowed, NotFound, Unavailable


class AwardNotFound(NotFound):
    """No such award, or none the viewer may know of."""

    code = "award-not-found"


class AwardErased(Gone):
    """The person asked to be erased; a tombstone stays."""

    code = "award-erased"


class DecisionNotMet(Conflict):
    """Only a final decision that says met makes an award."""

    code = "decision-not-met"


class AwardOnHold(Conflict):
    """A registrar stopped this award; releasing it lets it go on."""

    code = "award-on-hold"


class AwardNotOnHold(Conflict):
    """Nothing is stopped here."""

    code = "award-not-on-hold"


class AwardAlreadyIssued(Conflict):
    """It is signed; from here on undo is revocation."""

    code = "award-already-issued"


class AwardNotIssued(Conflict):
    """It is not signed yet; stop it with a hold instead."""

    code = "award-not-issued"


class AwardAlreadyRevoked(Conflict):
    """A revocation is final."""

    code = "award-already-revoked"


class AwardAlreadySuspended(Conflict):
    """It is paused already."""

    code = "award-already-suspended"


class AwardNotSuspended(Conflict):
    """It is not paused."""

    code = "award-not-suspended"


class ReasonMissing(Invalid):
    """Whoever checks the badge reads why; so there has to be a reason."""

    code = "reason-missing"


class DocumentDiffers(Unavailable):
    """A second signature of one reservation came out different; nothing was stored."""

    code = "document-differs"


class ClaimUnusable(NotFound):
    """The link was replaced by a newer one, or never made."""

    code = "claim-unusable"


class ClaimEnded(Gone):
    """The link was good for a time that is over; the badge is safe."""

    code = "claim-ended"


class ClaimedByAnother(Conflict):
    """Somebody else is signed in here than the one the badge was given to."""

    code = "claimed-by-another"


class ConsentMissing(NotAllowed):
    """A minor's award becomes public only with recorded consent."""

    code = "award-consent-missing"


class LinksNotAllowed(NotAllowed):
    """The organization does not let minors share by link."""

    code = "links-not-allowed"


class EvidenceUnknown(NotFound):
    """The award has no piece of evidence with this number."""

    code = "evidence-unknown"


class ShareEnded(Gone):
    """The owner ended the share, or its time is over."""

    code = "share-ended"


class ShareExpiryUnusable(Invalid):
    """A share ends in the future, within two years."""

    code = "share-expiry-unusable"


class AwardQuarantined(Unavailable):
    """What the signer gave back did not fit the reserved bytes; an operator has to look."""

    code = "award-quarantined"


class CorrectionChangesNothing(Conflict):
    """What was asked for is what the badge says already."""

    code = "correction-changes-nothing"


class CorrectionOutdated(Conflict):
    """The badge has a newer document than the one that was looked at."""

    code = "correction-outdated"


class CorrectionUnfinished(Conflict):
    """An earlier correction is still being signed."""

    code = "correction-unfinished"


class CorrectionUnusable(Invalid):
    """A badge cannot say this: a name with invisible characters, or a last day before the first."""

    code = "correction-unusable"


class AwardedAhead(CorrectionUnusable):
    """It would say that the badge was awarded on a day to come."""

    code = "awarded-ahead"


class RenewalNotDue(Conflict):
    """It does not end, or not soon, or it ended too long ago."""

    code = "renewal-not-due"


class RenewalNeedsAssessment(Conflict):
    """The badge says that it is renewed by being judged anew."""

    code = "renewal-needs-assessment"


class ExpiryDaysUnusable(Invalid):
    """Learners are told on one to eight days, each from 1 to 365 days before the end."""

    code = "expiry-days-unusable"


class MeantOtherwise(Conflict):
    """More or fewer awards are meant by now than whoever decided had seen."""

    code = "meant-otherwise"


class NothingMeant(Conflict):
    """No award is as chosen, or none of them can take the change."""

    code = "nothing-meant"

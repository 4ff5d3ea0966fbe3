"""What can be wrong between a learner's work and a decision.

NotFound    SubmissionNotFound · AssignmentNotFound · EvidenceNotFound · DecisionNotFound
NotAllowed  OwnWork
Conflict    IllegalMove · StaleVersion · LeaseTaken · LeaseLost · RatingLocked · NotOpen · NothingToHandIn
            AlreadyMet
Invalid     SubmissionIncomplete · RatingIncomplete · NothingToJudgeBy · LevelUnknown · CriterionFrozen
            EvidenceUnusable
"""

from __future__ import annotations

from insignia.foundation.errors import Conflict, Invalid, NotAllowed, NotFound


class SubmissionNotFound(NotFound):
    """No such submission, or none the viewer may see."""

    code = "submission-not-found"


class AssignmentNotFound(NotFound):
    """No such piece of marking, or somebody else's."""

    code = "assignment-not-found"


class EvidenceNotFound(NotFound):
    """No such piece of evidence, or none the viewer may open."""

    code = "evidence-not-found"


class DecisionNotFound(NotFound):
    """No such decision, or none the viewer may see."""

    code = "decision-not-found"


class QueueEmpty(NotFound):
    """Nothing waits for this assessor."""

    code = "queue-empty"


class OwnWork(NotAllowed):
    """Nobody judges their own work."""

    code = "own-work"


class IllegalMove(Conflict):
    """The table of moves knows no such step from where the submission is."""

    code = "illegal-move"


class StaleVersion(Conflict):
    """Somebody (or another tab) saved meanwhile. `data["version"]` and `data["theirs"]` are what is stored."""

    code = "stale-version"


class LeaseTaken(Conflict):
    """Another assessor has this work now."""

    code = "lease-taken"


class LeaseLost(Conflict):
    """The work went back to the queue, was withdrawn, or somebody else took it up."""

    code = "lease-lost"


class RatingLocked(Conflict):
    """The rating was locked; it never changes again."""

    code = "rating-locked"


class NotOpen(Conflict):
    """The badge version takes no new work."""

    code = "not-open"


class NothingToHandIn(NotOpen):
    """The badge is given without anybody's handing in: for taking part, or by results such as an exam's."""

    code = "nothing-to-hand-in"


class AlreadyMet(Conflict):
    """The learner has met this version already."""

    code = "already-met"


class SubmissionIncomplete(Invalid):
    """Something asked for is missing; `fields` names each."""

    code = "submission-incomplete"


class RatingIncomplete(Invalid):
    """A criterion has no level, or a missed one no word of feedback; `fields` names each."""

    code = "rating-incomplete"


class NothingToJudgeBy(RatingIncomplete):
    """The badge has no rubric, so no rating of it amounts to anything."""

    code = "nothing-to-judge-by"


class LevelUnknown(Invalid):
    """The rubric has no such criterion or level."""

    code = "level-unknown"


class CriterionFrozen(Invalid):
    """This criterion was met in an earlier attempt and stays met."""

    code = "criterion-frozen"


class EvidenceUnusable(Invalid):
    """The requirement asks for something else, or the piece cannot be kept."""

    code = "evidence-unusable"


class LinkUnusable(EvidenceUnusable):
    """The link is not a plain https address."""

    code = "link-unusable"


class TextTooLong(EvidenceUnusable):
    """The text passes its limit."""

    code = "text-too-long"


class TooManyPieces(EvidenceUnusable):
    """The attempt holds as many pieces as it can."""

    code = "too-many-parts"

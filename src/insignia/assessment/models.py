"""Nouns of assessment: submission, attempt, evidence, assignment, rating, decision.

What a learner wrote or uploaded, and what an assessor wrote to them, lies sealed under the learner's data key.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from insignia.assessment.rules import Outcome, State
from insignia.foundation.models import Thing


class Submission(Thing):
    """One learner's work towards one badge version. `code` is the name assessors know it by."""

    class States(models.TextChoices):
        """Where it stands; `rules.TRANSITIONS` has every move."""

        DRAFT = State.DRAFT.value, "draft"
        SUBMITTED = State.SUBMITTED.value, "handed in"
        IN_REVIEW = State.IN_REVIEW.value, "with an assessor"
        RETURNED = State.RETURNED.value, "returned"
        MET = State.MET.value, "met"
        ALMOST = State.ALMOST.value, "almost"
        NOT_YET = State.NOT_YET.value, "not yet"
        WITHDRAWN = State.WITHDRAWN.value, "withdrawn"

    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey("achievements.AchievementVersion", on_delete=models.PROTECT, related_name="+")
    learner = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=12)
    state = models.CharField(max_length=16, choices=States.choices, default=States.DRAFT)
    lock_version = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="submission_code_once", fields=["organization", "code"]),
            models.UniqueConstraint(
                name="submission_one_live", fields=["learner", "version"], condition=~Q(state="withdrawn")
            ),
            models.CheckConstraint(
                name="submission_state_known", condition=Q(state__in=[state.value for state in State])
            ),
        ]
        indexes = [
            models.Index(name="submission_of_learner", fields=["learner", "-updated_at"]),
            models.Index(
                name="submission_waiting",
                fields=["organization", "state"],
                condition=Q(state__in=["submitted", "in_review"]),
            ),
        ]

    def __str__(self) -> str:
        """Name the submission by its pseudonym."""
        return self.code


class Attempt(Thing):
    """One round of a submission. Once handed in it is a snapshot and never changes.

    `carried` holds the criteria met before: {criterion id: {level_id, rated_by, attempt}}.
    `sealed_authorship` is the statement's JSON; `authorship_sha256` covers it with its random nonce.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    snapshot_sha256 = models.CharField(max_length=64, blank=True)
    carried = models.JSONField(default=dict)
    sealed_authorship = models.BinaryField(null=True, blank=True)
    authorship_sha256 = models.CharField(max_length=64, blank=True)
    authorship_version = models.PositiveIntegerField(default=0)
    returned_at = models.DateTimeField(null=True, blank=True)
    sealed_return_note = models.BinaryField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="attempt_number_once", fields=["submission", "number"]),
            models.UniqueConstraint(
                name="attempt_one_open", fields=["submission"], condition=Q(submitted_at__isnull=True)
            ),
            models.CheckConstraint(
                name="attempt_submitted_has_snapshot",
                condition=Q(submitted_at__isnull=True, snapshot_sha256="")
                | (Q(submitted_at__isnull=False) & ~Q(snapshot_sha256="")),
            ),
        ]
        indexes = [models.Index(name="attempt_by_age", fields=["submitted_at", "id"])]

    def __str__(self) -> str:
        """Name the attempt by submission and number."""
        return f"{self.submission_id}/{self.number}"


class EvidenceItem(Thing):
    """One piece of evidence: a text, a file or a link.

    `sealed_body` holds 16 random bytes and then the text or link; `sha256` covers exactly those bytes (for a
    file: the file's). `file_digest` names the sealed file; `shared_*` its copy without metadata, which
    assessors and the public see instead. `copy_problem` says why there is none ("": one is there or none is
    needed); its codes are `foundation.bare.problems.CopyProblem`.
    """

    class Kind(models.TextChoices):
        """What the piece is made of."""

        TEXT = "text", "text"
        FILE = "file", "file"
        LINK = "link", "link"

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="evidence")
    requirement_id = models.CharField(max_length=64)
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    sealed_body = models.BinaryField(null=True, blank=True)
    sealed_name = models.BinaryField(null=True, blank=True)
    file_digest = models.CharField(max_length=64, blank=True)
    media_type = models.CharField(max_length=120)
    byte_size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    shared_digest = models.CharField(max_length=64, blank=True)
    shared_sha256 = models.CharField(max_length=64, blank=True)
    shared_size = models.PositiveBigIntegerField(default=0)
    copy_problem = models.CharField(max_length=32, blank=True)
    lock_version = models.PositiveIntegerField(default=1)
    added_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="evidence_one_text_per_requirement",
                fields=["attempt", "requirement_id"],
                condition=Q(kind="text"),
            ),
            models.CheckConstraint(
                name="evidence_has_its_content",
                condition=(Q(kind="file", sealed_body__isnull=True) & ~Q(file_digest=""))
                | Q(kind__in=["text", "link"], sealed_body__isnull=False, file_digest=""),
            ),
        ]
        indexes = [
            models.Index(name="evidence_file", fields=["file_digest"], condition=~Q(file_digest="")),
            models.Index(name="evidence_shared_file", fields=["shared_digest"], condition=~Q(shared_digest="")),
        ]

    def __str__(self) -> str:
        """Name the piece by kind and id; never by what it says."""
        return f"{self.kind} {self.public_id}"


class Assignment(Thing):
    """An assessor's lease of one attempt. It lapses at `leased_until` and goes to whoever asks next.

    `learner` repeats the submission's, so that the database itself keeps anybody from judging their own work.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="assignments")
    learner = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    assessor = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    leased_at = models.DateTimeField()
    leased_until = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    locked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="assignment_one_active", fields=["attempt"], condition=Q(released_at__isnull=True)
            ),
            models.CheckConstraint(name="assignment_not_of_oneself", condition=~Q(assessor=F("learner"))),
            models.CheckConstraint(
                name="assignment_locked_is_kept", condition=Q(locked_at__isnull=True) | Q(released_at__isnull=True)
            ),
        ]
        indexes = [
            models.Index(
                name="assignment_held",
                fields=["assessor", "leased_until"],
                condition=Q(released_at__isnull=True, locked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        """Name the assignment by its public id."""
        return str(self.public_id)


class Rating(Thing):
    """What one assessor thinks: {criterion id: level id}, and words for the learner, sealed.

    The sealed feedback is JSON {criterion id: text}; the key "" is for the work as a whole.
    """

    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="rating")
    levels = models.JSONField(default=dict)
    sealed_feedback = models.BinaryField()
    lock_version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    locked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Name the rating by its assignment."""
        return f"rating of {self.assignment_id}"


class Decision(Thing):
    """What was decided about one attempt, by whom and when. Never changed.

    `criteria` is a list of {criterion_id, level_id, required_level_id, met, carried, rated_by, attempt} in the
    order of the rubric.
    """

    class Outcomes(models.TextChoices):
        """What the rating amounts to."""

        MET = Outcome.MET.value, "met"
        ALMOST = Outcome.ALMOST.value, "almost"
        NOT_YET = Outcome.NOT_YET.value, "not yet"

    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="decision")
    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey("achievements.AchievementVersion", on_delete=models.PROTECT, related_name="+")
    learner = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=8, choices=Outcomes.choices)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    criteria = models.JSONField(default=list)
    sealed_feedback = models.BinaryField()
    final = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="decision_not_of_oneself", condition=~Q(decided_by=F("learner"))),
            models.CheckConstraint(
                name="decision_outcome_known", condition=Q(outcome__in=[outcome.value for outcome in Outcome])
            ),
        ]
        indexes = [
            models.Index(name="decision_to_award", fields=["id"], condition=Q(final=True, outcome="met")),
            models.Index(name="decision_by_assessor", fields=["decided_by", "-decided_at"]),
        ]

    def __str__(self) -> str:
        """Name the decision by its outcome and id."""
        return f"{self.outcome} {self.public_id}"

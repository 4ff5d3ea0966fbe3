"""Nouns of awards: the recipient, the award, its documents, holds, changes of state, corrections, shares.

A signed document is stored as it was signed, sealed under the learner's key; columns follow from it,
never the reverse. An award exists from its reservation on (`reserved`), but nobody is shown it before
`issued`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from insignia.foundation.models import Thing


class Recipient(Thing):
    """Somebody an organization gives badges to, with the random URN by which its documents call them.

    Whoever handed in work here has an account, `person`. Of others there is what the school wrote, until they
    claim a badge by the link it mailed them; an equal address alone ties nobody to anything.
    """

    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    key = models.CharField(max_length=300)
    person = models.ForeignKey(
        "accounts.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    urn = models.CharField(max_length=64)
    data_key = models.ForeignKey("foundation.DataKey", on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    language = models.CharField(max_length=5, default="en")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="recipient_once", fields=["key", "organization"]),
            models.UniqueConstraint(name="recipient_urn_once", fields=["urn"]),
        ]
        indexes = [
            models.Index(Lower("email"), "organization", name="recipient_by_address"),
            models.Index(name="recipient_of_person", fields=["person"], condition=Q(person__isnull=False)),
        ]

    def __str__(self) -> str:
        """Name the recipient by its URN."""
        return self.urn

    @property
    def shown_name(self) -> str:
        """Give the name as its owner wants it shown, or as the school wrote it."""
        return self.person.display_name if self.person else self.name

    @property
    def address(self) -> str:
        """Give where mails go."""
        return self.person.email if self.person else self.email

    @property
    def mail_language(self) -> str:
        """Give the language of their mails."""
        return self.person.language if self.person else self.language


class Award(Thing):
    """A badge given to one person. One per origin, for ever. `learner` is the owner's account, if there is one."""

    class State(models.TextChoices):
        """Where the award stands. `expired` is not a state: it follows from `valid_until`."""

        RESERVED = "reserved", "being signed"
        ISSUED = "issued", "in force"
        SUSPENDED = "suspended", "paused"
        REVOKED = "revoked", "revoked"

    class Visibility(models.TextChoices):
        """Who may open the page and the machine copies, besides the learner and the issuer."""

        PRIVATE = "private", "nobody else"
        LINK = "link", "who has a link"
        PUBLIC = "public", "everyone"

    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    version = models.ForeignKey(
        "achievements.AchievementVersion", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    version_hash = models.CharField(max_length=64)
    recipient = models.ForeignKey("Recipient", on_delete=models.PROTECT, related_name="+", db_index=False)
    learner = models.ForeignKey(
        "accounts.Person", on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    origin_kind = models.CharField(max_length=32)
    origin_id = models.UUIDField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.RESERVED)
    visibility = models.CharField(max_length=16, choices=Visibility.choices, default=Visibility.PRIVATE)
    evidence_visibility = models.JSONField(default=dict)
    awarded_at = models.DateTimeField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    reserved_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    claim_serial = models.PositiveIntegerField(default=1)
    claim_token_hash = models.CharField(max_length=64)
    claim_expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="award_origin_once", fields=["origin_id", "origin_kind"]),
            models.UniqueConstraint(name="award_claim_token_once", fields=["claim_token_hash"]),
            models.CheckConstraint(
                name="award_issued_has_time",
                condition=Q(state="reserved", issued_at__isnull=True)
                | (~Q(state="reserved") & Q(issued_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(name="award_of_recipient", fields=["recipient", "version"]),
            models.Index(
                name="award_of_learner", fields=["learner", "-issued_at"], condition=Q(learner__isnull=False)
            ),
            models.Index(name="award_of_version", fields=["version", "organization"]),
            models.Index(
                name="award_shown", fields=["-issued_at"], condition=Q(visibility="public", state="issued")
            ),
            models.Index(name="award_of_organization", fields=["organization", "-issued_at"]),
            models.Index(
                name="award_ending",
                fields=["organization", "valid_until"],
                condition=Q(state="issued", valid_until__isnull=False),
            ),
            models.Index(name="award_being_signed", fields=["reserved_at"], condition=Q(state="reserved")),
            models.Index(name="award_of_decision", fields=["origin_id"], condition=Q(origin_kind="decision")),
        ]

    def __str__(self) -> str:
        """Name the award by its public id."""
        return str(self.public_id)


class AwardDocument(Thing):
    """One signed document of an award in its two secured forms; a correction adds the next.

    Both lie here sealed, as they were signed. Where the reservation has a shape, its values and the two signatures
    give the same bytes, which the hashes hold to.
    """

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="documents", db_index=False)
    number = models.PositiveIntegerField(default=1)
    reservation = models.OneToOneField("issuing.Reservation", on_delete=models.PROTECT, related_name="+")
    sealed_json = models.BinaryField(default=b"")
    sealed_jwt = models.BinaryField(default=b"")
    ed25519_signature = models.BinaryField(default=b"", max_length=64)
    es256_signature = models.BinaryField(default=b"", max_length=64)
    json_sha256 = models.CharField(max_length=64)
    jwt_sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="awarddocument_number_once", fields=["award", "number"]),
            models.UniqueConstraint(
                name="awarddocument_one_current", fields=["award"], condition=Q(superseded_at__isnull=True)
            ),
            models.CheckConstraint(
                name="awarddocument_bytes_or_signatures",
                condition=(
                    ~Q(sealed_json=b"") & ~Q(sealed_jwt=b"") & Q(ed25519_signature=b"", es256_signature=b"")
                )
                | (Q(sealed_json=b"", sealed_jwt=b"") & ~Q(ed25519_signature=b"") & ~Q(es256_signature=b"")),
            ),
        ]

    def __str__(self) -> str:
        """Name the document by award and number."""
        return f"{self.award_id}/{self.number}"


class AwardHold(Thing):
    """A registrar stopped an award before it was signed. It waits; it is never forgotten."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    origin_kind = models.CharField(max_length=32)
    origin_id = models.UUIDField()
    reason = models.CharField(max_length=500)
    held_at = models.DateTimeField()
    held_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="awardhold_one_open",
                fields=["origin_kind", "origin_id"],
                condition=Q(released_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        """Name the hold by what it stops."""
        return f"{self.origin_kind} {self.origin_id}"


class AwardChange(Thing):
    """One change of an award's state after issue, with its reason as readers will see it."""

    class Kind(models.TextChoices):
        """What was done to the award."""

        SUSPENDED = "suspended", "paused"
        REINSTATED = "reinstated", "in force again"
        REVOKED = "revoked", "revoked"

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="awardchange_revoked_once", fields=["award"], condition=Q(kind="revoked")
            ),
        ]

    def __str__(self) -> str:
        """Name the change by kind and time."""
        return f"{self.kind} {self.at:%Y-%m-%d}"


class AwardCorrection(Thing):
    """The wish for an award's next document: to say something otherwise, or to say the same under a new key.

    Committed before anything is signed, so that a sweep can finish it. What the document is to say lies sealed.
    """

    class Kind(models.TextChoices):
        """Why there is another document."""

        CORRECTION = "correction", "corrected"
        REISSUE = "reissue", "signed again"
        RENEWAL = "renewal", "renewed"

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="corrections")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    sealed_said = models.BinaryField()
    changed = models.JSONField(default=list)
    is_substantial = models.BooleanField(default=False)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    abandoned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="awardcorrection_number_once", fields=["award", "number"]),
            models.UniqueConstraint(
                name="awardcorrection_one_open",
                fields=["award"],
                condition=Q(finished_at__isnull=True, abandoned_at__isnull=True),
            ),
            models.CheckConstraint(
                name="awardcorrection_ends_one_way",
                condition=Q(finished_at__isnull=True) | Q(abandoned_at__isnull=True),
            ),
            models.CheckConstraint(name="awardcorrection_follows_one", condition=Q(number__gte=2)),
        ]
        indexes = [
            models.Index(
                name="awardcorrection_open",
                fields=["at"],
                condition=Q(finished_at__isnull=True, abandoned_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        """Name the correction by the document it makes."""
        return f"{self.award_id}/{self.number}"


class MassChange(Thing):
    """One change of many awards at once: which ones, why, and how far it got. A job carries it on after any crash.

    `selection` is frozen with `at`: what is given later is never touched. `last_id` is the last award looked at.
    Of the open changes the one with the smallest `turn` goes next.
    """

    class Kind(models.TextChoices):
        """What is done to each of them."""

        SUSPENDED = "suspended", "paused"
        REINSTATED = "reinstated", "in force again"
        REVOKED = "revoked", "revoked"
        REISSUED = "reissued", "signed again"
        RENEWED = "renewed", "renewed"

    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    reason = models.CharField(max_length=500)
    selection = models.JSONField()
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    last_id = models.BigIntegerField(default=0)
    turn = models.PositiveBigIntegerField(default=0, db_default=0)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                name="masschange_open",
                fields=["at"],
                condition=Q(finished_at__isnull=True, stopped_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        """Name the change by what it does and to how many."""
        return f"{self.kind} {self.total}"


class ExpiryNotice(Thing):
    """A learner was told that an award ends: which end, and how many days before. Each once."""

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="expiry_notices")
    valid_until = models.DateTimeField()
    days = models.PositiveSmallIntegerField()
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="expirynotice_once", fields=["award", "valid_until", "days"]),
        ]

    def __str__(self) -> str:
        """Name the notice by award and days."""
        return f"{self.award_id} -{self.days}"


class ExpiryPolicy(Thing):
    """How many days before its end an organization has learners told; without a row the default holds."""

    organization = models.OneToOneField("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    days = models.JSONField(default=list)

    def __str__(self) -> str:
        """Name the policy by its days."""
        return f"{self.organization_id}: {self.days}"


class ShareLink(Thing):
    """A secret address that opens one award until it ends. The database knows only the token's hash."""

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="shares")
    token_hash = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="sharelink_ends_after_start", condition=Q(expires_at__gt=F("created_at"))),
        ]

    def __str__(self) -> str:
        """Name the share by its label."""
        return self.label or str(self.public_id)

"""Nouns of issuing: issuer, key, approval, slot, status list, reservation.

A reservation is the promise that a certain run of bytes will be signed by certain keys; it is committed
before any signature exists. A slot is one random index, the same in the three lists of one set.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from insignia.foundation.models import Thing

LIST_LENGTH = 131_072
"""Entries per list from the first award on (Bitstring Status List 1.0, 3.1: the smallest herd allowed)."""
LONGEST_LIST = 134_217_728
"""Entries of the longest list that a careful reader still inflates: 16 MiB of bits."""


class Purpose(models.TextChoices):
    """What a set bit says of a document (Bitstring Status List 1.0, 2.1)."""

    REVOCATION = "revocation", "revoked for good"
    SUSPENSION = "suspension", "paused for now"
    REFRESH = "refresh", "replaced by a newer document"


class Issuer(Thing):
    """The signing identity of one organization. Its origin is written into every document for ever."""

    organization = models.OneToOneField("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(max_length=255)
    url = models.URLField(max_length=500, blank=True)
    email = models.EmailField(blank=True)
    image = models.URLField(max_length=500, blank=True)
    language = models.CharField(max_length=16, default="en")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="issuer_origin_is_set", condition=~Q(origin="")),
        ]

    def __str__(self) -> str:
        """Name the issuer by what it is for others: its address."""
        return f"{self.origin}/issuers/{self.public_id}"


class SigningKey(Thing):
    """One key pair; its private half only in an envelope. Retired keys stay published for ever."""

    class Algorithm(models.TextChoices):
        """What the key signs: Ed25519 the Data Integrity proof, P-256 the VC-JWT."""

        ED25519 = "Ed25519", "Ed25519"
        P256 = "P-256", "P-256"

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="keys")
    algorithm = models.CharField(max_length=16, choices=Algorithm.choices)
    public_jwk = models.JSONField()
    public_multibase = models.CharField(max_length=200)
    sealed_private = models.BinaryField()
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    compromised_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="signingkey_one_active_per_algorithm",
                fields=["issuer", "algorithm"],
                condition=Q(retired_at__isnull=True),
            ),
            models.UniqueConstraint(name="signingkey_once", fields=["public_multibase"]),
            models.CheckConstraint(
                name="signingkey_compromised_is_retired",
                condition=Q(compromised_at__isnull=True) | Q(retired_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        """Name the key by its public half."""
        return f"{self.algorithm} {self.public_multibase}"


class Approval(Thing):
    """Who allowed what to be signed: the publication of a version, a registrar's run, an override."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=32)
    subject_id = models.UUIDField()
    granted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="approval_once", fields=["organization", "kind", "subject_id"]),
        ]

    def __str__(self) -> str:
        """Name the approval by what it covers."""
        return f"{self.kind} {self.subject_id}"


class StatusSet(Thing):
    """Three lists that share their indexes; a second set opens when the first is full."""

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="status_sets")
    number = models.PositiveIntegerField(default=1)
    length = models.PositiveIntegerField(default=LIST_LENGTH)
    reserved = models.PositiveIntegerField(default=0)
    sealed_order = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="statusset_number_once", fields=["issuer", "number"]),
            models.CheckConstraint(
                name="statusset_within_length", condition=Q(reserved__gte=0, reserved__lte=F("length"))
            ),
            models.CheckConstraint(
                name="statusset_length_allowed", condition=Q(length__gte=LIST_LENGTH, length__lte=LONGEST_LIST)
            ),
        ]

    def __str__(self) -> str:
        """Name the set by issuer and number."""
        return f"{self.issuer_id}/{self.number}"


class StatusList(Thing):
    """One published bit list. `event_count` counts the events inside `bits`.

    `epoch` counts publications, and the times that whatever was signed by then may not be published any more.
    """

    status_set = models.ForeignKey(StatusSet, on_delete=models.PROTECT, related_name="lists")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    bits = models.BinaryField()
    event_count = models.PositiveIntegerField(default=0)
    epoch = models.PositiveIntegerField(default=0)
    published_events = models.PositiveIntegerField(default=0)
    document = models.BinaryField(default=b"")
    published_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="statuslist_purpose_once", fields=["status_set", "purpose"]),
            models.CheckConstraint(
                name="statuslist_publishes_what_happened",
                condition=Q(published_events__lte=F("event_count")),
            ),
        ]

    def __str__(self) -> str:
        """Name the list by its purpose."""
        return f"{self.purpose} {self.public_id}"


class StatusSlot(Thing):
    """One index of a set, handed out once and never again, whatever became of it."""

    class State(models.TextChoices):
        """What became of the index."""

        RESERVED = "reserved", "reserved"
        ISSUED = "issued", "issued"
        BURNED = "burned", "burned"

    status_set = models.ForeignKey(StatusSet, on_delete=models.PROTECT, related_name="slots", db_index=False)
    index = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.RESERVED)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="statusslot_index_once", fields=["index", "status_set"]),
            models.CheckConstraint(
                name="statusslot_within_length", condition=Q(index__gte=0, index__lt=LONGEST_LIST)
            ),
        ]

    def __str__(self) -> str:
        """Name the slot by its index."""
        return f"{self.status_set_id}[{self.index}]"


class StatusEvent(Thing):
    """One bit set or cleared. The events in order are the truth; bits and documents follow from them."""

    status_list = models.ForeignKey(StatusList, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField()
    slot = models.ForeignKey(StatusSlot, on_delete=models.PROTECT, related_name="events")
    value = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="statusevent_sequence_once", fields=["status_list", "sequence"]),
        ]

    def __str__(self) -> str:
        """Name the event by its place in its list."""
        return f"{self.status_list_id}#{self.sequence}"


class DocumentShape(Thing):
    """A document with holes, rehearsed once, whole. Documents that differ in nothing else keep only their values.

    `compiled` says nothing of anybody: every hole of the specimen in it is filled with a made-up value.
    """

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+", db_index=False)
    status_set = models.ForeignKey(StatusSet, on_delete=models.PROTECT, related_name="+", db_index=False)
    ed25519_key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="+", db_index=False)
    p256_key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=64)
    compiled = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="documentshape_once", fields=["issuer", "status_set", "ed25519_key", "p256_key", "name"]
            ),
        ]

    def __str__(self) -> str:
        """Name the shape by the hash of what makes it."""
        return self.name


class Reservation(Thing):
    """What one document will be, its slot, keys and approval, committed before anything is signed.

    With a `shape`, `sealed_prepared` holds the values of its holes; without one, the unsigned bytes themselves.
    The `signing.intended` row of the record is about `intent_id`, which reservations of one chunk share; without
    it, about the reservation itself.
    """

    class State(models.TextChoices):
        """Where the reservation stands; only `reserved` may be signed."""

        RESERVED = "reserved", "reserved"
        FINISHED = "finished", "finished"
        ABANDONED = "abandoned", "abandoned"
        QUARANTINED = "quarantined", "quarantined"

    # Nobody looks reservations up by these, and a run inserts a million: no index.
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+", db_index=False)
    data_key = models.ForeignKey("foundation.DataKey", on_delete=models.PROTECT, related_name="+", db_index=False)
    origin_kind = models.CharField(max_length=32)
    origin_id = models.UUIDField()
    award_public_id = models.UUIDField(db_index=True)
    document_number = models.PositiveIntegerField(default=1)
    slot = models.OneToOneField(StatusSlot, on_delete=models.PROTECT, related_name="reservation")
    ed25519_key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="+", db_index=False)
    p256_key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="+", db_index=False)
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="+", db_index=False)
    intent_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField()
    shape = models.ForeignKey(
        DocumentShape, on_delete=models.PROTECT, related_name="+", null=True, blank=True, db_index=False
    )
    sealed_prepared = models.BinaryField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.RESERVED)
    state_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="reservation_origin_once",
                fields=["origin_id", "origin_kind", "document_number"],
                condition=~Q(state="abandoned"),
            ),
        ]
        indexes = [
            models.Index(name="reservation_open", fields=["created_at"], condition=Q(state="reserved")),
        ]

    def __str__(self) -> str:
        """Name the reservation by its origin."""
        return f"{self.origin_kind} {self.origin_id} #{self.document_number}"


class KeptSignature(models.Model):
    """The first signatures of a reservation, by a signer that would give others next time. They count for ever."""

    reservation = models.OneToOneField(
        Reservation, on_delete=models.PROTECT, related_name="kept_signature", primary_key=True
    )
    ed25519 = models.BinaryField(max_length=64)
    es256 = models.BinaryField(max_length=64)
    kept_at = models.DateTimeField()

    def __str__(self) -> str:
        """Name it by its reservation."""
        return f"signatures of {self.reservation_id}"

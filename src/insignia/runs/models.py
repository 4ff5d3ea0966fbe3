"""Nouns of runs: the run, its rows, the chunks workers take, and the columns an organization mapped before.

The rows are the truth: what is left to do can be read from them after any crash. A chunk is a stretch of rows that
one worker holds for a while; a lease that runs out is taken by the next one. What a row says lies plain, as names
and addresses do everywhere, and goes with the row.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from insignia.foundation.models import Thing


class Run(Thing):
    """One badge for many people at once. `key` makes asking twice harmless."""

    class State(models.TextChoices):
        """Where the run stands."""

        DRAFT = "draft", "rows are here"
        CHECKING = "checking", "rows are being looked at"
        CHECKED = "checked", "dry run done"
        RUNNING = "running", "badges are being signed"
        PAUSED = "paused", "stopped for now"
        FINISHED = "finished", "every row has its outcome"
        CANCELLED = "cancelled", "stopped for good"

    class Source(models.TextChoices):
        """Where the rows came from."""

        FILE = "file", "a file"
        PASTED = "pasted", "pasted rows"
        GROUP = "group", "a class or cohort"
        EXAMS = "exams", "results of an exam"
        API = "api", "another program"

    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey("achievements.AchievementVersion", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    source = models.CharField(max_length=16, choices=Source.choices)
    name = models.CharField(max_length=200, blank=True)
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    rows_sha256 = models.CharField(max_length=64)
    total = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    counts = models.JSONField(default=dict)
    checked_to = models.PositiveIntegerField(default=0)
    override_reason = models.CharField(max_length=500, blank=True)
    due = models.PositiveIntegerField(default=0)
    issued = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0)
    approval = models.ForeignKey(
        "issuing.Approval", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    undo_minutes = models.PositiveSmallIntegerField(default=10)
    undo_until = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="run_key_once", fields=["organization", "key"]),
            models.CheckConstraint(
                name="run_started_is_approved",
                condition=~Q(state__in=["running", "paused", "finished"])
                | Q(approval__isnull=False, started_at__isnull=False, undo_until__isnull=False),
            ),
            models.CheckConstraint(
                name="run_counts_within_total",
                condition=Q(total__gte=F("issued") + F("refused") + F("cancelled")),
            ),
        ]
        indexes = [
            models.Index(name="run_of_organization", fields=["organization", "-id"]),
            models.Index(name="run_to_do", fields=["id"], condition=Q(state__in=["checking", "running"])),
        ]

    def __str__(self) -> str:
        """Name the run by its public id."""
        return str(self.public_id)


class RunRow(Thing):
    """One person of a run. Its public id is the origin of the award; the class is what the dry run said."""

    class Outcome(models.TextChoices):
        """What became of the row."""

        PENDING = "pending", "nothing yet"
        ISSUED = "issued", "has its badge"
        REFUSED = "refused", "no badge, with a reason"
        CANCELLED = "cancelled", "stopped or undone"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=200, blank=True)
    values = models.JSONField()
    person_key = models.CharField(max_length=300, blank=True)
    row_class = models.CharField(max_length=16, blank=True)
    code = models.CharField(max_length=40, blank=True)
    data = models.JSONField(default=dict)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.PENDING)
    award_id = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="runrow_number_once", fields=["run", "number"]),
            models.UniqueConstraint(name="runrow_key_once", fields=["run", "key"], condition=~Q(key="")),
            models.CheckConstraint(
                name="runrow_issued_has_award",
                condition=~Q(outcome="issued") | Q(award_id__isnull=False),
            ),
            models.CheckConstraint(name="runrow_refused_says_why", condition=~Q(outcome="refused") | ~Q(code="")),
        ]
        indexes = [
            models.Index(name="runrow_person", fields=["run", "person_key"], condition=~Q(person_key="")),
            models.Index(
                name="runrow_odd", fields=["run", "row_class", "number"], condition=~Q(row_class__in=["", "new"])
            ),
        ]

    def __str__(self) -> str:
        """Name the row by its number."""
        return f"{self.run_id}#{self.number}"


class RunChunk(models.Model):
    """A stretch of rows, `first` to `last` by number, that one worker holds until `leased_until`."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="chunks", db_index=False)
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    rows = models.PositiveIntegerField()
    tries = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    leased_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="runchunk_once", fields=["run", "first"])]
        indexes = [
            models.Index(name="runchunk_open", fields=["run", "first"], condition=Q(done_at__isnull=True)),
            models.Index(name="runchunk_next", fields=["first", "run"], condition=Q(done_at__isnull=True)),
            models.Index(name="runchunk_done", fields=["run", "-done_at"], condition=Q(done_at__isnull=False)),
        ]

    def __str__(self) -> str:
        """Name the chunk by its rows."""
        return f"{self.run_id}#{self.first}-{self.last}"


class RememberedMapping(models.Model):
    """How an organization mapped a table with these headings last time."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    columns_hash = models.CharField(max_length=64)
    mapping = models.JSONField()
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="rememberedmapping_once", fields=["organization", "columns_hash"])
        ]

    def __str__(self) -> str:
        """Name the memory by its table."""
        return self.columns_hash[:12]

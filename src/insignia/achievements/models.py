"""Nouns of achievements: the lineage, its versions, their alignments and their picture.

A lineage is named for ever by its `public_id`; a slug only redirects to it. A published version never changes:
the database refuses it too (see the migration of its trigger).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from insignia.foundation.models import Thing


class Achievement(Thing):
    """A lineage: one badge through all its versions."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    slug = models.SlugField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="achievement_slug_once", fields=["organization", "slug"]),
        ]

    def __str__(self) -> str:
        """Name the lineage by its slug."""
        return self.slug


class AchievementVersion(Thing):
    """One version. `content` is `rules.AchievementContent` as JSON; columns after it follow from it."""

    class State(models.TextChoices):
        """Where the version stands."""

        DRAFT = "draft", "draft"
        PUBLISHED = "published", "published"
        RETIRED = "retired", "retired"

    class Class(models.TextChoices):
        """What an award proves (`rules.CredentialClass`)."""

        RECOGNITION = "recognition", "recognition"
        KNOWLEDGE = "knowledge", "knowledge"
        APPLICATION = "application", "application"

    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    achievement = models.ForeignKey(Achievement, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    credential_class = models.CharField(max_length=16, choices=Class.choices)
    content = models.JSONField()
    field = models.CharField(max_length=16)
    language = models.CharField(max_length=20)
    level = models.PositiveSmallIntegerField(default=0)
    notional_hours = models.PositiveIntegerField(null=True)
    sort_name = models.CharField(max_length=200, blank=True)
    search_text = models.TextField(blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    lock_version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="version_number_once", fields=["achievement", "number"]),
            models.UniqueConstraint(name="version_one_draft", fields=["achievement"], condition=Q(state="draft")),
            models.CheckConstraint(
                name="version_published_is_frozen",
                condition=Q(state="draft", content_hash="", published_at__isnull=True)
                | (~Q(state="draft") & ~Q(content_hash="") & Q(published_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="version_retired_has_time",
                condition=Q(state="retired", retired_at__isnull=False)
                | (~Q(state="retired") & Q(retired_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="version_class_known",
                condition=Q(credential_class__in=["recognition", "knowledge", "application"]),
            ),
        ]
        indexes = [
            models.Index(name="version_in_catalogue", fields=["state", "sort_name"]),
            models.Index(name="version_of_organization", fields=["organization", "state"]),
        ]

    def __str__(self) -> str:
        """Name the version by lineage and number."""
        return f"{self.achievement_id} v{self.number}"


class AchievementAlignment(Thing):
    """This version teaches or certifies that item of a framework; `outcome_id` empty means the whole of it.

    `target` is what the item said when the version was published: a later import of the framework does not
    change what a badge certified.
    """

    version = models.ForeignKey(AchievementVersion, on_delete=models.CASCADE, related_name="alignments")
    item = models.ForeignKey("frameworks.FrameworkItem", on_delete=models.PROTECT, related_name="+")
    outcome_id = models.CharField(max_length=36, blank=True)
    target = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="alignment_once", fields=["version", "item", "outcome_id"]),
        ]

    def __str__(self) -> str:
        """Name the alignment by its ends."""
        return f"{self.version_id} -> {self.item_id}"


class AchievementImage(Thing):
    """The picture of one version: composed (`art` is its specification) or uploaded.

    The PNG is what awards point to and bake. Its alternative text is `image_alt` of the content.
    """

    version = models.OneToOneField(AchievementVersion, on_delete=models.CASCADE, related_name="image")
    art = models.JSONField(null=True)
    svg = models.TextField(blank=True)
    png = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="image_composed_has_svg", condition=Q(art__isnull=True) | ~Q(svg="")),
            models.CheckConstraint(name="image_has_size", condition=Q(width__gt=0, height__gt=0)),
        ]

    def __str__(self) -> str:
        """Name the picture by its hash."""
        return self.sha256[:12]

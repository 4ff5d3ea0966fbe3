"""Nouns of frameworks: the framework, its items, what they are tied to, and each import.

Shaped like CASE 1.1 (CFDocument, CFItem, CFAssociation), whatever format a file had. Items are never deleted:
badges point at them for ever, so one that leaves its framework is retired.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from insignia.foundation.models import Thing


class Framework(Thing):
    """A competency framework as one organization imported it; `identifier` is the publisher's own."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    identifier = models.CharField(max_length=255)
    uri = models.CharField(max_length=2000, blank=True)
    title = models.CharField(max_length=500)
    description = models.TextField(blank=True)
    creator = models.CharField(max_length=500, blank=True)
    publisher = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=35, blank=True)
    licence_title = models.CharField(max_length=500, blank=True)
    licence_text = models.TextField(blank=True)
    licence_uri = models.CharField(max_length=2000, blank=True)
    version_label = models.CharField(max_length=200, blank=True)
    adoption_status = models.CharField(max_length=100, blank=True)
    # The publisher's own time of last change, as the file writes it: compared, never computed with.
    changed_label = models.CharField(max_length=64, blank=True)
    source_format = models.CharField(max_length=32)
    source_sha256 = models.CharField(max_length=64)
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="framework_once", fields=["organization", "identifier"]),
            models.CheckConstraint(name="framework_has_identifier", condition=~Q(identifier="")),
            models.CheckConstraint(name="framework_has_title", condition=~Q(title="")),
        ]

    def __str__(self) -> str:
        """Name the framework by its title."""
        return self.title


class FrameworkItem(Thing):
    """One skill, standard, heading or other statement of a framework.

    `position` counts from 0 among the children of one parent. `ancestors` lists the identifiers of all parents,
    outermost first, so that a search shows them without walking. `code_key` and `search_text` are folded copies
    for searching only.
    """

    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="items")
    identifier = models.CharField(max_length=255)
    uri = models.CharField(max_length=2000, blank=True)
    human_code = models.CharField(max_length=255, blank=True)
    full_statement = models.TextField()
    abbreviated_statement = models.CharField(max_length=1000, blank=True)
    notes = models.TextField(blank=True)
    item_type = models.CharField(max_length=255, blank=True)
    education_levels = models.JSONField(default=list)
    extra = models.JSONField(default=dict)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, related_name="children", null=True)
    ancestors = models.JSONField(default=list)
    position = models.PositiveIntegerField(default=0)
    code_key = models.CharField(max_length=255, blank=True)
    search_text = models.TextField(blank=True)
    added_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="framework_item_once", fields=["framework", "identifier"]),
            models.CheckConstraint(name="framework_item_has_identifier", condition=~Q(identifier="")),
            models.CheckConstraint(
                name="framework_item_not_its_parent", condition=Q(parent__isnull=True) | ~Q(parent=F("id"))
            ),
        ]
        indexes = [
            models.Index(name="framework_item_code", fields=["organization", "code_key"]),
            models.Index(name="framework_item_tree", fields=["framework", "parent", "position"]),
        ]

    def __str__(self) -> str:
        """Name the item by its code, or its first words."""
        return self.human_code or self.full_statement[:60]


class FrameworkAssociation(Thing):
    """A tie from an item to another one, here or anywhere; parents are on the item itself.

    `kind` is the CASE association type, such as `exactMatchOf`. The destination may lie outside: then only its
    identifier, URI or title is known.
    """

    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="associations")
    kind = models.CharField(max_length=60)
    origin_identifier = models.CharField(max_length=255)
    destination_identifier = models.CharField(max_length=255)
    destination_uri = models.CharField(max_length=2000, blank=True)
    destination_title = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="framework_association_once",
                fields=["framework", "kind", "origin_identifier", "destination_identifier"],
            ),
        ]

    def __str__(self) -> str:
        """Name the tie by its ends."""
        return f"{self.origin_identifier} {self.kind} {self.destination_identifier}"


class FrameworkImport(Thing):
    """One import that changed something; `report` is `rules.ImportReport` as JSON."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.PROTECT, related_name="+")
    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="imports")
    at = models.DateTimeField()
    filename = models.CharField(max_length=200, blank=True)
    source_sha256 = models.CharField(max_length=64)
    report = models.JSONField()

    class Meta:
        indexes = [models.Index(name="framework_import_order", fields=["framework", "at"])]

    def __str__(self) -> str:
        """Name the import by its time."""
        return f"{self.framework_id} at {self.at:%Y-%m-%d %H:%M}"

"""The invariants of frameworks, for `insignia doctor`."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F

from insignia.foundation.checks import Check, Finding
from insignia.frameworks.models import Framework, FrameworkAssociation, FrameworkImport, FrameworkItem
from insignia.frameworks.source import MAX_DEPTH

SHOWN = 20


def _one_organization(_deep: bool) -> Iterable[Finding]:  # noqa: FBT001  - the shape of every check
    home = F("framework__organization")
    strays = (
        ("item", FrameworkItem.objects.exclude(organization=home).values_list("public_id", flat=True)),
        (
            "association",
            FrameworkAssociation.objects.exclude(organization=home).values_list("public_id", flat=True),
        ),
        ("import", FrameworkImport.objects.exclude(organization=home).values_list("public_id", flat=True)),
    )
    for name, rows in strays:
        for public_id in rows[:SHOWN]:
            yield Finding("I14", f"framework {name} {public_id}", "belongs to another organization")
    foreign = FrameworkItem.objects.filter(parent__isnull=False).exclude(framework=F("parent__framework"))
    for item in foreign[:SHOWN]:
        yield Finding("I14", f"framework item {item.public_id}", "has its parent in another framework")


def _trees(_deep: bool) -> Iterable[Finding]:  # noqa: FBT001  - as above
    """Compare each item's stored ancestors with its parents: a circle shows as a walk without end."""
    for framework in Framework.objects.order_by("id"):
        rows = FrameworkItem.objects.filter(framework=framework)
        items = {
            row.pk: row for row in rows.only("id", "public_id", "identifier", "parent", "ancestors", "retired_at")
        }
        for row in items.values():
            # A retired item keeps the place it had; its parents may have moved since.
            if row.retired_at is None and row.ancestors != _walked(row, items):
                yield Finding(
                    "I21",
                    f"framework item {row.public_id}",
                    "its parents are not those it was imported with; import the framework's file again",
                )


def _walked(item: FrameworkItem, items: dict[int, FrameworkItem]) -> list[str]:
    names: list[str] = []
    current = items.get(item.parent_id) if item.parent_id else None
    while current is not None and len(names) <= MAX_DEPTH:
        names.insert(0, current.identifier)
        current = items.get(current.parent_id) if current.parent_id else None
    return names


def _ties(_deep: bool) -> Iterable[Finding]:  # noqa: FBT001  - as above
    """Every tie starts at an item of its framework."""
    for framework in Framework.objects.order_by("id"):
        names = FrameworkItem.objects.filter(framework=framework).values("identifier")
        loose = FrameworkAssociation.objects.filter(framework=framework).exclude(origin_identifier__in=names)
        for tie in loose[:SHOWN]:
            yield Finding("I14", f"framework association {tie.public_id}", "starts at an item that is not there")


CHECKS = (
    Check("I14", "items, ties and imports belong to their framework's organization", _one_organization),
    Check("I14", "every tie starts at an item of its framework", _ties),
    Check("I21", "the tree of every framework is whole", _trees),
)

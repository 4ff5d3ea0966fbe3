"""Reading frameworks. They are public: what a badge rests on, anybody may look up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Substr

from insignia.frameworks.errors import FrameworkItemNotFound, FrameworkNotFound
from insignia.frameworks.models import Framework, FrameworkAssociation, FrameworkImport, FrameworkItem
from insignia.frameworks.searching import Entry, Match, Query, Ranked, query_of, rank, rank_close

if TYPE_CHECKING:
    from insignia.organizations.models import Organization

CANDIDATES = 2_000  # rows that a code or all words may find before we stop looking for better ones
CLOSE_CANDIDATES = 20_000  # rows looked through for misspelt words, once nothing else was found
CLOSE_LETTERS = 1_000  # letters of each of them
ORDER = ("framework_id", "position", "id")
ENOUGH = 3  # exact finds that make a search for misspelt words unnecessary


@dataclass(frozen=True)
class FrameworkLine:
    """One framework in a list; items that are retired are not counted."""

    public_id: UUID
    organization_name: dict[str, str]
    title: str
    publisher: str
    language: str
    licence_title: str
    licence_uri: str
    version_label: str
    items: int
    imported_at: datetime


@dataclass(frozen=True)
class ItemLine:
    """One item as text: what a tree, a list of parents or a picker shows."""

    public_id: UUID
    code: str
    label: str
    statement: str
    item_type: str
    education_levels: tuple[str, ...]
    uri: str
    retired_at: datetime | None


@dataclass(frozen=True)
class TreeNode:
    """One item with its children, in the publisher's order."""

    item: ItemLine
    children: tuple[TreeNode, ...]


@dataclass(frozen=True)
class Tree:
    """A whole framework: the row itself, its top items, and how many items there are below."""

    framework: Framework
    top: tuple[TreeNode, ...]
    items: int


@dataclass(frozen=True)
class ItemFound:
    """One item a search found, the framework it belongs to, its parents from the top, and why it was found."""

    item: FrameworkItem
    parents: tuple[ItemLine, ...]
    match: Match


@dataclass(frozen=True)
class Tie:
    """One tie of an item; `item` is its other end if that was imported here, else `uri` and `title` name it."""

    kind: str
    item: ItemLine | None
    framework_id: UUID | None
    uri: str
    title: str


@dataclass(frozen=True)
class ItemStory:
    """One item with all around it: parents from the top, children, ties."""

    item: FrameworkItem
    parents: tuple[ItemLine, ...]
    children: tuple[ItemLine, ...]
    ties: tuple[Tie, ...]


def framework_list(*, organization: Organization | None = None) -> list[FrameworkLine]:
    """List frameworks by title, of one organization or of all."""
    rows = Framework.objects.select_related("organization").annotate(
        item_count=Count("items", filter=Q(items__retired_at__isnull=True))
    )
    if organization is not None:
        rows = rows.filter(organization=organization)
    return [
        FrameworkLine(
            public_id=row.public_id,
            organization_name=row.organization.name,
            title=row.title,
            publisher=row.publisher or row.creator,
            language=row.language,
            licence_title=row.licence_title,
            licence_uri=row.licence_uri,
            version_label=row.version_label,
            items=row.item_count,
            imported_at=row.imported_at,
        )
        for row in rows.order_by("title", "id")
    ]


def framework_get(public_id: UUID) -> Framework:
    """Find a framework with its organization.

    Raises:
        FrameworkNotFound: there is none.
    """
    framework = Framework.objects.select_related("organization").filter(public_id=public_id).first()
    if framework is None:
        raise FrameworkNotFound("There is no such framework here.")
    return framework


def framework_tree(public_id: UUID, *, retired: bool = False) -> Tree:
    """Give a framework as nested values, in one query for the framework and one for all its items.

    Raises:
        FrameworkNotFound: there is none.
    """
    framework = framework_get(public_id)
    rows = FrameworkItem.objects.filter(framework=framework)
    if not retired:
        rows = rows.filter(retired_at__isnull=True)
    children: dict[int | None, list[FrameworkItem]] = defaultdict(list)
    shown = list(rows.defer("search_text", "notes", "extra").order_by("position", "id"))
    known = {row.pk for row in shown}
    for row in shown:
        # A parent may be retired and hidden while its child is not: the child then stands at the top.
        children[row.parent_id if row.parent_id in known else None].append(row)
    return Tree(framework, _nodes(children, None), len(shown))


def framework_imports(public_id: UUID) -> list[FrameworkImport]:
    """List the imports that changed a framework, newest first."""
    return list(FrameworkImport.objects.filter(framework__public_id=public_id).order_by("-at", "-id"))


def import_get(public_id: UUID, *, organization: Organization) -> FrameworkImport:
    """Find one import of an organization's framework, with the framework.

    Raises:
        FrameworkNotFound: the organization has no such import.
    """
    rows = FrameworkImport.objects.select_related("framework").filter(organization=organization)
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise FrameworkNotFound("There is no such import here.")
    return found


def item_get(public_id: UUID) -> FrameworkItem:
    """Find an item with its framework.

    Raises:
        FrameworkItemNotFound: there is none.
    """
    item = FrameworkItem.objects.select_related("framework").filter(public_id=public_id).first()
    if item is None:
        raise FrameworkItemNotFound("There is no such item here.")
    return item


def items_get(public_ids: Iterable[UUID]) -> list[FrameworkItem]:
    """Find several items with their frameworks, in the order of the ids; unknown ids are left out."""
    wanted = list(dict.fromkeys(public_ids))
    rows = FrameworkItem.objects.select_related("framework").filter(public_id__in=wanted)
    found = {row.public_id: row for row in rows}
    return [found[public_id] for public_id in wanted if public_id in found]


def item_story(public_id: UUID) -> ItemStory:
    """Give an item with its parents, children and ties.

    Raises:
        FrameworkItemNotFound: there is none.
    """
    item = item_get(public_id)
    children = FrameworkItem.objects.filter(parent=item, retired_at__isnull=True).order_by("position", "id")
    ties = FrameworkAssociation.objects.filter(framework=item.framework, origin_identifier=item.identifier)
    return ItemStory(
        item=item,
        parents=_parents_of([item])[item.pk],
        children=tuple(item_line(child) for child in children),
        ties=tuple(_ties_shown(item, ties.order_by("kind", "id"))),
    )


def item_line(item: FrameworkItem) -> ItemLine:
    """Give an item as plain values."""
    return ItemLine(
        public_id=item.public_id,
        code=item.human_code,
        label=item.abbreviated_statement,
        statement=item.full_statement,
        item_type=item.item_type,
        education_levels=tuple(item.education_levels),
        uri=item.uri,
        retired_at=item.retired_at,
    )


def item_search(
    *, organization: Organization | None, query: str, framework: Framework | None = None, limit: int = 20
) -> list[ItemFound]:
    """Find items by a code or its beginning, then by words, then by words nearly spelt so.

    Looks in one framework, in those of one organization, or in all; retired items are not offered. At most three
    queries, and a fourth only when next to nothing is spelt exactly as typed.
    """
    wanted = query_of(query)
    if wanted.empty or limit < 1:
        return []
    rows = FrameworkItem.objects.filter(retired_at__isnull=True)
    if organization is not None:
        rows = rows.filter(organization=organization)
    if framework is not None:
        rows = rows.filter(framework=framework)
    ranked = rank(wanted, _entries(_candidates(rows, wanted), CANDIDATES))
    if len(ranked) < min(ENOUGH, limit):
        seen = {found.key for found in ranked}
        close = rank_close(wanted, _entries(rows.order_by(*ORDER), CLOSE_CANDIDATES, letters=CLOSE_LETTERS))
        ranked += [found for found in close if found.key not in seen]
    return _found(ranked[:limit])


def _candidates(rows: QuerySet[FrameworkItem], query: Query) -> QuerySet[FrameworkItem]:
    """Choose codes that have the query's, and texts that have all its words; better codes come first."""
    conditions, cases = [], []
    if query.code:
        conditions.append(Q(code_key__contains=query.code))
        cases = [When(code_key=query.code, then=Value(0)), When(code_key__startswith=query.code, then=Value(1))]
    if query.words:
        conditions.append(reduce(and_, [Q(search_text__contains=word) for word in query.words]))
    nearness = Case(*cases, default=Value(2), output_field=IntegerField())
    return rows.filter(reduce(or_, conditions)).alias(nearness=nearness).order_by("nearness", *ORDER)


def _entries(rows: QuerySet[FrameworkItem], limit: int, *, letters: int = 0) -> list[Entry[int]]:
    beginning = Substr("search_text", 1, letters) if letters else F("search_text")
    chosen = rows.values_list("pk", "human_code", beginning, "abbreviated_statement")
    return [Entry(*row) for row in chosen[:limit]]


def _found(ranked: Sequence[Ranked[int]]) -> list[ItemFound]:
    rows = FrameworkItem.objects.select_related("framework__organization").in_bulk([found.key for found in ranked])
    parents = _parents_of(rows.values())
    return [ItemFound(rows[found.key], parents[found.key], found.match) for found in ranked if found.key in rows]


def _parents_of(items: Iterable[FrameworkItem]) -> dict[int, tuple[ItemLine, ...]]:
    """Give each item's parents from the top, for all of them in one query."""
    items = list(items)
    wanted: dict[int, set[str]] = defaultdict(set)
    for item in items:
        wanted[item.framework_id].update(item.ancestors)
    conditions = [Q(framework=framework, identifier__in=names) for framework, names in wanted.items() if names]
    rows = FrameworkItem.objects.filter(reduce(or_, conditions)) if conditions else []
    known = {(row.framework_id, row.identifier): item_line(row) for row in rows}
    return {
        item.pk: tuple(
            known[item.framework_id, name] for name in item.ancestors if (item.framework_id, name) in known
        )
        for item in items
    }


def _ties_shown(item: FrameworkItem, ties: Iterable[FrameworkAssociation]) -> Iterable[Tie]:
    """Find the other ends: in the same framework by identifier, in the organization's others by address."""
    ties = list(ties)
    names = [tie.destination_identifier for tie in ties]
    uris = [tie.destination_uri for tie in ties if tie.destination_uri]
    rows = FrameworkItem.objects.select_related("framework").filter(
        Q(framework=item.framework, identifier__in=names) | Q(organization=item.organization_id, uri__in=uris)
    )
    by_name: dict[str, FrameworkItem] = {}
    by_uri: dict[str, FrameworkItem] = {}
    for row in rows:
        if row.framework_id == item.framework_id:
            by_name[row.identifier] = row
        if row.uri:
            by_uri[row.uri] = row
    for tie in ties:
        other = by_name.get(tie.destination_identifier) or by_uri.get(tie.destination_uri)
        framework = other.framework.public_id if other else None
        line = item_line(other) if other else None
        yield Tie(tie.kind, line, framework, tie.destination_uri, tie.destination_title)


def _nodes(children: dict[int | None, list[FrameworkItem]], parent: int | None) -> tuple[TreeNode, ...]:
    return tuple(TreeNode(item_line(row), _nodes(children, row.pk)) for row in children.get(parent, ()))

"""Reads a CTDL-ASN graph (Credential Engine's JSON-LD for competency frameworks), such as the O*NET files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.frameworks.errors import FrameworkEmpty, NotAFramework
from insignia.frameworks.readers.json_file import entries, part
from insignia.frameworks.readers.naming import distinct, require_count, title_from_filename
from insignia.frameworks.readers.taking import ABBREVIATION, CODE, STATEMENT, Taker, derived_identifier
from insignia.frameworks.source import CHILD_OF, Source, SourceAssociation, SourceDocument, SourceItem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insignia.frameworks.findings import Findings
    from insignia.vc.model.json import Json, JsonObject

# CTDL-ASN's alignments, as the CASE association that says the same or less.
TIES = {
    "exactAlignment": "exactMatchOf",
    "broadAlignment": "isRelatedTo",
    "narrowAlignment": "isRelatedTo",
    "majorAlignment": "isRelatedTo",
    "minorAlignment": "isRelatedTo",
    "prerequisiteAlignment": "precedes",
    "alignTo": "isRelatedTo",
}
ITEM_FIELDS = frozenset(
    {
        "@id", "@type", "ctid", "codedNotation", "competencyText", "competencyLabel", "competencyCategory",
        "educationLevelType", "listID", "comment", "isPartOf", "isChildOf", "isTopChildOf", "hasChild", *TIES,
    }
)  # fmt: skip
_LICENCES = {
    "creativecommons.org/licenses/by/4.0": "Creative Commons Attribution 4.0 International",
    "creativecommons.org/licenses/by-sa/4.0": "Creative Commons Attribution-ShareAlike 4.0 International",
    "creativecommons.org/publicdomain/zero/1.0": "Creative Commons CC0 1.0 Universal",
}


def graph_of(value: Json) -> list[Json]:
    """Give the nodes of a JSON-LD document: its `@graph`, or the list that it is."""
    return entries(value if isinstance(value, list) else part(value, "@graph"))


def type_names(node: Json) -> frozenset[str]:
    """Give a node's types without their prefixes."""
    written = part(node, "@type")
    listed = written if isinstance(written, list) else [written]
    return frozenset(_local(name) for name in listed if isinstance(name, str))


def is_ctdl_asn(value: Json) -> bool:
    """Say whether this JSON-LD has a competency framework or competencies of CTDL-ASN."""
    return any(type_names(node) & {"CompetencyFramework", "Competency"} for node in graph_of(value))


def read_ctdl_asn(value: Json, *, filename: str, findings: Findings) -> Source:
    """Read a parsed graph.

    Raises:
        NotAFramework, FrameworkEmpty, FrameworkTooLarge.
    """
    nodes = graph_of(value)
    require_count(nodes)
    if not is_ctdl_asn(value):
        raise NotAFramework("This JSON-LD has no ceasn:CompetencyFramework and no ceasn:Competency.")
    reader = _GraphReader(Taker(findings), nodes, filename)
    if not reader.competencies:
        raise FrameworkEmpty("The graph has a framework and not one competency. Export it again with them.")
    items = distinct(reader.items(), findings)
    ties = tuple(reader.associations({item.identifier for item in items}))
    require_count((), ties)
    return Source("ctdl-asn", reader.document(), items, ties, findings)


def _local(name: str) -> str:
    return name.rsplit("/", 1)[-1].rsplit("#", 1)[-1].rsplit(":", 1)[-1]


class _GraphReader:
    """Reads nodes by their fields' local names; findings name `@graph[3]`."""

    def __init__(self, take: Taker, nodes: list[Json], filename: str) -> None:
        self.take = take
        self.findings = take.findings
        self.filename = filename
        self.framework: JsonObject = {}
        self.competencies: list[tuple[str, JsonObject]] = []
        for number, node in enumerate(nodes):
            self._sort(f"@graph[{number}]", node)
        self.framework_identifier = self._framework_identifier()

    def document(self) -> SourceDocument:
        """Read the framework's own node."""
        node, where = self.framework, "CompetencyFramework"
        if not node:
            self.findings.note("document-missing", "file")
        title = self._words(node, "name", where, limit=500)
        if node and not title:
            self.findings.note("title-missing", where)
        licence_uri = self.take.address(_first(node.get("license")), where, "license")
        licence_text = self._words(node, "rights", where, limit=STATEMENT)
        if not (licence_uri or licence_text):
            self.findings.note("licence-missing", where)
        publisher = self._words(node, "publisherName", where, limit=500)
        return SourceDocument(
            identifier=self.framework_identifier,
            title=title or title_from_filename(self.filename),
            uri=self.take.address(node.get("@id"), where, "@id"),
            description=self._words(node, "description", where, limit=STATEMENT),
            creator=publisher,
            publisher=publisher,
            language=self.take.text(_first(node.get("inLanguage")), where, "inLanguage", limit=35),
            licence_title=_licence_title(licence_uri),
            licence_text=licence_text,
            licence_uri=licence_uri,
            version_label=self._words(node, "versionIdentifier", where, limit=200),
            adoption_status=_local(
                self.take.text(_first(node.get("publicationStatusType")), where, "publicationStatusType")
            )[:100],
            changed_label=self.take.text(node.get("dateModified"), where, "dateModified", limit=64),
        )

    def items(self) -> Iterator[SourceItem]:
        """Read every competency that has a text."""
        for where, node in self.competencies:
            item = self._item(where, node)
            if item is not None:
                yield item

    def associations(self, items: set[str]) -> list[SourceAssociation]:
        """Read parents, in the order in which a parent lists its children, and alignments."""
        order = self._order()
        listing: dict[str, list[str]] = {}
        for parent, child in order:
            listing.setdefault(child, []).append(parent)
        found: list[SourceAssociation] = []
        for where, node in self.competencies:
            origin = self._node_identifier(node, where)
            if origin not in items:
                continue
            found += self._parents(node, listing.get(origin, []), where, order)
            for field, kind in TIES.items():
                found += [self._tie(kind, origin, raw, where) for raw in _listed(node.get(field))]
        return [tie for tie in found if tie.destination]

    def _sort(self, where: str, node: Json) -> None:
        types = type_names(node)
        if isinstance(node, dict) and "CompetencyFramework" in types and not self.framework:
            self.framework = _localised(node)
        elif isinstance(node, dict) and "Competency" in types:
            self.competencies.append((where, _localised(node)))
        elif not isinstance(node, dict):
            self.findings.note("item-unreadable", where)
        else:
            self.findings.note("part-not-imported", where, name=", ".join(sorted(types)) or "without a type")

    def _framework_identifier(self) -> str:
        written = self.take.identifier(
            self.framework.get("ctid") or self.framework.get("@id"), "CompetencyFramework"
        )
        return written or derived_identifier("ctdl-asn", title_from_filename(self.filename))

    def _item(self, where: str, node: JsonObject) -> SourceItem | None:
        code = self.take.text(_first(node.get("codedNotation")), where, "codedNotation", limit=CODE)
        label = self._words(node, "competencyLabel", where, limit=ABBREVIATION)
        full = self._words(node, "competencyText", where, limit=STATEMENT)
        if not full:
            if not (label or code):
                self.findings.note("item-without-text", where)
                return None
            self.findings.note("statement-missing", where)
        levels = [part(raw, "targetNodeName") or raw for raw in _listed(node.get("educationLevelType"))]
        return SourceItem(
            identifier=self._node_identifier(node, where) or derived_identifier(
                self.framework_identifier, code or full or label
            ),
            full_statement=full or label or code,
            where=where,
            uri=self.take.address(node.get("@id"), where, "@id"),
            human_code=code,
            abbreviated_statement=label,
            notes=self._words(node, "comment", where, limit=STATEMENT),
            item_type=self._words(node, "competencyCategory", where, limit=CODE),
            education_levels=self.take.texts(levels, where, "educationLevelType"),
            list_enumeration=self.take.text(_first(node.get("listID")), where, "listID", limit=CODE),
            extra=self.take.kept(node, ITEM_FIELDS),
        )  # fmt: skip

    def _parents(
        self, node: JsonObject, listing: list[str], where: str, order: dict[tuple[str, str], int]
    ) -> Iterator[SourceAssociation]:
        origin = self._node_identifier(node, where)
        # The nearest parent first: a top child names the framework, the others name competencies.
        named = [self._reference(raw, where) for raw in _listed(node.get("isChildOf"))]
        if not named and node.get("isTopChildOf") is not None:
            named = [self.framework_identifier]
        for parent in named or listing or [""]:
            if not parent:
                self.findings.note("parent-missing", where)
            target = parent or self.framework_identifier
            yield SourceAssociation(CHILD_OF, origin, target, where, sequence=order.get((target, origin)))

    def _order(self) -> dict[tuple[str, str], int]:
        """Number each parent's children as it lists them: (parent, child) -> 0, 1, 2 ..."""
        order: dict[tuple[str, str], int] = {}
        listings = [("CompetencyFramework", self.framework, "hasTopChild", self.framework_identifier)]
        for where, node in self.competencies:
            listings.append((where, node, "hasChild", self._node_identifier(node, where)))
        for where, node, field, parent in listings:
            for position, raw in enumerate(_listed(node.get(field))):
                order.setdefault((parent, self._reference(raw, where)), position)
        return order

    def _tie(self, kind: str, origin: str, raw: Json, where: str) -> SourceAssociation:
        target = part(raw, "targetNode") or part(raw, "@id") or (raw if isinstance(raw, str) else None)
        return SourceAssociation(
            kind,
            origin,
            self._reference(target, where),
            where,
            destination_uri=self.take.address(target, where, kind),
            destination_title=self.take.text(_word(part(raw, "targetNodeName")), where, kind),
        )

    def _node_identifier(self, node: JsonObject, where: str) -> str:
        return self._reference(node.get("@id") or node.get("ctid"), where)

    def _reference(self, raw: Json, where: str) -> str:
        """Name a node by the identifier at the end of its address (`ce-` and a UUID), or by the address."""
        written = self.take.identifier(part(raw, "@id") if isinstance(raw, dict) else raw, where)
        tail = written.rsplit("/", 1)[-1]
        own = written in (self.framework.get("@id"), self.framework.get("ctid")) and bool(written)
        return self.framework_identifier if own else (tail if tail.startswith("ce-") else written)

    def _words(self, node: JsonObject, field: str, where: str, *, limit: int) -> str:
        return self.take.text(_word(node.get(field)), where, field, limit=limit, lines=limit > ABBREVIATION)


def _localised(node: JsonObject) -> JsonObject:
    """Drop the prefixes of a node's fields: `ceasn:name` and `name` mean the same here."""
    return {key if key.startswith("@") else _local(key): value for key, value in node.items()}


def _listed(value: Json) -> list[Json]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _first(value: Json) -> Json:
    return (value[0] if value else None) if isinstance(value, list) else value


def _word(value: Json) -> Json:
    """Choose the English text of a language map, or its first; lists give their first entry."""
    value = _first(value)
    if not isinstance(value, dict):
        return value
    lowered = {key.lower(): text for key, text in value.items()}
    for language in ("en", "en-us", "en-gb", "@value", *lowered):
        if lowered.get(language):
            return _first(lowered[language])
    return None


def _licence_title(uri: str) -> str:
    bare = uri.split("://", 1)[-1].rstrip("/")
    return _LICENCES.get(bare, "")

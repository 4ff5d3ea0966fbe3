"""Reads the DigComp 3.0 data supplement (JSON-LD): areas, competences, statements and learning outcomes.

The file's ids are relative (`Competence/1.1`) and resolve nowhere, so each item's address is a URN derived from
its id: the same in every installation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from insignia.frameworks.errors import NotAFramework
from insignia.frameworks.readers.ctdl_asn import graph_of, type_names
from insignia.frameworks.readers.json_file import part
from insignia.frameworks.readers.naming import distinct, require_count
from insignia.frameworks.readers.taking import ABBREVIATION, CODE, STATEMENT, Taker
from insignia.frameworks.source import CHILD_OF, Source, SourceAssociation, SourceDocument, SourceItem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from insignia.frameworks.findings import Findings
    from insignia.vc.model.json import Json, JsonObject

NAMESPACE = UUID("a3b7a4c8-58a4-5a0f-8c56-0d9b6d3f3c30")
FRAMEWORK = "digcomp-3.0"
# Each kind of item, its name on the page, and the fields that may name its parent, nearest first.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "CompetenceArea": ("Competence area", ()),
    "Competence": ("Competence", ("competence_area_id",)),
    "CompetenceStatement": ("Competence statement", ("competence_id", "competence_area_id")),
    "LearningOutcome": ("Learning outcome", ("competence_id", "competence_area_id")),
}
ITEM_FIELDS = frozenset(
    {"@id", "@type", "name", "description", "competence_area_id", "competence_id", "four_levels_proficiency_name"}
)
ATTRIBUTION = (
    "DigComp 3.0, European Commission, Joint Research Centre. © European Union, 2025. "
    "Reuse is authorised under Creative Commons Attribution 4.0 International, with acknowledgement of the source "
    "and indication of changes."
)


def digcomp_uri(identifier: str) -> str:
    """Give the address by which we name an item of DigComp 3.0, such as `Competence/1.1`."""
    return f"urn:uuid:{uuid5(NAMESPACE, identifier)}"


def is_digcomp(value: Json) -> bool:
    """Say whether this JSON-LD has the areas and competences of DigComp."""
    return any(type_names(node) & {"CompetenceArea", "Competence"} for node in graph_of(value))


def read_digcomp(value: Json, *, findings: Findings) -> Source:
    """Read the parsed supplement.

    Raises:
        NotAFramework, FrameworkEmpty, FrameworkTooLarge.
    """
    nodes = graph_of(value)
    require_count(nodes)
    if not is_digcomp(value):
        raise NotAFramework("This JSON-LD has no CompetenceArea and no Competence.")
    reader = _SupplementReader(Taker(findings), nodes)
    items = distinct(reader.items(), findings)
    ties = tuple(reader.associations({item.identifier for item in items}))
    return Source("digcomp", reader.document(), items, ties, findings)


class _SupplementReader:
    """Reads the supplement's nodes; findings name the node's own id."""

    def __init__(self, take: Taker, nodes: list[Json]) -> None:
        self.take = take
        self.findings = take.findings
        self.nodes: list[tuple[str, str, JsonObject]] = []
        self.levels: set[str] = set()
        other: dict[str, int] = {}
        for number, node in enumerate(nodes):
            if not isinstance(node, dict):
                self.findings.note("item-unreadable", f"@graph[{number}]")
                continue
            self._sort(node, f"@graph[{number}]", other)
        for name in sorted(other):
            self.findings.note("part-not-imported", f"@graph ({other[name]} entries)", name=name)

    def document(self) -> SourceDocument:
        """Describe DigComp 3.0; the file itself says nothing of title and licence."""
        self.findings.note("document-known", "file", name="DigComp 3.0")
        return SourceDocument(
            identifier=FRAMEWORK,
            title="DigComp 3.0: European Digital Competence Framework",
            uri=digcomp_uri(FRAMEWORK),
            creator="European Commission, Joint Research Centre",
            publisher="Publications Office of the European Union",
            language="en",
            licence_title="Creative Commons Attribution 4.0 International",
            licence_text=ATTRIBUTION,
            licence_uri="https://creativecommons.org/licenses/by/4.0/",
            version_label="3.0",
        )

    def items(self) -> Iterator[SourceItem]:
        """Read areas, competences, statements and outcomes."""
        for where, kind, node in self.nodes:
            item = self._item(where, kind, node)
            if item is not None:
                yield item

    def associations(self, items: set[str]) -> Iterator[SourceAssociation]:
        """Read each item's parent: the competence, else the area, else the framework."""
        for number, (where, kind, node) in enumerate(self.nodes):
            origin = self.take.identifier(node.get("@id"), where)
            if origin not in items:
                continue
            named = [part(node, field) for field in KINDS[kind][1]]
            parents = [self.take.identifier(raw, where) for raw in named if isinstance(raw, str)]
            if KINDS[kind][1] and not parents:
                self.findings.note("parent-missing", where)
            # One parent each: the competence lies in its area already.
            yield SourceAssociation(CHILD_OF, origin, (parents or [FRAMEWORK])[0], where, sequence=float(number))

    def _sort(self, node: JsonObject, where: str, other: dict[str, int]) -> None:
        types = type_names(node)
        kind = next((name for name in KINDS if name in types), "")
        if kind:
            identifier = node.get("@id")
            self.nodes.append((identifier if isinstance(identifier, str) else where, kind, node))
        elif "ProficiencyLevel" in types:
            self.levels.add(str(node.get("@id")).rsplit("_", 1)[0])
        if not kind:
            name = ", ".join(sorted(types)) or "without a type"
            other[name] = other.get(name, 0) + 1

    def _item(self, where: str, kind: str, node: JsonObject) -> SourceItem | None:
        identifier = self.take.identifier(node.get("@id"), where)
        name = self.take.text(node.get("name"), where, "name", limit=ABBREVIATION)
        full = self.take.text(node.get("description"), where, "description", limit=STATEMENT, lines=True)
        if not identifier or not (full or name):
            self.findings.note("item-without-text" if identifier else "item-unreadable", where)
            return None
        if not full:
            self.findings.note("statement-missing", where)
        return SourceItem(
            identifier=identifier,
            full_statement=full or name,
            where=where,
            uri=digcomp_uri(identifier),
            human_code=identifier.split("/", 1)[-1][:CODE],
            abbreviated_statement=name,
            item_type=KINDS[kind][0],
            education_levels=self._levels(node, where),
            extra=self.take.kept(node, ITEM_FIELDS),
        )

    def _levels(self, node: JsonObject, where: str) -> tuple[str, ...]:
        written = node.get("four_levels_proficiency_name")
        if not isinstance(written, str) or not written:
            return ()
        name = self.take.text(written.rsplit("/", 1)[-1], where, "level", limit=CODE)
        if self.levels and written not in self.levels:
            self.findings.note("level-unknown", where, name=name)
        return (name,)

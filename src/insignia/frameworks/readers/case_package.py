"""Reads a CFPackage of CASE 1.0 or 1.1 (1EdTech Competencies and Academic Standards Exchange), leniently."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from insignia.frameworks.errors import NotAFramework
from insignia.frameworks.readers.json_file import entries, objects, part
from insignia.frameworks.readers.naming import distinct, require_count, title_from_filename
from insignia.frameworks.readers.taking import ABBREVIATION, CODE, STATEMENT, Taker, derived_identifier
from insignia.frameworks.source import ASSOCIATION_TYPES, Source, SourceAssociation, SourceDocument, SourceItem

if TYPE_CHECKING:
    from insignia.frameworks.findings import Findings
    from insignia.vc.model.json import Json, JsonObject

PARTS = frozenset({"CFDocument", "CFItems", "CFAssociations", "CFDefinitions"})
WRAPPERS = ("CFPackage", "package", "data")
# Older exports write these; CASE 1.0 and 1.1 have the names on the right.
MISSPELT = {"educationalLevel": "educationLevel", "itemType": "CFItemType", "humanCode": "humanCodingScheme"}
ITEM_FIELDS = frozenset(
    {
        "identifier", "uri", "fullStatement", "humanCodingScheme", "abbreviatedStatement", "CFItemType",
        "educationLevel", "listEnumeration", "notes", "statusEndDate", *MISSPELT,
    }
)  # fmt: skip
_TYPES = {name.casefold(): name for name in ASSOCIATION_TYPES}


def is_case_package(value: Json) -> bool:
    """Say whether this JSON is a CASE package, bare or wrapped once."""
    return isinstance(_unwrapped(value), dict)


def read_case_package(value: Json, *, filename: str, findings: Findings) -> Source:
    """Read a parsed package.

    Raises:
        NotAFramework, FrameworkEmpty, FrameworkTooLarge.
    """
    package = _unwrapped(value)
    if not isinstance(package, dict):
        raise NotAFramework("This JSON has no CFDocument and no CFItems. Send a whole CASE package.")
    if package is not value:
        findings.note("wrapper-removed", "file")
    require_count(entries(package.get("CFItems")), entries(package.get("CFAssociations")))
    reader = _PackageReader(Taker(findings), package, filename)
    document = reader.document()
    items = distinct(reader.items(document), findings)
    associations = tuple(reader.associations({item.identifier for item in items}))
    reader.note_the_rest()
    return Source("case", document, items, associations, findings)


def _unwrapped(value: Json) -> JsonObject | None:
    for candidate in (value, *(part(value, name) for name in WRAPPERS)):
        if isinstance(candidate, dict) and isinstance(candidate.get("CFItems"), list):
            return candidate
        if isinstance(candidate, dict) and isinstance(candidate.get("CFDocument"), dict):
            return candidate
    return None


class _PackageReader:
    """Reads the parts of one package; findings name the place, such as `CFItems[3]`."""

    def __init__(self, take: Taker, package: JsonObject, filename: str) -> None:
        self.take = take
        self.package = package
        self.filename = filename
        self.findings = take.findings

    def document(self) -> SourceDocument:
        """Read CFDocument, or make one of the file's name."""
        raw, where = self.package.get("CFDocument"), "CFDocument"
        if not isinstance(raw, dict):
            self.findings.note("document-missing", "file")
            raw = {}
        title = self.take.text(raw.get("title"), where, "title")
        if not title:
            self.findings.note("title-missing", where)
            title = title_from_filename(self.filename)
        identifier = self.take.identifier(raw.get("identifier"), where)
        uri = self.take.address(raw.get("uri"), where, "uri")
        if not identifier and raw:
            self.findings.note("identifier-missing", where)
        licence = self._licence(raw)
        return SourceDocument(
            identifier=identifier or derived_identifier("case", uri or title),
            title=title,
            uri=uri,
            description=self.take.text(raw.get("description"), where, "description", limit=STATEMENT, lines=True),
            creator=self.take.text(raw.get("creator"), where, "creator"),
            publisher=self.take.text(raw.get("publisher"), where, "publisher"),
            language=self.take.text(raw.get("language"), where, "language", limit=35),
            licence_title=licence[0],
            licence_text=licence[1],
            licence_uri=licence[2],
            version_label=self.take.text(raw.get("version"), where, "version", limit=200),
            adoption_status=self.take.text(raw.get("adoptionStatus"), where, "adoptionStatus", limit=100),
            changed_label=self.take.text(raw.get("lastChangeDateTime"), where, "lastChangeDateTime", limit=64),
        )

    def items(self, document: SourceDocument) -> list[SourceItem]:
        """Read CFItems; what is no item, or has nothing to show, is left out and noted."""
        found = []
        for number, raw in enumerate(entries(self.package.get("CFItems"))):
            where = f"CFItems[{number}]"
            if not isinstance(raw, dict):
                self.findings.note("item-unreadable", where)
                continue
            item = self._item(raw, where, document)
            if item is not None:
                found.append(item)
        return found

    def associations(self, items: set[str]) -> list[SourceAssociation]:
        """Read CFAssociations."""
        found = []
        for number, raw in enumerate(entries(self.package.get("CFAssociations"))):
            where = f"CFAssociations[{number}]"
            if not isinstance(raw, dict):
                self.findings.note("association-unreadable", where)
                continue
            association = self._association(raw, where, items)
            if association is not None:
                found.append(association)
        return found

    def note_the_rest(self) -> None:
        """Name the parts that are not imported, and definitions that are not whole."""
        for name, value in self.package.items():
            if name not in PARTS and isinstance(value, list | dict) and value:
                self.findings.note("part-not-imported", "file", name=name)
        definitions = part(self.package, "CFDefinitions")
        for number, raw in enumerate(objects(part(definitions, "CFItemTypes"))):
            missing = [key for key in ("identifier", "title", "description") if key in raw and raw[key] is None]
            for name in missing:
                self.findings.note("definition-incomplete", f"CFDefinitions.CFItemTypes[{number}]", name=name)

    def _item(self, raw: JsonObject, where: str, document: SourceDocument) -> SourceItem | None:
        raw = self._spelt(raw, where)
        code = self.take.text(raw.get("humanCodingScheme"), where, "humanCodingScheme", limit=CODE)
        short = self.take.text(raw.get("abbreviatedStatement"), where, "abbreviatedStatement", limit=ABBREVIATION)
        full = self.take.text(raw.get("fullStatement"), where, "fullStatement", limit=STATEMENT, lines=True)
        if not (full or short or code):
            self.findings.note("item-without-text", where)
            return None
        if not full:
            self.findings.note("statement-missing", where)
        if not code:
            self.findings.note("code-missing", where)
        uri = self.take.address(raw.get("uri"), where, "uri")
        ended = self.take.day(raw.get("statusEndDate"), where, "statusEndDate")
        if ended:
            self.findings.note("status-ended", where, on=ended.isoformat())
        return SourceItem(
            identifier=self._item_identifier(raw, where, document, uri or code or full or short),
            full_statement=full or short or code,
            where=where,
            uri=uri,
            human_code=code,
            abbreviated_statement=short,
            notes=self.take.text(raw.get("notes"), where, "notes", limit=STATEMENT, lines=True),
            item_type=self._item_type(raw, where),
            education_levels=self.take.texts(raw.get("educationLevel"), where, "educationLevel"),
            list_enumeration=self.take.text(raw.get("listEnumeration"), where, "listEnumeration", limit=CODE),
            ended_on=ended,
            extra=self.take.kept(raw, ITEM_FIELDS),
        )

    def _spelt(self, raw: JsonObject, where: str) -> JsonObject:
        wrong = {name: meant for name, meant in MISSPELT.items() if name in raw and meant not in raw}
        for name, meant in wrong.items():
            self.findings.note("field-misspelt", where, name=name, meant=meant)
        return {**raw, **{meant: raw[name] for name, meant in wrong.items()}}

    def _item_identifier(self, raw: JsonObject, where: str, document: SourceDocument, fallback: str) -> str:
        identifier = self.take.identifier(raw.get("identifier"), where)
        if not identifier:
            self.findings.note("identifier-missing", where)
            return derived_identifier(document.identifier, fallback)
        if not _is_uuid(identifier):
            self.findings.note("identifier-not-uuid", where)
        return identifier

    def _item_type(self, raw: JsonObject, where: str) -> str:
        written = raw.get("CFItemType")
        if written is None:
            written = part(raw.get("CFItemTypeURI"), "title")
        found = self.take.text(written, where, "CFItemType", limit=CODE)
        if not found:
            self.findings.note("item-type-missing", where)
        if found.casefold() == "rubric":
            self.findings.note("rubric-rows-as-items", where)
        return found

    def _association(self, raw: JsonObject, where: str, items: set[str]) -> SourceAssociation | None:
        kind = self._association_type(raw.get("associationType"), where)
        origin = self._end(raw, "originNode", where)
        destination = self._end(raw, "destinationNode", where)
        for name, value in (("type", kind), ("origin", origin), ("destination", destination)):
            if not value:
                self.findings.note("association-incomplete", where, name=name)
                return None
        if origin not in items:
            self.findings.note("association-origin-unknown", where)
            return None
        node = raw.get("destinationNodeURI")
        return SourceAssociation(
            kind=kind,
            origin=origin,
            destination=destination,
            where=where,
            destination_uri=self.take.address(
                node if isinstance(node, str) and ":" in node else part(node, "uri"), where, "destination"
            ),
            destination_title=self.take.text(part(node, "title"), where, "title"),
            sequence=self.take.number(raw.get("sequenceNumber"), where, "sequenceNumber"),
        )

    def _association_type(self, value: Json, where: str) -> str:
        written = self.take.text(value, where, "associationType", limit=60)
        meant = _TYPES.get(written.casefold().replace(" ", "").replace("_", ""))
        if meant is None:
            if written:
                self.findings.note("association-type-unknown", where, name=written)
            return written
        if meant != written:
            self.findings.note("association-type-misspelt", where, name=written, meant=meant)
        return meant

    def _end(self, raw: JsonObject, name: str, where: str) -> str:
        node = raw.get(f"{name}URI", raw.get(name))
        if isinstance(node, dict):
            return self.take.identifier(node.get("identifier") or node.get("uri"), where)
        if node is None:
            node = raw.get(f"{name}Identifier")
        written = self.take.identifier(node, where) if isinstance(node, str) else ""
        tail = written.rsplit("/", 1)[-1]
        return self.take.identifier(tail, where) if _is_uuid(tail) else written

    def _licence(self, document: JsonObject) -> tuple[str, str, str]:
        """Find the licence that the document names among the definitions: title, text, address."""
        named, where = document.get("licenseURI"), "CFDocument"
        known = objects(part(part(self.package, "CFDefinitions"), "CFLicenses"))
        wanted = part(named, "identifier") or part(named, "uri") or (named if isinstance(named, str) else None)
        matching = [entry for entry in known if wanted and wanted in (entry.get("identifier"), entry.get("uri"))]
        chosen = matching[0] if matching else (known[0] if len(known) == 1 else {})
        title = self.take.text(chosen.get("title") or part(named, "title"), where, "licence")
        text = self.take.text(chosen.get("licenseText"), where, "licenseText", limit=STATEMENT, lines=True)
        uri = self.take.address(named if isinstance(named, str) else part(named, "uri"), where, "licenseURI")
        if not (title or text or uri):
            self.findings.note("licence-missing", where)
        elif not text:
            self.findings.note("licence-unresolved", where)
        return title, text, uri


def _is_uuid(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text))

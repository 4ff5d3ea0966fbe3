"""What a file says, as frozen values: the one shape every reader gives, whatever its format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from insignia.frameworks.findings import Findings

if TYPE_CHECKING:
    from insignia.vc.model.json import Json

CHILD_OF = "isChildOf"
# CASE 1.1, CFAssociation.associationType.
ASSOCIATION_TYPES = (
    CHILD_OF,
    "isPeerOf",
    "isPartOf",
    "exactMatchOf",
    "precedes",
    "isRelatedTo",
    "replacedBy",
    "exemplar",
    "hasSkillLevel",
    "isTranslationOf",
)

MAX_BYTES = 20 * 2**20
MAX_ITEMS = 20_000
MAX_ASSOCIATIONS = 60_000
MAX_COLUMNS = 100
MAX_DEPTH = 40
MAX_IDENTIFIER = 255


@dataclass(frozen=True)
class SourceDocument:
    """The framework as a whole."""

    identifier: str
    title: str
    uri: str = ""
    description: str = ""
    creator: str = ""
    publisher: str = ""
    language: str = ""
    licence_title: str = ""
    licence_text: str = ""
    licence_uri: str = ""
    version_label: str = ""
    adoption_status: str = ""
    changed_label: str = ""


@dataclass(frozen=True)
class SourceItem:
    """One item, its texts already plain. `where` names its place in the file."""

    identifier: str
    full_statement: str
    where: str
    uri: str = ""
    human_code: str = ""
    abbreviated_statement: str = ""
    notes: str = ""
    item_type: str = ""
    education_levels: tuple[str, ...] = ()
    list_enumeration: str = ""
    ended_on: date | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceAssociation:
    """One tie; `isChildOf` ones become the tree. `sequence` orders siblings."""

    kind: str
    origin: str
    destination: str
    where: str
    destination_uri: str = ""
    destination_title: str = ""
    sequence: float | None = None


@dataclass(frozen=True)
class Source:
    """A whole file: `format` is case, opensalt-csv, ctdl-asn or digcomp; `findings` are its oddities."""

    format: str
    document: SourceDocument
    items: tuple[SourceItem, ...]
    associations: tuple[SourceAssociation, ...]
    findings: Findings

"""Word, Excel, PowerPoint and OpenDocument files without who made them; to be called in a confined process only.

The archive is written anew: same parts in the same order, no times, no extra fields. Parts about the document go
together with the references to them (ECMA-376 part 2, sections 9, 11; OpenDocument 1.3 part 2). In the other
parts the names of people are blanked: authors of comments and changes, and paths of somebody's computer.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from urllib.parse import unquote

from lxml import etree

from insignia.foundation.bare.pictures import picture_bare
from insignia.foundation.bare.problems import CopyProblem
from insignia.foundation.confined import ConfinedRefusal

PARTS, UNPACKED, XML_BYTES = 1_000, 300 * 2**20, 64 * 2**20
LEVELS = 2
EPOCH = (1980, 1, 1, 0, 0, 0)
TYPES, DECLARED, MANIFEST = "[Content_Types].xml", "mimetype", "META-INF/manifest.xml"

PARTS_GONE = re.compile(
    r"""docProps/.* | customXml/.* | _xmlsignatures/.* | .*/vbaProject.*\.bin | .*/vbaData\.xml | .*/activeX/.*
    | .*/printerSettings/.* | xl/revisions/.* | xl/userNames\.xml | word/people\.xml | .*/webextensions/.*
    | .*/changesInfos/.* | .*/revisionInfo\.xml
    | (.*/)?meta\.xml | (.*/)?layout-cache | Thumbnails/.* | Basic/.* | Scripts/.* | Configurations2/.*
    | META-INF/.*signatures\.xml | manifest\.rdf""",
    re.VERBOSE,
)
"""Parts about the document, its programs, its printer; nothing on a page depends on them."""
EMBEDDED = re.compile(r".*/embeddings/.*|Object[^/]*")
OFFICE = (".docx", ".xlsx", ".pptx")

MARKS = re.compile(
    rb"author|initials|creator|user|person|absPath|printer|attachedTemplate|Target|connectString|email|chgData",
    re.IGNORECASE,
)
"""A part without any of these words names nobody and is not parsed."""
PEOPLE = frozenset(
    {"author", "lastModifiedBy", "userName", "userId", "displayName", "initials", "providerId", "email"}
)
PEOPLE_HERE = {
    "cmAuthor": "name",
    "chgData": "name",
    "fileSharing": "userName",
    "author": "name",
    "absPath": "url",
    "connectString": "val",
}
"""Attributes that name somebody on one element only."""
WORDS = frozenset({"author", "creator", "creator-initials", "sender-initials", "initial-creator", "date-string"})
"""Elements whose text names somebody: authors of comments in Excel, of notes and changes in OpenDocument."""
SETTINGS_GONE = ("Printer", "PrinterSetup", "CurrentDatabaseDataSource", "RedlineProtectionKey")
NOBODY = "-"

UNREADABLE = (
    zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, NotImplementedError, EOFError, KeyError,
    zlib.error, etree.LxmlError,
)  # fmt: skip


def office_bare(raw: bytes) -> bytes:
    """Give the document again, the same bytes for the same bytes.

    Raises:
        ConfinedRefusal: a `CopyProblem`: it has a password, is damaged, or is too large.
    """
    try:
        return _bare(raw, LEVELS)
    except RuntimeError as error:  # zipfile's word for a password
        raise ConfinedRefusal(CopyProblem.ENCRYPTED) from error
    except UNREADABLE as error:
        raise ConfinedRefusal(CopyProblem.UNREADABLE) from error


def _bare(raw: bytes, levels: int) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as clean:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(entries) > PARTS or sum(entry.file_size for entry in entries) > UNPACKED:
            raise ConfinedRefusal(CopyProblem.LARGE)
        if len({entry.filename for entry in entries}) < len(entries):
            raise ValueError("two parts of one name")
        for entry in entries:
            if PARTS_GONE.fullmatch(entry.filename):
                continue
            part = _part_bare(entry.filename, archive.read(entry), levels)
            info = zipfile.ZipInfo(entry.filename, EPOCH)
            info.compress_type = zipfile.ZIP_STORED if entry.filename == DECLARED else zipfile.ZIP_DEFLATED
            clean.writestr(info, part)
    return result.getvalue()


def _part_bare(name: str, content: bytes, levels: int) -> bytes:
    if EMBEDDED.fullmatch(name):
        return _embedded_bare(name, content, levels)
    if name.endswith((".xml", ".rels", ".vml")):
        return _xml_bare(name, content)
    return picture_bare(content)


def _embedded_bare(name: str, content: bytes, levels: int) -> bytes:
    """Clean a document within the document; what is no document we know is emptied, its picture stays."""
    if name.lower().endswith(OFFICE) and levels > 1:
        return _bare(content, levels - 1)
    return picture_bare(content) if picture_bare(content) is not content else b""


def _xml_bare(name: str, content: bytes) -> bytes:
    is_utf16 = content[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in content[:8]
    if not is_utf16 and not MARKS.search(content) and name not in {TYPES, MANIFEST}:
        return content
    if len(content) > XML_BYTES:
        raise ConfinedRefusal(CopyProblem.LARGE)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError("a document type")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    root = etree.fromstring(content, parser)
    if name == MANIFEST and any(_local(element) == "encryption-data" for element in root.iter()):
        raise ConfinedRefusal(CopyProblem.ENCRYPTED)
    for element in list(root.iter(etree.Element)):
        _element_bare(name, element)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _element_bare(name: str, element: etree._Element) -> None:
    kind, parent = _local(element), element.getparent()
    if parent is not None and _refers_to_gone(name, kind, element):
        parent.remove(element)
        return
    for key in element.attrib:
        local = str(key).rpartition("}")[2]
        if local in PEOPLE or PEOPLE_HERE.get(kind) == local:
            element.set(key, NOBODY)
    if kind in WORDS and not len(element) and element.text:
        element.text = NOBODY
    if kind == "config-item" and _value(element, "name").startswith(SETTINGS_GONE):
        element.text = ""
    if kind == "Relationship" and _is_path(element):
        element.set("Target", "file:///-")


def _refers_to_gone(name: str, kind: str, element: etree._Element) -> bool:
    if kind == "Relationship" and element.get("TargetMode") != "External":
        folder = posixpath.dirname(posixpath.dirname(name))
        target = posixpath.normpath(posixpath.join("/", folder, unquote(_value(element, "Target"))))
        return bool(PARTS_GONE.fullmatch(target.lstrip("/")))
    if kind == "Override":
        return bool(PARTS_GONE.fullmatch(_value(element, "PartName").lstrip("/")))
    return kind == "file-entry" and bool(PARTS_GONE.fullmatch(_value(element, "full-path")))


def _is_path(element: etree._Element) -> bool:
    """Say whether a reference leads out to somebody's disk or network, and not to the web."""
    web = ("http:", "https:", "mailto:", "#")
    return element.get("TargetMode") == "External" and not _value(element, "Target").lower().startswith(web)


def _value(element: etree._Element, local: str) -> str:
    return next((str(v) for key, v in element.attrib.items() if str(key).rpartition("}")[2] == local), "")


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]

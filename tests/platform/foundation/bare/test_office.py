from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from insignia.foundation.bare.copies import CopyProblem, bare_copy
from insignia.foundation.bare.office import office_bare
from insignia.foundation.confined import ConfinedRefusal
from insignia.foundation.media import OFFICE
from tests.examples import examples
from tests.platform.foundation.bare.planted import SECRET, joined, photo

NAME = SECRET.decode()
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"


def packed(parts: dict[str, bytes]) -> bytes:
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, (2026, 5, 14, 10, 0, 0))
            info.comment, info.extra = SECRET, b"\x99\x99\x04\x00name"
            archive.writestr(info, content)
        archive.comment = SECRET
    return result.getvalue()


def sheet() -> bytes:
    return packed(
        {
            "[Content_Types].xml": b"<Types/>",
            "xl/workbook.xml": f'<workbook xmlns:x="a"><fileSharing userName="{NAME}"/>'
            f'<x:absPath url="C:\\Users\\{NAME}\\"/><sheets/></workbook>'.encode(),
            "xl/comments1.xml": f"<comments><authors><author>{NAME}</author></authors></comments>".encode(),
            "xl/persons/person.xml": f'<l><person displayName="{NAME}" userId="{NAME}"/></l>'.encode(),
            "docProps/core.xml": SECRET,
        }
    )


def letter() -> bytes:
    target = f"file:///C:/Users/{NAME}/a.dotx"
    return packed(
        {
            "[Content_Types].xml": b'<Types><Override PartName="/docProps/core.xml"/>'
            b'<Override PartName="/word/document.xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="r1" Target="docProps/core.xml"/>'
            '<Relationship Id="r2" Target="word/document.xml"/></Relationships>'.encode(),
            "docProps/core.xml": f"<a><creator>{NAME}</creator></a>".encode(),
            "docProps/thumbnail.jpeg": photo(),
            "word/document.xml": f'<w:document xmlns:w="{W}"><w:ins w:author="{NAME}" w:initials="IM">'
            "<w:t>The river is clean. Its author is the rain.</w:t></w:ins></w:document>".encode(),
            "word/comments.xml": f'<w:comments xmlns:w="{W}"><w:comment w:author="{NAME}"/></w:comments>'.encode(
                "utf-16"
            ),
            "word/people.xml": SECRET,
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="r1" '
            f'TargetMode="External" Target="{target}"/><Relationship Id="r2" Target="people.xml"/>'
            "</Relationships>".encode(),
            "word/media/image1.jpeg": photo(),
            "word/media/image2.png": photo("PNG"),
            "word/embeddings/Table.xlsx": sheet(),
            "word/embeddings/oleObject1.bin": SECRET,
        }
    )


def slides() -> bytes:
    changes = f'<c xmlns:pc="c"><pc:chgData name="{NAME}" userId="{NAME}" providerId="AD" email="{NAME}"/></c>'
    return packed(
        {
            "[Content_Types].xml": b'<Types><Override PartName="/ppt/presentation.xml"/>'
            b'<Override PartName="/ppt/changesInfos/changesInfo1.xml"/></Types>',
            "ppt/presentation.xml": f'<p xmlns:pc="c"><pc:chgData name="{NAME}"/></p>'.encode(),
            "ppt/changesInfos/changesInfo1.xml": changes.encode(),
            "ppt/revisionInfo.xml": SECRET,
            "word/settings.xml": f'<w:s xmlns:w="{W}"><w:mailMerge><w:connectString w:val="C:\\Users\\{NAME}"/>'
            "</w:mailMerge></w:s>".encode(),
        }
    )


def open_document() -> bytes:
    dc = "http://purl.org/dc/elements/1.1/"
    return packed(
        {
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "content.xml": f'<a xmlns:dc="{dc}"><dc:creator>{NAME}</dc:creator><p>River</p></a>'.encode(),
            "meta.xml": SECRET,
            "Object 1/meta.xml": SECRET,
            "settings.xml": f'<a xmlns:c="c"><config-item c:name="PrinterName">{NAME}</config-item></a>'.encode(),
            "META-INF/manifest.xml": b'<m xmlns:f="f"><f:file-entry f:full-path="meta.xml"/>'
            b'<f:file-entry f:full-path="content.xml"/></m>',
            "META-INF/documentsignatures.xml": SECRET,
            "Thumbnails/thumbnail.png": photo("PNG"),
        }
    )


def every_byte(raw: bytes) -> bytes:
    found = [raw]
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for name in archive.namelist():
            part = archive.read(name)
            found += [name.encode(), part, part.decode("utf-16", "ignore").encode()]
            if part.startswith(b"PK"):
                found.append(every_byte(part))
    return b"\n".join(found)


class TestOfficeBare:
    @pytest.mark.parametrize(
        "document", [letter(), sheet(), slides(), open_document()], ids=["word", "sheet", "slides", "odt"]
    )
    def test_no_planted_name_is_left_in_any_part(self, document: bytes) -> None:
        assert every_byte(document).count(SECRET) > 4
        clean = every_byte(office_bare(document))
        assert SECRET not in clean
        assert NAME.encode("utf-16-le") not in clean
        assert office_bare(office_bare(document)) == office_bare(document)

    def test_words_stay_and_nothing_refers_to_what_is_gone(self) -> None:
        with zipfile.ZipFile(io.BytesIO(office_bare(letter()))) as clean:
            names = set(clean.namelist())
            assert b"The river is clean. Its author is the rain." in clean.read("word/document.xml")
            assert not any(name.startswith("docProps/") or name == "word/people.xml" for name in names)
            for part in ("[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels"):
                assert b"docProps" not in clean.read(part)
                assert b"people.xml" not in clean.read(part)
            assert etree.fromstring(clean.read("_rels/.rels"))[0].get("Target") == "word/document.xml"

    def test_an_open_document_still_says_first_what_it_is(self) -> None:
        clean = office_bare(open_document())
        assert clean[30:77] == b"mimetypeapplication/vnd.oasis.opendocument.text"
        with zipfile.ZipFile(io.BytesIO(clean)) as archive:
            assert b"meta.xml" not in archive.read("META-INF/manifest.xml")
            assert b"<p>River</p>" in archive.read("content.xml")

    @pytest.mark.parametrize(
        ("raw", "problem"),
        [
            (packed({"word/document.xml": b"<a author='x'"}), CopyProblem.UNREADABLE),
            (packed({"word/document.xml": b"<!DOCTYPE a><a author='x'/>"}), CopyProblem.UNREADABLE),
            (letter()[:300], CopyProblem.UNREADABLE),
            (packed({"word/big.bin": bytes(301 * 2**20)}), CopyProblem.LARGE),
            (
                packed({"META-INF/manifest.xml": b"<m><file-entry><encryption-data/></file-entry></m>"}),
                CopyProblem.ENCRYPTED,
            ),
        ],
        ids=["broken", "entities", "cut off", "bomb", "password"],
    )
    def test_refuses_by_name(self, raw: bytes, problem: CopyProblem) -> None:
        copy = bare_copy(io.BytesIO(raw), OFFICE["word/"])
        assert (copy.content, copy.problem) == (None, problem)

    def test_is_cleaned_in_a_process_of_its_own(self) -> None:
        assert joined(bare_copy(io.BytesIO(letter()), OFFICE["word/"]).content) == office_bare(letter())

    @given(st.data())
    @examples(40)
    def test_damage_is_cleaned_or_refused_and_never_anything_else(self, data: st.DataObject) -> None:
        raw = bytearray(SHEET)
        for _count in range(data.draw(st.integers(1, 6))):
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
        try:
            clean = office_bare(bytes(raw))
        except ConfinedRefusal:
            return
        assert zipfile.ZipFile(io.BytesIO(clean)).testzip() is None


SHEET = sheet()

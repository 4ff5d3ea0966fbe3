from __future__ import annotations

import io

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Stream, String

from insignia.foundation.bare.copies import CopyProblem, bare_copy
from insignia.foundation.bare.pdf import pdf_bare
from insignia.foundation.confined import ConfinedRefusal
from tests.examples import examples
from tests.platform.foundation.bare.planted import SECRET, photo

WORDS = b"BT /F1 12 Tf 40 700 Td (River report) Tj ET"


def document(pages: int = 2) -> pikepdf.Pdf:
    pdf = pikepdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for number in range(pages):
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Contents = pdf.make_stream(WORDS + b"\n%" + str(number).encode())
        page.Resources = Dictionary(Font=Dictionary(F1=font, AA=font, Metadata=font))
    return pdf


def plant(pdf: pikepdf.Pdf) -> None:
    """Write the name wherever programs write it."""
    name = SECRET.decode()
    pdf.docinfo["/Author"] = name
    pdf.docinfo["/Company"] = name
    root, page = pdf.Root, pdf.pages[0].obj
    xmp = pdf.make_stream(b"<x>" + SECRET + b"</x>", Type=Name.Metadata, Subtype=Name.XML)
    root.Metadata = page.Metadata = xmp
    page.PieceInfo = Dictionary(Word=Dictionary(Private=String(name)))
    root.OpenAction = Dictionary(S=Name.JavaScript, JS=String(f"app.alert('{name}')"))
    pdf.attachments[name + ".txt"] = SECRET
    image = pdf.make_stream(
        photo(), Type=Name.XObject, Subtype=Name.Image, Filter=Name.DCTDecode, Width=40, Height=20,
        ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Metadata=xmp,
    )  # fmt: skip
    page.Resources.XObject = Dictionary(Im0=image)
    note = Dictionary(Type=Name.Annot, Subtype=Name.Text, T=String(name), Contents=String("Look here"))
    launch = Dictionary(S=Name.Launch, F=String("C:\\Users\\" + name))
    page.Annots = Array(
        [
            pdf.make_indirect(note),
            Dictionary(Type=Name.Annot, Subtype=Name.Link, A=launch),
            Dictionary(
                Type=Name.Annot, Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("file:///" + name))
            ),
            Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, FS=Dictionary(UF=String(name))),
            Dictionary(Subtype=Name.Widget, FT=Name.Sig, V=Dictionary(Type=Name.Sig, Name=String(name))),
        ]
    )
    root.AcroForm = Dictionary(
        Fields=Array([Dictionary(FT=Name.Sig, V=Dictionary(Type=Name.Sig, Name=String(name)))]),
        XFA=pdf.make_stream(SECRET),
    )


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    result = io.BytesIO()
    pdf.save(result, **options)  # type: ignore[arg-type]  # pikepdf names each option; ours differ by test
    return result.getvalue()


def every_byte(raw: bytes) -> bytes:
    """Give the file, each stream unpacked, and each object as text."""
    found = [raw]
    with pikepdf.open(io.BytesIO(raw)) as pdf:
        for part in pdf.objects:
            found.append(part.unparse())
            if isinstance(part, Stream):
                found.append(part.read_raw_bytes())
                if part.get("/Filter") != Name.DCTDecode:
                    found.append(part.read_bytes())
    return b"\n".join(found)


class TestPdfBare:
    @pytest.mark.parametrize("packed", [True, False])
    def test_no_planted_name_is_left_in_any_stream(self, packed: bool) -> None:
        pdf = document()
        plant(pdf)
        raw = saved(pdf, compress_streams=packed)
        assert every_byte(raw).count(SECRET) > 8
        clean = every_byte(pdf_bare(raw))
        assert SECRET not in clean
        for word in (
            b"/JavaScript",
            b"/Launch",
            b"/EmbeddedFile",
            b"/Type /Sig",
            b"/Producer",
            b"/XFA",
            b"/Metadata /",
        ):
            assert word not in clean

    def test_pages_and_their_words_stay(self) -> None:
        pdf = document(3)
        plant(pdf)
        with pikepdf.open(io.BytesIO(pdf_bare(saved(pdf)))) as clean:
            assert len(clean.pages) == 3
            for before, after in zip(pdf.pages, clean.pages, strict=True):
                assert after.Contents.read_bytes() == before.Contents.read_bytes()
                assert set(after.Resources.Font.keys()) == {"/F1", "/AA", "/Metadata"}
            notes = list(clean.pages[0].obj.Annots)
            assert [str(note.Subtype) for note in notes] == ["/Text", "/Link", "/Link"]
            assert str(notes[0].Contents) == "Look here"

    def test_web_addresses_and_jumps_stay(self) -> None:
        pdf = document()
        link = Dictionary(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("https://example.org/")))
        jump = Dictionary(Subtype=Name.Link, A=Dictionary(S=Name.GoTo, D=Array([pdf.pages[1].obj, Name.Fit])))
        pdf.pages[0].obj.Annots = Array([link, jump])
        with pikepdf.open(io.BytesIO(pdf_bare(saved(pdf)))) as clean:
            notes = list(clean.pages[0].obj.Annots)
            assert str(notes[0].A.URI) == "https://example.org/"
            assert notes[1].A.D[0].objgen == clean.pages[1].obj.objgen

    def test_what_an_earlier_revision_held_is_gone(self) -> None:
        raw = saved(document())
        start = raw.rindex(b"startxref")
        clean = pdf_bare(raw[:start] + b"99 0 obj\n(" + SECRET + b")\nendobj\n" + raw[start:] + b"\n%" + SECRET)
        assert SECRET not in every_byte(clean)

    def test_the_same_bytes_give_the_same_copy(self) -> None:
        pdf = document()
        plant(pdf)
        raw = saved(pdf)
        assert pdf_bare(raw) == pdf_bare(raw)
        assert pdf_bare(pdf_bare(raw)) == pdf_bare(raw)

    @pytest.mark.parametrize(
        ("raw", "problem"),
        [
            (b"%PDF-1.7 and nothing", CopyProblem.UNREADABLE),
            (saved(document())[:200], CopyProblem.UNREADABLE),
            (saved(document(), encryption=pikepdf.Encryption(user="word", owner="word")), CopyProblem.ENCRYPTED),
            (saved(document(201)), CopyProblem.LARGE),
        ],
        ids=["no pdf", "cut off", "password", "pages"],
    )
    def test_refuses_by_name(self, raw: bytes, problem: CopyProblem) -> None:
        copy = bare_copy(io.BytesIO(raw), "application/pdf")
        assert (copy.content, copy.problem) == (None, problem)

    def test_a_file_that_only_forbids_printing_is_cleaned(self) -> None:
        raw = saved(document(), encryption=pikepdf.Encryption(user="", owner="word"))
        assert pdf_bare(raw).startswith(b"%PDF")

    def test_does_not_read_over_twenty_mebibytes(self) -> None:
        large = io.BytesIO(b"%PDF-1.7" + bytes(20 * 2**20))
        assert bare_copy(large, "application/pdf").problem is CopyProblem.LARGE

    def test_a_page_tree_that_bites_its_tail_is_refused(self) -> None:
        pdf = document(1)
        pdf.Root.Pages.Kids.append(pdf.Root.Pages)
        copy = bare_copy(io.BytesIO(saved(pdf)), "application/pdf")
        assert copy.problem in {CopyProblem.NONE, CopyProblem.UNREADABLE, CopyProblem.LARGE}

    def test_a_bomb_ends_the_other_process_only(self) -> None:
        pdf = document(1)
        nested: pikepdf.Object = Array([])
        for _depth in range(300):
            nested = Array([nested])
        pdf.Root.PieceInfo = nested
        pdf.pages[0].obj.Contents = pdf.make_stream(bytes(200 * 2**20))
        copy = bare_copy(io.BytesIO(saved(pdf, compress_streams=True)), "application/pdf")
        assert copy.content is not None or copy.problem is not CopyProblem.NONE

    @given(st.data())
    @examples(60)
    def test_damage_is_cleaned_or_refused_and_never_anything_else(self, data: st.DataObject) -> None:
        raw = bytearray(PLANTED)
        for _count in range(data.draw(st.integers(1, 6))):
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
        try:
            clean = pdf_bare(bytes(raw))
        except ConfinedRefusal:
            return
        assert pikepdf.open(io.BytesIO(clean)).pages


def _planted() -> bytes:
    pdf = document()
    plant(pdf)
    return saved(pdf)


PLANTED = _planted()

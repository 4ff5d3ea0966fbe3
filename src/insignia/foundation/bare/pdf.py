"""A PDF with its pages and nothing about who made it; to be called in a confined process only.

Written anew from what its pages need, so that earlier revisions and whatever nothing refers to are gone. What
stays is named here; what goes is information, XMP, authors of notes, signatures, attachments, films, programs and
every action but a jump within the document or a web address (ISO 32000-2, sections 12.5, 12.6, 14.3, 14.5).
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, ObjectStreamMode, Pdf, Stream, StreamDecodeLevel, String

from insignia.foundation.bare.pictures import picture_bare
from insignia.foundation.bare.problems import CopyProblem
from insignia.foundation.confined import ConfinedRefusal

PAGES = 200
NESTED = 200
IMAGE_BYTES = 64 * 2**20


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


ROOT_KEPT = _names(
    """
    /Type /Version /Extensions /Pages /PageLabels /Names /Dests /ViewerPreferences /PageLayout /PageMode /Outlines
    /AcroForm /StructTreeRoot /MarkInfo /Lang /OutputIntents /OCProperties
    """
)
FORM_KEPT = _names("/Fields /DR /DA /Q /NeedAppearances")
PAGE_GONE = _names("/LastModified /Thumb /B /ID /PZ /AA /AF /DPart")
NOTES_KEPT = _names(
    """
    /Link /Text /FreeText /Line /Square /Circle /Polygon /PolyLine /Highlight /Underline /Squiggly /StrikeOut
    /Stamp /Caret /Ink /Popup /Widget /Watermark
    """
)
NOTE_GONE = _names("/T /NM /M /CreationDate /AA /AF /ExData")
WORDS_GONE = _names("/Author /Creator /Producer /CreationDate /ModDate /LastModified /Company /SourceModified")
"""Keys that are removed wherever a text stands under them (a resource may have such a name, and is no text)."""
ACTIONS_GONE = _names(
    """
    /JavaScript /Launch /SubmitForm /ImportData /GoToR /GoToE /GoToDp /Rendition /RichMediaExecute /Movie /Sound
    /GoTo3DView /Thread
    """
)
WEB = ("https:", "http:", "mailto:")


def pdf_bare(raw: bytes) -> bytes:
    """Give the PDF again, the same bytes for the same bytes.

    Raises:
        ConfinedRefusal: a `CopyProblem`: it has a password, is damaged, or has over 200 pages.
    """
    try:
        with Pdf.open(io.BytesIO(raw), suppress_warnings=True) as pdf:
            if not 0 < len(pdf.pages) <= PAGES:
                raise ConfinedRefusal(CopyProblem.LARGE if len(pdf.pages) else CopyProblem.UNREADABLE)
            _clean(pdf)
            return _saved(pdf)
    except pikepdf.PasswordError as error:
        raise ConfinedRefusal(CopyProblem.ENCRYPTED) from error
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        raise ConfinedRefusal(CopyProblem.UNREADABLE) from error


def _saved(pdf: Pdf) -> bytes:
    result = io.BytesIO()
    pdf.save(
        result,
        deterministic_id=True,
        encryption=False,
        fix_metadata_version=False,
        object_stream_mode=ObjectStreamMode.generate,
        compress_streams=True,
        stream_decode_level=StreamDecodeLevel.none,
    )
    return result.getvalue()


def _clean(pdf: Pdf) -> None:
    for key in list(pdf.trailer.keys()):
        if key not in {"/Root", "/Size"}:
            del pdf.trailer[key]
    _clean_root(pdf.Root)
    for page in pdf.pages:
        _drop(page.obj, PAGE_GONE)
        _clean_notes(page.obj)
    for found in pdf.objects:
        for part in _parts(found):
            _clean_part(part)


def _clean_root(root: Object) -> None:
    _keep_only(root, ROOT_KEPT)
    if isinstance(root.get("/Names"), Dictionary):
        _keep_only(root.Names, frozenset({"/Dests"}))
    if isinstance(root.get("/AcroForm"), Dictionary):
        _keep_only(root.AcroForm, FORM_KEPT)


def _clean_notes(page: Object) -> None:
    notes = page.get("/Annots")
    if notes is None:
        return
    if not isinstance(notes, Array):
        del page["/Annots"]
        return
    page.Annots = Array([note for note in notes if _note_stays(note)])
    for note in page.Annots:
        _drop(note, [key for key in NOTE_GONE if key != "/T" or note.get("/Subtype") != Name.Widget])


def _note_stays(note: Object) -> bool:
    return isinstance(note, Dictionary) and str(note.get("/Subtype")) in NOTES_KEPT and not _is_signature(note)


def _is_signature(field: Object) -> bool:
    """Say whether a form field holds a signature; the kind may be its parent's."""
    for _depth in range(NESTED):
        kind = field.get("/FT")
        if kind is not None:
            return bool(kind == Name.Sig)
        parent = field.get("/Parent")
        if not isinstance(parent, Dictionary):
            return False
        field = parent
    return True


def _parts(found: Object) -> Iterator[Object]:
    """Walk one object and what is written inside of it, but not what it refers to."""
    waiting = [found]
    while waiting:
        part = waiting.pop()
        if isinstance(part, (Dictionary, Stream)):
            yield part
            waiting.extend(value for value in part.values() if _is_inside(value))
        elif isinstance(part, Array):
            waiting.extend(value for value in part if _is_inside(value))


def _is_inside(value: object) -> bool:
    return isinstance(value, (Dictionary, Array)) and not value.is_indirect


def _clean_part(part: Object) -> None:
    if _kind(part, "/Type") in {"/Sig", "/DocTimeStamp", "/EmbeddedFile"} or _acts(part):
        _empty(part)
        return
    _drop(part, [key for key in WORDS_GONE if isinstance(part.get(key), String)])
    _drop(part, ["/PieceInfo", "/EF", "/CreatorInfo"])
    if isinstance(part.get("/Metadata"), Stream) and _kind(part.Metadata, "/Subtype") not in {"/Image", "/Form"}:
        _drop(part, ["/Metadata"])
    if isinstance(part.get("/AF"), Array):
        _drop(part, ["/AF"])
    if isinstance(part.get("/AA"), Dictionary) and "/Type" not in part.AA:
        _drop(part, ["/AA"])
    if _kind(part, "/FT") == "/Sig":
        _drop(part, ["/V", "/Lock", "/SV", "/DV"])
    if _kind(part, "/Type") in {"/Filespec", "/F"}:
        _empty(part)
    if isinstance(part, Stream):
        _clean_stream(part)


def _acts(part: Object) -> bool:
    """Say whether this is an action that runs, loads, plays or tells a path of somebody's computer."""
    kind = _kind(part, "/S")
    if kind == "/URI":
        return not str(part.get("/URI", "")).strip().lower().startswith(WEB)
    return "/JS" in part or (kind in ACTIONS_GONE and _kind(part, "/Type") != "/StructElem")


def _clean_stream(stream: Stream) -> None:
    """Take what a camera wrote out of a photograph; it lies as a whole JPEG, perhaps packed once more."""
    if "/F" in stream:  # its bytes would be those of another file
        _empty(stream)
        return
    filters = stream.get("/Filter")
    names = [str(one) for one in filters] if isinstance(filters, Array) else [str(filters)]
    if names == ["/DCTDecode"]:
        parameters = stream.get("/DecodeParms")
        stream.write(
            picture_bare(stream.read_raw_bytes()),
            filter=Name.DCTDecode,
            decode_parms=parameters if isinstance(parameters, (Dictionary, Array)) else None,
        )
    elif names == ["/FlateDecode", "/DCTDecode"]:
        unpacked = zlib.decompressobj().decompress(stream.read_raw_bytes(), IMAGE_BYTES)
        stream.write(picture_bare(unpacked), filter=Name.DCTDecode)


def _empty(part: Object) -> None:
    if isinstance(part, Stream):
        part.write(b"")
    _drop(part, [key for key in part.keys() if key not in {"/Length", "/Filter"}])  # noqa: SIM118  - pikepdf iterates values


def _keep_only(part: Object, kept: frozenset[str]) -> None:
    _drop(part, [key for key in part.keys() if key not in kept])  # noqa: SIM118  - as above


def _drop(part: Object, keys: Iterable[str]) -> None:
    for key in keys:
        if key in part:
            del part[key]


def _kind(part: Object, key: str) -> str:
    value = part.get(key)
    return str(value) if isinstance(value, Name) else ""

"""Which kind of file is cleaned how, and what becomes of the others."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import BinaryIO

from insignia.foundation.bare.film import film_patches
from insignia.foundation.bare.patches import NotBare, Patch, patched
from insignia.foundation.bare.problems import OWN_EYES_ONLY, CopyProblem
from insignia.foundation.bare.sound import flac_patches, mp3_patches, wav_patches
from insignia.foundation.confined import ConfinedRefusal, ConfinedStopped, confined_run
from insignia.foundation.media import OFFICE, PICTURES, picture_stripped

__all__ = ["OWN_EYES_ONLY", "BareCopy", "CopyProblem", "bare_copy"]

PDF_BYTES, OFFICE_BYTES = 20 * 2**20, 50 * 2**20
SECONDS = 15
PLAIN = "text/plain"
"""A text holds what it says and nothing beside it."""

PATCHES: dict[str, Callable[[BinaryIO], list[Patch]]] = {
    "audio/mpeg": mp3_patches,
    "audio/wav": wav_patches,
    "audio/flac": flac_patches,
    "audio/mp4": film_patches,
    "video/mp4": film_patches,
    "video/quicktime": film_patches,
    "video/3gpp": film_patches,
}
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."


@dataclass(frozen=True)
class BareCopy:
    """The copy, to be read once. `None`: the file itself has nothing to hide, or see `problem`."""

    content: bytes | Iterable[bytes] | None
    problem: CopyProblem = CopyProblem.NONE


def bare_copy(source: BinaryIO, media_type: str) -> BareCopy:
    """Make the copy of a seekable stream of bytes, whose media type is that of `media.media_of`.

    Pictures, sound and films are read in this process, by pixels or pieces of 1 MiB; documents in a confined one.
    """
    if media_type == PLAIN:
        return BareCopy(None)
    if media_type in PICTURES:
        picture = picture_stripped(source, media_type)
        return BareCopy(picture, CopyProblem.NONE if picture else CopyProblem.KEPT)
    if media_type in PATCHES:
        return _patched_copy(source, PATCHES[media_type])
    if media_type == "application/pdf":
        return _confined_copy(source, "insignia.foundation.bare.pdf:pdf_bare", PDF_BYTES)
    if media_type in OFFICE.values() or media_type.startswith(OPEN_DOCUMENT):
        return _confined_copy(source, "insignia.foundation.bare.office:office_bare", OFFICE_BYTES)
    return BareCopy(None, CopyProblem.KEPT)


def _patched_copy(source: BinaryIO, find: Callable[[BinaryIO], list[Patch]]) -> BareCopy:
    try:
        return BareCopy(patched(source, find(source)))
    except NotBare:
        return BareCopy(None, CopyProblem.KEPT)


def _confined_copy(source: BinaryIO, target: str, most: int) -> BareCopy:
    if source.seek(0, io.SEEK_END) > most:
        return BareCopy(None, CopyProblem.LARGE)
    source.seek(0)
    try:
        return BareCopy(confined_run(target, source.read(), seconds=SECONDS))
    except ConfinedStopped:
        return BareCopy(None, CopyProblem.LARGE)
    except ConfinedRefusal as refusal:
        return BareCopy(None, CopyProblem(str(refusal)))

"""The story of an award as the page words it: two sentences, one per piece of evidence, one per criterion."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.text import get_text_list
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from insignia.awards.rules import EXAM_RESULT, OVERRIDE
from insignia.awards.selectors import award_json
from insignia.awards.story import ASSESSOR, AwardStory, ShownEvidence
from insignia.foundation.localized import localized_pick

if TYPE_CHECKING:
    from collections.abc import Mapping

    from insignia.assessment.selectors import EvidencePiece
    from insignia.awards.selectors import AwardView

KIB, MIB = 2**10, 2**20
KINDS = {
    "application/pdf": "PDF",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WebP",
    "application/zip": "ZIP",
}


def language_text(value: Mapping[str, str]) -> str:
    """Choose the text of the active language."""
    return localized_pick(value, get_language() or "en")


def recipient_signed(view: AwardView) -> str:
    """Read the recipient's name as it was signed; the name of today where the document carries none."""
    subject: dict[str, Any] = json.loads(award_json(view)).get("credentialSubject", {})
    for entry in subject.get("identifier", []):
        if entry.get("identityType") == "name":
            return str(entry.get("identityHash", ""))
    return view.award.recipient.shown_name


def sentences(view: AwardView, story: AwardStory, *, name: str) -> tuple[str, str]:
    """Tell an award in two sentences, from facts alone: what was handed in; who judged how, and what came out."""
    organization = view.award.organization
    day = formats.date_format(timezone.localtime(story.judged_at, ZoneInfo(organization.time_zone)).date())
    facts = {
        "name": name or _("The owner of this badge"),
        "pieces": get_text_list([language_text(piece.name) for piece in story.shown], _("and")),
        "organization": language_text(organization.name),
        "day": day,
        "count": len(story.judged),
        "met": sum(row.is_met for row in story.judged),
    }
    if story.judged_role != ASSESSOR:
        return _("%(organization)s gave this badge to %(name)s on %(day)s.") % facts, basis_words(story)
    judged = _(
        "An assessor of %(organization)s, who did not see the name, judged the work on %(day)s: "
        "%(met)s of %(count)s criteria reached the required level."
    )
    return _handed_in(story, facts), judged % facts


def basis_words(story: AwardStory) -> str:
    """Say on what an award rests that no assessor judged here."""
    if story.judged_role == EXAM_RESULT:
        return _("It rests on a supervised exam that was passed; its result was imported.")
    if story.judged_role == OVERRIDE:
        return _("The issuer gave it without an assessment here and recorded why.")
    if story.is_recognition:
        return _("It recognises participation; nothing was assessed.")
    return _("The issuer vouches for it; no assessor judged work for it here.")


def _handed_in(story: AwardStory, facts: dict[str, Any]) -> str:
    if not story.shown:
        return _("%(name)s showed the work this badge asks for.") % facts
    if story.attempts > 1:
        facts["attempts"] = story.attempts
        return _("%(name)s showed this in attempt %(attempts)s with: %(pieces)s.") % facts
    return _("%(name)s showed this with: %(pieces)s.") % facts


@dataclass(frozen=True)
class PieceLink:
    """One piece of evidence that this visitor may know of: what it is, and where it opens, if it does."""

    label: str
    href: str


@dataclass(frozen=True)
class EvidenceLine:
    """One entry of evidence on the page."""

    number: int
    name: str
    is_shared: bool
    is_visible: bool
    pieces: tuple[PieceLink, ...]


def evidence_lines(shown: Iterable[ShownEvidence], *, base: str) -> tuple[EvidenceLine, ...]:
    """Put each entry into words; pieces open only where the learner shows them."""
    return tuple(
        EvidenceLine(
            number=entry.number,
            name=language_text(entry.name),
            is_shared=entry.is_shared,
            is_visible=bool(entry.pieces),
            pieces=tuple(_piece(entry, piece, base) for piece in entry.pieces),
        )
        for entry in shown
    )


def _piece(entry: ShownEvidence, piece: EvidencePiece, base: str) -> PieceLink:
    opens = entry.is_shared and piece.shareable
    return PieceLink(piece_label(piece), f"{base}/evidence/{entry.number}/{piece.number}" if opens else "")


def piece_label(piece: EvidencePiece) -> str:
    """Name a piece by what it is: a text, a link, or a file with kind and size."""
    if piece.kind == "text":
        return _("Text")
    if piece.kind == "link":
        return _("Link")
    kind = KINDS.get(piece.media_type) or piece.media_type.partition("/")[0].capitalize()
    return f"{kind}, {size_words(piece.byte_size)}"


def size_words(size: int) -> str:
    """Say a size as people do: 1.2 MB."""
    if size >= MIB:
        return _("%(size)s MB") % {"size": formats.number_format(round(size / MIB, 1))}
    if size >= KIB:
        return _("%(size)s kB") % {"size": size // KIB}
    return ngettext("%(size)s byte", "%(size)s bytes", size) % {"size": size}


def short_id(view: AwardView) -> str:
    """Give eight signs of the id to read out: 9F3A-41C2."""
    tail = str(view.award.public_id)[-8:].upper()
    return f"{tail[:4]}-{tail[4:]}"

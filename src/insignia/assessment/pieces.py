"""What a submission holds: which pieces can be kept, what is missing, what a snapshot covers. Pure."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from insignia.assessment.errors import EvidenceUnusable, LinkUnusable, TextTooLong
from insignia.assessment.rules import Carried, carried_to_json
from insignia.foundation.bare.problems import CopyProblem

if TYPE_CHECKING:
    from insignia.achievements.rules import EvidenceRequirement

TEXT_BYTES = 64 * 1024
NAME_CHARACTERS = 200
COPY_SENTENCES = {
    CopyProblem.KEPT: "This kind of file may carry your name. Assessors get it as it is; the public never does.",
    CopyProblem.LARGE: "Too large to take names out. Assessors get it as it is; the public never does.",
    CopyProblem.UNREADABLE: "This file is damaged: only you can open it. Save it again and add it anew.",
    CopyProblem.ENCRYPTED: "This file has a password: only you can open it. Save it without one and add it anew.",
}
"""What a learner reads beside a file without a clean copy, at once and again before handing in."""
LINK_CHARACTERS = 2000


@dataclass(frozen=True)
class Piece:
    """One piece of evidence as completeness sees it."""

    requirement_id: str
    kind: str
    byte_size: int


@dataclass(frozen=True)
class SubmissionGap:
    """What is still missing: of which requirement ("authorship" for the statement), and why (a message code)."""

    requirement_id: str
    code: str
    name: Mapping[str, str] = field(default_factory=dict)


def submission_gaps(
    requirements: Sequence[EvidenceRequirement], pieces: Iterable[Piece], authorship: Authorship | None
) -> tuple[SubmissionGap, ...]:
    """Name everything a learner still has to add before handing in, in the order of the requirements."""
    present = {piece.requirement_id for piece in pieces if piece.byte_size > 0}
    gaps = [
        SubmissionGap(wanted.id, "evidence-missing", wanted.name)
        for wanted in requirements
        if wanted.required and wanted.id not in present
    ]
    if not present and not gaps:
        gaps.append(SubmissionGap("", "evidence-missing"))
    if authorship is None:
        gaps.append(SubmissionGap("authorship", "authorship-missing"))
    return tuple(gaps)


@dataclass(frozen=True)
class Authorship:
    """Who made the work: `mode` individual or group; own part; tools, AI among them; sources."""

    mode: str
    contribution: str = ""
    tools: str = ""
    sources: str = ""


AUTHORSHIP_MODES = ("individual", "group")


def authorship_checked(authorship: Authorship) -> Authorship:
    """Give the statement with its texts tidied.

    Raises:
        EvidenceUnusable: an unknown mode, or a group's member who does not say their own part.
        TextTooLong: a text passes 64 KiB.
    """
    if authorship.mode not in AUTHORSHIP_MODES:
        raise EvidenceUnusable(
            "Say whether you worked alone or in a group.", fields={"mode": "Choose one of the two."}
        )
    tidy = {
        name: text_checked(getattr(authorship, name), field_name=name)
        for name in ("contribution", "tools", "sources")
    }
    if authorship.mode == "group" and not tidy["contribution"]:
        raise EvidenceUnusable(
            "Say which part of the group's work is yours.",
            fields={"contribution": "Say which part of the work is yours."},
        )
    return Authorship(authorship.mode, **tidy)


def text_checked(text: str, *, field_name: str = "text") -> str:
    """Give the text with plain line ends and no blank edges.

    Raises:
        TextTooLong: over 64 KiB in UTF-8.
        EvidenceUnusable: half of a surrogate pair, which no UTF-8 can hold.
    """
    tidy = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    try:
        size = len(tidy.encode())
    except UnicodeEncodeError as error:
        raise EvidenceUnusable(
            "This text holds half a character. Type that part again.", fields={field_name: "Half a character."}
        ) from error
    if size > TEXT_BYTES:
        raise TextTooLong(
            f"This text has {size:,} bytes; {TEXT_BYTES:,} fit. Shorten it or add it as a file.",
            fields={field_name: f"Shorten it to {TEXT_BYTES:,} bytes."},
        )
    return tidy


def file_name_checked(name: str) -> str:
    """Give a name that is safe to show and to offer for download: no path, no control or direction marks.

    Raises:
        TextTooLong: over 200 characters.
    """
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(" " if c.isspace() else c for c in base if c.isspace() or unicodedata.category(c)[0] != "C")
    tidy = " ".join(kept.split()).strip(". ") or "file"
    if len(tidy) > NAME_CHARACTERS:
        raise TextTooLong(
            f"This file name has {len(tidy):,} characters; {NAME_CHARACTERS} fit. Rename the file.",
            fields={"file": f"Shorten the name to {NAME_CHARACTERS} characters."},
        )
    return tidy


def link_checked(url: str) -> str:
    """Give an https address that can be shown as a link. It is kept, never fetched.

    Raises:
        LinkUnusable: not https, no host, user name or password in it, blanks or control marks.
        TextTooLong: over 2,000 characters.
    """
    tidy = url.strip()
    if len(tidy) > LINK_CHARACTERS:
        raise TextTooLong(
            f"This link has {len(tidy):,} characters; {LINK_CHARACTERS:,} fit.",
            fields={"url": f"Shorten it to {LINK_CHARACTERS:,} characters."},
        )
    if not _link_is_plain(tidy):
        raise LinkUnusable(
            "A link starts with https:// and names a page, such as https://example.org/work.",
            fields={"url": "Start the link with https://"},
        )
    return tidy


def _link_is_plain(url: str) -> bool:
    if any(c.isspace() or c in '\\"<>' or unicodedata.category(c)[0] == "C" for c in url):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return (
        parts.scheme == "https"
        and bool(parts.hostname)
        and "." in (parts.hostname or "").strip(".")
        and "@" not in parts.netloc
        and port != 0
    )


@dataclass(frozen=True)
class SnapshotPiece:
    """One piece as the snapshot covers it: hashes and measures, never what it says."""

    public_id: str
    requirement_id: str
    position: int
    kind: str
    sha256: str
    shared_sha256: str
    byte_size: int
    media_type: str


def snapshot_hash(
    *,
    attempt_id: str,
    content_hash: str,
    authorship_sha256: str,
    carried: Carried,
    pieces: Iterable[SnapshotPiece],
) -> str:
    """Hash what was handed in (SHA-256, hex): pinned badge version, carried criteria, statement, every piece."""
    document = {
        "attempt": attempt_id,
        "content": content_hash,
        "authorship": authorship_sha256,
        "carried": carried_to_json(carried),
        "pieces": [
            asdict(piece) for piece in sorted(pieces, key=lambda p: (p.requirement_id, p.position, p.public_id))
        ],
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

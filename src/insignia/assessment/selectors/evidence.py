"""Reading evidence: its facts, and its bytes for whoever may open them."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from insignia.achievements.rules import content_from_json
from insignia.assessment.errors import EvidenceNotFound
from insignia.assessment.models import Assignment, Attempt, Decision, EvidenceItem
from insignia.assessment.pieces import Authorship, SnapshotPiece
from insignia.assessment.rules import ASSESSOR
from insignia.foundation.bare.problems import OWN_EYES_ONLY, CopyProblem
from insignia.foundation.files import CHUNK_BYTES, file_open
from insignia.foundation.localized import localized_pick
from insignia.foundation.media import INLINE
from insignia.foundation.sealing import unseal
from insignia.organizations.selectors import roles_of

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.foundation.models import DataKey

BODY_PURPOSE, NAME_PURPOSE, AUTHORSHIP_PURPOSE = "evidence", "evidence-name", "authorship"

EXTENSIONS = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/mp4": ".m4a",
    "audio/flac": ".flac",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/ogg": ".ogv",
    "text/plain": ".txt",
    "application/zip": ".zip",
    "video/quicktime": ".mov",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.presentation": ".odp",
}


@dataclass(frozen=True)
class EvidencePiece:
    """What awards may know of a piece. `sha256` is of the bytes that `evidence_shared` gives, never of others.

    `requirement_name` is in every language; `number` counts pieces within the requirement from 1.
    """

    public_id: UUID
    requirement_id: str
    requirement_name: dict[str, str]
    genre: str
    number: int
    kind: str
    media_type: str
    byte_size: int
    sha256: str
    shareable: bool


@dataclass(frozen=True)
class OpenEvidence:
    """A piece opened for reading. `stream` gives plain bytes and can seek; close it, or use `chunks` to its end.

    `inline` says whether a browser may show it in place; else it is offered as a download called `name`.
    """

    media_type: str
    inline: bool
    byte_size: int
    name: str
    stream: io.BufferedIOBase

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes in pieces of at most 1 MiB, then close."""
        with self.stream:
            while piece := self.stream.read(CHUNK_BYTES):
                yield piece


def evidence_items(decision: Decision) -> tuple[EvidencePiece, ...]:
    """Give the facts of every piece the judgement rests on, in the order of the requirements.

    Those are the pieces of this attempt, and what an earlier one held when a criterion that was carried over
    from it was met; a piece that came along unchanged counts once.
    """
    content = content_from_json(decision.version.content)
    wanted = {requirement.id: (place, requirement) for place, requirement in enumerate(content.requirements)}
    items = [item for item in _resting(decision) if item.requirement_id in wanted]
    ordered = sorted(items, key=lambda item: (wanted[item.requirement_id][0], item.position, item.pk))
    numbers: dict[str, int] = {}
    pieces = []
    for item in ordered:
        requirement = wanted[item.requirement_id][1]
        numbers[requirement.id] = numbers.get(requirement.id, 0) + 1
        pieces.append(
            EvidencePiece(
                public_id=item.public_id,
                requirement_id=requirement.id,
                requirement_name=dict(requirement.name),
                genre=requirement.genre,
                number=numbers[requirement.id],
                kind=str(item.kind),
                media_type=_type_of(item),
                byte_size=item.shared_size or item.byte_size,
                sha256=item.shared_sha256 or item.sha256,
                shareable=_is_shareable(item),
            )
        )
    return tuple(pieces)


def evidence_open(*, item_id: UUID, viewer: Person, at: datetime) -> OpenEvidence:
    """Open a piece for its learner (as it was added) or for the assessor who holds its lease (without metadata).

    Raises:
        EvidenceNotFound: no such piece, the viewer is neither of the two now, or the assessor asks for a file that
            is damaged or has a password (nobody can tell what it would give away).
        FileMissing, FileBroken, Erased: the file cannot be read any more.
    """
    item = _item(item_id)
    submission = item.attempt.submission
    if submission.learner_id == viewer.pk:
        return _opened(item, _own_name(item), original=True)
    if not opens_for_assessors(item) or not _leases(item.attempt, viewer, at):
        raise EvidenceNotFound("There is no such piece of evidence here.")
    return _opened(item, _public_name(item, viewer.language), original=False)


def evidence_shared(*, decision: Decision, item_id: UUID, language: str) -> OpenEvidence:
    """Open a piece as the public sees it: named after its requirement, without metadata.

    Whether it may be seen is the caller's to decide. Text and links come with the first line of random signs
    that their published hash covers.

    Raises:
        EvidenceNotFound: no piece of this decision, or a file of which no clean copy exists.
        FileMissing, FileBroken, Erased: the file cannot be read any more.
    """
    item = _item(item_id)
    if item.pk not in {one.pk for one in _resting(decision)} or not _is_shareable(item):
        raise EvidenceNotFound("There is no such piece of evidence here.")
    return _opened(item, _public_name(item, language), original=False, nonce=True)


def opens_for_assessors(item: EvidenceItem) -> bool:
    """Say whether an assessor may open a piece; what has no clean copy and can be read, as it was added."""
    return item.copy_problem not in OWN_EYES_ONLY


def body_of(item: EvidenceItem, key: DataKey) -> str:
    """Give the text or address of a piece, without its first line of random signs."""
    return _sealed_body(item, key).decode().partition("\n")[2]


def name_of(item: EvidenceItem, key: DataKey) -> str:
    """Give a file's name as its learner gave it (tidied); for the learner only."""
    if item.sealed_name is None:
        return ""
    return unseal(bytes(item.sealed_name), key=key, purpose=NAME_PURPOSE).decode()


def authorship_of(attempt: Attempt, key: DataKey) -> Authorship | None:
    """Give the statement of who made the work, if there is one."""
    if attempt.sealed_authorship is None:
        return None
    body = unseal(bytes(attempt.sealed_authorship), key=key, purpose=AUTHORSHIP_PURPOSE)
    return Authorship(**json.loads(body.decode().partition("\n")[2]))


def authorship_digest(attempt: Attempt, key: DataKey) -> str:
    """Hash the statement afresh from its sealed bytes ("" when there is none)."""
    if attempt.sealed_authorship is None:
        return ""
    return hashlib.sha256(
        unseal(bytes(attempt.sealed_authorship), key=key, purpose=AUTHORSHIP_PURPOSE)
    ).hexdigest()


def body_digest(item: EvidenceItem, key: DataKey) -> str:
    """Hash a text or link afresh from its sealed bytes, its random first line included."""
    return hashlib.sha256(_sealed_body(item, key)).hexdigest()


def snapshot_pieces(attempt: Attempt) -> tuple[SnapshotPiece, ...]:
    """Give every piece as the snapshot's hash covers it."""
    return tuple(
        SnapshotPiece(
            public_id=str(item.public_id),
            requirement_id=item.requirement_id,
            position=item.position,
            kind=str(item.kind),
            sha256=item.sha256,
            shared_sha256=item.shared_sha256,
            byte_size=item.byte_size,
            media_type=item.media_type,
        )
        for item in attempt.evidence.all()
    )


def _item(item_id: UUID) -> EvidenceItem:
    item = (
        EvidenceItem.objects.select_related(
            "attempt__submission__learner__data_key",
            "attempt__submission__version",
            "attempt__submission__organization",
        )
        .filter(public_id=item_id)
        .first()
    )
    if item is None:
        raise EvidenceNotFound("There is no such piece of evidence here.")
    return item


def _resting(decision: Decision) -> list[EvidenceItem]:
    numbers = {decision.attempt.number} | {entry["attempt"] for entry in decision.criteria}
    rows = EvidenceItem.objects.filter(
        attempt__submission_id=decision.attempt.submission_id, attempt__number__in=numbers, byte_size__gt=0
    )
    newest: dict[tuple[str, str], EvidenceItem] = {}
    for item in rows.order_by("-attempt__number", "pk"):
        newest.setdefault((item.requirement_id, item.sha256), item)
    return list(newest.values())


def _leases(attempt: Attempt, viewer: Person, at: datetime) -> bool:
    held = Assignment.objects.filter(
        attempt=attempt, assessor=viewer, released_at__isnull=True, locked_at__isnull=True, leased_until__gt=at
    )
    organization = attempt.submission.organization
    return held.exists() and ASSESSOR in roles_of(person=viewer, organization=organization)


def _opened(item: EvidenceItem, name: str, *, original: bool, nonce: bool = False) -> OpenEvidence:
    key = item.attempt.submission.learner.data_key
    if item.kind != EvidenceItem.Kind.FILE:
        body = _sealed_body(item, key) if nonce else body_of(item, key).encode()
        return OpenEvidence("text/plain", inline=False, byte_size=len(body), name=name, stream=io.BytesIO(body))
    clean = bool(item.shared_digest) and not original
    digest, size = (item.shared_digest, item.shared_size) if clean else (item.file_digest, item.byte_size)
    return OpenEvidence(item.media_type, item.media_type in INLINE, size, name, file_open(digest, key=key))


def _sealed_body(item: EvidenceItem, key: DataKey) -> bytes:
    return unseal(bytes(item.sealed_body or b""), key=key, purpose=BODY_PURPOSE)


def _is_shareable(item: EvidenceItem) -> bool:
    # What could not be cleaned may say who made it and where: the public never gets it.
    return item.copy_problem == CopyProblem.NONE


def _own_name(item: EvidenceItem) -> str:
    return name_of(item, item.attempt.submission.learner.data_key) or f"{item.kind}.txt"


def _public_name(item: EvidenceItem, language: str) -> str:
    """Name a piece after its requirement: the learner's file names tell who they are."""
    names = {
        requirement.id: requirement.name
        for requirement in content_from_json(item.attempt.submission.version.content).requirements
    }
    base = localized_pick(names.get(item.requirement_id, {}), language) or "evidence"
    safe = " ".join("".join(c if c.isalnum() or c in " -" else " " for c in base).split())[:80] or "evidence"
    return f"{safe} {item.position}{EXTENSIONS.get(_type_of(item), '.bin')}"


def _type_of(item: EvidenceItem) -> str:
    # A link is shared as a text whose second line is the address: that is what its hash covers.
    return item.media_type if item.kind == EvidenceItem.Kind.FILE else "text/plain"

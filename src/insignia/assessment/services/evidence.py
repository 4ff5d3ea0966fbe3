"""A learner adds and removes evidence, and says who made it. Only drafts change."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q

from insignia.achievements.rules import content_from_json
from insignia.assessment.errors import EvidenceNotFound, EvidenceUnusable, StaleVersion, TooManyPieces
from insignia.assessment.models import Attempt, EvidenceItem, Submission
from insignia.assessment.pieces import (
    Authorship,
    authorship_checked,
    file_name_checked,
    link_checked,
    text_checked,
)
from insignia.assessment.selectors.evidence import (
    AUTHORSHIP_PURPOSE,
    BODY_PURPOSE,
    NAME_PURPOSE,
    authorship_of,
    body_of,
)
from insignia.assessment.services.moves import audit_submission, draft_locked
from insignia.audit.actor import Actor
from insignia.foundation.bare.copies import CopyProblem, bare_copy
from insignia.foundation.files import StoredFile, file_forget, file_open, file_store
from insignia.foundation.media import media_of
from insignia.foundation.sealing import seal

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.foundation.models import DataKey

MAX_PIECES = 100
TEXT_TYPE, LINK_TYPE = "text/plain", "text/uri-list"


@transaction.atomic
def evidence_add_text(
    *, submission_id: UUID, requirement_id: str, text: str, learner: Person, at: datetime, version: int = 0
) -> EvidenceItem:
    """Save a requirement's text (autosave): `version` is that of the text being replaced, 0 for the first.

    The text that is stored already changes nothing, so the same save may come twice.

    Raises:
        StaleVersion: another tab saved meanwhile; `data` has its `version` and text (`theirs`).
        EvidenceUnusable, TextTooLong: the requirement asks for something else; over 64 KiB.
        SubmissionNotFound, IllegalMove: no draft of theirs.
    """
    submission, attempt = _draft_for(submission_id, learner, requirement_id, EvidenceItem.Kind.TEXT)
    tidy = text_checked(text)
    item = attempt.evidence.filter(requirement_id=requirement_id, kind=EvidenceItem.Kind.TEXT).first()
    key = submission.learner.data_key
    if item is not None and body_of(item, key) == tidy:
        return item
    _require_current(item, version, key)
    body = _body(tidy)
    values = {
        "sealed_body": seal(body, key=key, purpose=BODY_PURPOSE),
        "byte_size": len(tidy.encode()),
        "sha256": hashlib.sha256(body).hexdigest(),
        "media_type": TEXT_TYPE,
        "updated_at": at,
        "lock_version": version + 1,
    }
    if item is None:
        return _create(attempt, requirement_id, EvidenceItem.Kind.TEXT, at, values)
    for name, value in values.items():
        setattr(item, name, value)
    item.save(update_fields=list(values))
    return item


@transaction.atomic
def evidence_add_link(
    *, submission_id: UUID, requirement_id: str, url: str, learner: Person, at: datetime
) -> EvidenceItem:
    """Add an https address. It is kept and never fetched; the same one again gives the piece that is there.

    Raises:
        LinkUnusable, TextTooLong: not a plain https address; over 2,000 characters.
        EvidenceUnusable, TooManyPieces: the requirement asks for something else; 100 pieces.
        SubmissionNotFound, IllegalMove: no draft of theirs.
    """
    submission, attempt = _draft_for(submission_id, learner, requirement_id, EvidenceItem.Kind.LINK)
    tidy, key = link_checked(url), submission.learner.data_key
    for item in attempt.evidence.filter(requirement_id=requirement_id, kind=EvidenceItem.Kind.LINK):
        if body_of(item, key) == tidy:
            return item
    body = _body(tidy)
    values = {
        "sealed_body": seal(body, key=key, purpose=BODY_PURPOSE),
        "byte_size": len(tidy.encode()),
        "sha256": hashlib.sha256(body).hexdigest(),
        "media_type": LINK_TYPE,
        "updated_at": at,
    }
    item = _create(attempt, requirement_id, EvidenceItem.Kind.LINK, at, values)
    _audit(submission, item, "evidence.added", learner, at)
    return item


def evidence_add_file(
    *,
    submission_id: UUID,
    requirement_id: str,
    name: str,
    source: bytes | BinaryIO | Iterable[bytes],
    learner: Person,
    at: datetime,
) -> EvidenceItem:
    """Add a file: encrypted while it streams in, known by its bytes, never by its name or a browser's word.

    Unknown kinds and programs are taken, for download only. What can be cleaned also gets a copy without metadata,
    which assessors and the public see; else `copy_problem` of the piece says why. The same file again
    for one requirement gives the piece that is there.

    Raises:
        FileEmpty, FileTooLarge, ArchiveBomb, ArchiveUnreadable: as named; nothing is kept.
        EvidenceUnusable, TextTooLong, TooManyPieces: the requirement asks for something else; the name has
            over 200 characters; 100 pieces.
        SubmissionNotFound, IllegalMove: no draft of theirs.
    """
    shown = file_name_checked(name)
    with transaction.atomic():  # refuse what cannot be kept before reading 200 MiB of it
        submission, attempt = _draft_for(submission_id, learner, requirement_id, EvidenceItem.Kind.FILE)
        _require_room(attempt)
    upload = _store(source, submission.learner.data_key)
    try:
        with transaction.atomic():
            item = _keep(upload, submission_id, requirement_id, shown, learner, at)
    except BaseException:
        upload.forget()
        raise
    if item.file_digest != upload.file.digest:  # the piece that was there
        upload.forget()
    return item


@transaction.atomic
def evidence_remove(*, item_id: UUID, learner: Person, at: datetime) -> None:
    """Take a piece out of the draft; its file goes too, unless an earlier attempt holds it.

    Raises:
        EvidenceNotFound: no such piece of theirs.
        IllegalMove: what was handed in stays.
    """
    item = EvidenceItem.objects.filter(public_id=item_id, attempt__submission__learner=learner).first()
    if item is None:
        raise EvidenceNotFound("There is no such piece of yours.")
    submission_id = Submission.objects.values_list("public_id", flat=True).get(attempts=item.attempt_id)
    submission, attempt = draft_locked(submission_id, learner)
    removed = EvidenceItem.objects.filter(pk=item.pk, attempt=attempt)
    if not removed.exists():
        raise EvidenceNotFound("This piece belongs to an attempt that was handed in; it stays there.")
    removed.delete()
    _audit(submission, item, "evidence.removed", learner, at)
    for digest in {item.file_digest, item.shared_digest} - {""}:
        _forget_when_unused(digest)


@transaction.atomic
def authorship_save(
    *, submission_id: UUID, authorship: Authorship, learner: Person, at: datetime, version: int = 0
) -> Attempt:
    """Save who made the work (autosave): `version` is that of the statement being replaced, 0 for the first.

    The statement that is stored already changes nothing.

    Raises:
        StaleVersion: another tab saved meanwhile; `data` has its `version` and statement (`theirs`).
        EvidenceUnusable, TextTooLong: no own part named in a group's work; over 64 KiB.
        SubmissionNotFound, IllegalMove: no draft of theirs.
    """
    submission, attempt = draft_locked(submission_id, learner)
    key = submission.learner.data_key
    stored, tidy = authorship_of(attempt, key), authorship_checked(authorship)
    if stored == tidy:
        return attempt
    if attempt.authorship_version != version:
        raise _stale(attempt.authorship_version, asdict(stored) if stored else {})
    body = _body(json.dumps(asdict(tidy)))
    attempt.sealed_authorship = seal(body, key=key, purpose=AUTHORSHIP_PURPOSE)
    attempt.authorship_sha256 = hashlib.sha256(body).hexdigest()
    attempt.authorship_version = version + 1
    attempt.save(update_fields=["sealed_authorship", "authorship_sha256", "authorship_version"])
    Submission.objects.filter(pk=submission.pk).update(updated_at=at)
    return attempt


@dataclass(frozen=True)
class _Upload:
    """A stored file, what it is, and its copy without metadata."""

    file: StoredFile
    media_type: str
    shared: StoredFile | None
    problem: CopyProblem

    def forget(self) -> None:
        file_forget(self.file.digest)
        if self.shared is not None:
            file_forget(self.shared.digest)


def _store(source: bytes | BinaryIO | Iterable[bytes], key: DataKey) -> _Upload:
    stored = file_store(source, key=key)
    try:
        with file_open(stored.digest, key=key) as plain:
            kind = media_of(plain).media_type
            clean = bare_copy(plain, kind)
            shared = None if clean.content is None else file_store(clean.content, key=key)
        return _Upload(stored, kind, shared, clean.problem)
    except BaseException:
        file_forget(stored.digest)
        raise


def _keep(
    upload: _Upload, submission_id: UUID, requirement_id: str, name: str, learner: Person, at: datetime
) -> EvidenceItem:
    submission, attempt = _draft_for(submission_id, learner, requirement_id, EvidenceItem.Kind.FILE)
    same = attempt.evidence.filter(requirement_id=requirement_id, sha256=upload.file.sha256, kind="file").first()
    if same is not None:
        return same
    values = {
        "sealed_name": seal(name.encode(), key=submission.learner.data_key, purpose=NAME_PURPOSE),
        "file_digest": upload.file.digest,
        "sha256": upload.file.sha256,
        "byte_size": upload.file.size,
        "media_type": upload.media_type,
        "copy_problem": str(upload.problem),
        "updated_at": at,
    }
    if upload.shared is not None:
        values |= {
            "shared_digest": upload.shared.digest,
            "shared_sha256": upload.shared.sha256,
            "shared_size": upload.shared.size,
        }
    item = _create(attempt, requirement_id, EvidenceItem.Kind.FILE, at, values)
    _audit(submission, item, "evidence.added", learner, at)
    return item


def _draft_for(
    submission_id: UUID, learner: Person, requirement_id: str, kind: EvidenceItem.Kind
) -> tuple[Submission, Attempt]:
    submission, attempt = draft_locked(submission_id, learner)
    for wanted in content_from_json(submission.version.content).requirements:
        if wanted.id == requirement_id and (not wanted.kinds or kind.value in wanted.kinds):
            return submission, attempt
        if wanted.id == requirement_id:
            kinds = ", ".join(wanted.kinds)
            raise EvidenceUnusable(
                f"This requirement takes: {kinds}.", fields={requirement_id: f"Takes: {kinds}."}
            )
    raise EvidenceUnusable("This badge asks for no such evidence. Load the page again.")


def _create(
    attempt: Attempt, requirement_id: str, kind: EvidenceItem.Kind, at: datetime, values: dict[str, object]
) -> EvidenceItem:
    _require_room(attempt)
    last = attempt.evidence.filter(requirement_id=requirement_id).aggregate(last=Max("position"))["last"]
    Submission.objects.filter(pk=attempt.submission_id).update(updated_at=at)
    return EvidenceItem.objects.create(
        attempt=attempt,
        requirement_id=requirement_id,
        kind=kind,
        position=(last or 0) + 1,
        added_at=at,
        **values,
    )


def _require_room(attempt: Attempt) -> None:
    if attempt.evidence.count() >= MAX_PIECES:
        raise TooManyPieces(f"{MAX_PIECES} pieces are the most. Remove one, or put several into one file.")


def _require_current(item: EvidenceItem | None, version: int, key: DataKey) -> None:
    stored = item.lock_version if item else 0
    if stored != version:
        raise _stale(stored, body_of(item, key) if item else "")


def _stale(version: int, theirs: object) -> StaleVersion:
    return StaleVersion(
        "This was saved in another window meanwhile. Your text is kept; compare both.",
        version=version,
        theirs=theirs,
    )


def _body(text: str) -> bytes:
    # A first line of 128 random bits, so that a published hash tells nobody a guessed text is right.
    return f"{secrets.token_hex(16)}\n{text}".encode()


def _forget_when_unused(digest: str) -> None:
    if not EvidenceItem.objects.filter(Q(file_digest=digest) | Q(shared_digest=digest)).exists():
        transaction.on_commit(lambda: file_forget(digest))


def _audit(submission: Submission, item: EvidenceItem, action: str, learner: Person, at: datetime) -> None:
    facts = {"piece": str(item.public_id), "kind": str(item.kind), "sha256": item.sha256, "bytes": item.byte_size}
    audit_submission(submission, action, actor=Actor.person(learner), at=at, new=facts)

"""The invariants of awards: one document, one slot, one row, one notification; never zero, never two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from django.apps import apps
from django.db.models import Count, Q

from insignia.achievements.selectors import hash_of
from insignia.awards.models import Award, AwardCorrection, AwardDocument
from insignia.awards.selectors import document_open
from insignia.awards.services.documents import digests_of
from insignia.foundation.checks import Check, Finding
from insignia.foundation.errors import InsigniaError
from insignia.foundation.sealing import Erased
from insignia.issuing.selectors import bits_now, intents_counted
from insignia.issuing.services import signed_check
from insignia.issuing.sources import IssuersOfOneLook, context_loader
from insignia.vc.errors import VcError
from insignia.vc.issue import SignedCredential
from insignia.vc.verify import NoStatusLists, Outcome, Sources, verify

BIT_INVARIANTS = {"revocation": "I11", "suspension": "I11", "refresh": "I5"}
"""Which invariant a wrong bit of a list breaks."""


def entry_counts(*, action: str, subject_kind: str) -> Counter[UUID]:
    """Count the record's rows of one action, by subject; the doctor reads every table."""
    rows = apps.get_model("audit", "AuditEntry").objects.filter(action=action, subject_kind=subject_kind)
    return Counter(rows.values_list("subject_id", flat=True))


def message_counts(*, kind: str) -> Counter[str]:
    """Count the mails of one kind, by key."""
    return Counter(apps.get_model("outbox", "Message").objects.filter(kind=kind).values_list("key", flat=True))


def _whole(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - the shape of every check
    rows = entry_counts(action="award.issued", subject_kind="award")
    mails = message_counts(kind="award-issued")
    current = Count("documents", filter=Q(documents__superseded_at__isnull=True))
    for award in Award.objects.exclude(state=Award.State.RESERVED).annotate(current=current):
        counted = {
            "current documents": award.current,
            "award.issued rows": rows.get(award.public_id, 0),
            "notifications": mails.get(f"award:{award.public_id}:issued:1", 0),
        }
        for what, count in counted.items():
            if count != 1:
                yield Finding("I1", f"award {award.public_id}", f"has {count} {what}; it must have exactly one")


def _unissued(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - as above
    rows = entry_counts(action="award.issued", subject_kind="award")
    for award in Award.objects.filter(state=Award.State.RESERVED).annotate(signed=Count("documents")):
        if award.signed or rows.get(award.public_id):
            yield Finding("I1", f"award {award.public_id}", "is not issued, yet has a document or an issued row")
    known = set(Award.objects.values_list("public_id", flat=True))
    for lost in set(rows) - known:
        yield Finding("I1", f"award {lost}", "the record says it was issued, but there is no such award")


def _intended(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - as above
    intents = intents_counted()
    documents = AwardDocument.objects.select_related("award", "reservation").defer("reservation__sealed_prepared")
    for document in documents.iterator():
        reservation, subject = document.reservation, f"document {document.award.public_id}/{document.number}"
        if intents.get(reservation.public_id, 0) != 1:
            yield Finding("I2", subject, "was signed without exactly one signing.intended row")
        if reservation.state != reservation.State.FINISHED or reservation.created_at > document.signed_at:
            yield Finding("I2", subject, "its reservation is not a finished one from before the signature")
        if reservation.award_public_id != document.award.public_id:
            yield Finding("I2", subject, "its reservation belongs to another award")


def _as_reserved(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - as above
    for document, signed in _opened():
        subject = f"document {document.award.public_id}/{document.number}"
        if (document.json_sha256, document.jwt_sha256) != digests_of(signed):
            yield Finding("I3", subject, "does not have the hashes that were noted when it was signed")
        try:
            signed_check(document.reservation, signed)
        except (VcError, InsigniaError) as error:
            yield Finding("I3", subject, f"is not what was reserved, or its signature does not fit: {error}")


def _opened() -> Iterator[tuple[AwardDocument, SignedCredential]]:
    reserved = (f"reservation__{part}" for part in ("data_key", "ed25519_key", "p256_key", "shape"))
    documents = AwardDocument.objects.select_related(
        "award__recipient__data_key", "award__organization", *reserved
    ).defer("reservation__shape__compiled")
    for document in documents.order_by("id").iterator():
        try:
            yield document, document_open(document, key=document.award.recipient.data_key)
        except Erased:
            continue


def _origins(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - as above
    lineages = Award.objects.values("origin_kind", "origin_id").annotate(rows=Count("id")).filter(rows__gt=1)
    for row in lineages:
        message = f"led to {row['rows']} awards; it must lead to one"
        yield Finding("I5", f"{row['origin_kind']} {row['origin_id']}", message)
    for award in Award.objects.annotate(total=Count("documents")).filter(total__gt=1):
        numbers = list(award.documents.order_by("number").values_list("number", "superseded_at"))
        broken = [number for number, _ in numbers] != list(range(1, len(numbers) + 1))
        if broken or any(superseded is None for _, superseded in numbers[:-1]):
            yield Finding("I5", f"award {award.public_id}", "its documents are not one chain with one head")


def _wished(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - as above
    signed = set(AwardDocument.objects.filter(number__gt=1).values_list("award_id", "number"))
    finished = set(AwardCorrection.objects.filter(finished_at__isnull=False).values_list("award_id", "number"))
    for award_id, number in sorted(signed ^ finished):
        award = Award.objects.get(pk=award_id)
        what = (
            "was never wished for" if (award_id, number) in signed else "is said to be finished, and is not there"
        )
        yield Finding("I5", f"award {award.public_id}", f"its document {number} {what}")


def _versions(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - as above
    hashes: dict[int, str] = {}
    for award in Award.objects.select_related("version").iterator():
        version = award.version
        if version.pk not in hashes:
            hashes[version.pk] = hash_of(version)
        if version.state == "draft" or not award.version_hash == version.content_hash == hashes[version.pk]:
            message = f"points at version {version.public_id}, which is not the published one it was given for"
            yield Finding("I6", f"award {award.public_id}", message)


def _bits(_deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - as above
    lists, outdated = bits_now(), _revoked_by_correction()
    fields = ("award_id", "number", "superseded_at", "award__public_id", "award__state")
    slots = ("reservation__slot__status_set_id", "reservation__slot__index")
    for award_pk, number, superseded, award, state, *place in AwardDocument.objects.values_list(*fields, *slots):
        set_bits = {purpose: lists[place[0], purpose].get(place[1]) for purpose in BIT_INVARIANTS}
        wanted = {
            "revocation": state == Award.State.REVOKED or (award_pk, number) in outdated,
            "suspension": state == Award.State.SUSPENDED,
            "refresh": superseded is not None,
        }
        if state == Award.State.REVOKED:
            del wanted["suspension"]  # a pause before the revocation stays as it was
            if superseded is None:
                del wanted["refresh"]  # what followed it went with a newer database; nothing follows it any more
        for purpose, bit in wanted.items():
            if set_bits[purpose] != bit:
                message = f"is {state}, but the {purpose} bit of its document {number} says otherwise"
                yield Finding(BIT_INVARIANTS[purpose], f"award {award}", message)


def _revoked_by_correction() -> set[tuple[int, int]]:
    """Name the documents (award, number) that a correction of substance replaced."""
    substantial = AwardCorrection.objects.filter(is_substantial=True, finished_at__isnull=False)
    return {(award, number - 1) for award, number in substantial.values_list("award_id", "number")}


def _general(deep: bool) -> Iterator[Finding]:  # noqa: FBT001  - as above
    if not deep:
        return
    # what their bits say is another check's; asking the lists about each would take half of the time
    sources = Sources(resolver=IssuersOfOneLook(), status_lists=NoStatusLists(), loader=context_loader())
    for document, signed in _opened():
        report = verify(signed.json_bytes, at=document.signed_at, sources=sources)
        for check in report.checks:
            # a badge that is over can be signed again under a new key
            is_over = check.check_id == "expiry" and document.number > 1
            if check.outcome is Outcome.FAILED and not is_over:
                subject = f"document {document.award.public_id}/{document.number}"
                yield Finding("I19", subject, f"{check.check_id}: {check.message}")


CHECKS = (
    Check("I1", "every award has one document, one issued row, one notification", _whole),
    Check("I1", "nothing says issued of an award that is not", _unissued),
    Check("I2", "every signature was intended before it was made", _intended),
    Check("I3", "every document is what was reserved, and its signatures fit", _as_reserved),
    Check("I5", "every origin led to one award, with one chain of documents", _origins),
    Check("I5", "every later document was wished for, and no finished wish lacks one", _wished),
    Check("I6", "every award points at the published version it was given for", _versions),
    Check("I11", "status bits say what the awards say", _bits),
    Check("I19", "every document verifies through the general path (--deep)", _general),
)

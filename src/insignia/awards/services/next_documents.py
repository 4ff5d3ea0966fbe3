"""The next documents of many awards at once: the path of one correction, a chunk at a time.

    0. wish     T1: what each document is to say and why, the reservations, the intents in the record
    1. sign     by issuing, from the committed reservations
    2. finish   T2: the new documents, the old ones superseded, status bits, the record, the mails
Only awards whose documents have a shape go together; every other takes the path of one, and so does whatever does
not come to its end here. After a crash the sweep of corrections finishes what was wished.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from insignia.audit.services import Entry, audit_record_many
from insignia.awards.credential import document_again, said_by
from insignia.awards.letters import letter_context
from insignia.awards.models import Award, AwardCorrection, AwardDocument, MassChange
from insignia.awards.rules import Said, corrected_facts, said_to_json
from insignia.awards.selection import FROM_STATES
from insignia.awards.selectors import RELATED, document_open, documents_current
from insignia.awards.services.corrections import (
    ACTIONS,
    MAILS,
    SAID_PURPOSE,
    award_reissue,
    award_renew,
    correction_finish,
    end_in_words,
    renewal_end,
)
from insignia.awards.services.documents import DOCUMENT_COLUMNS, document_row
from insignia.awards.services.recording import person_of
from insignia.awards.shapes import Form, slot_values
from insignia.awards.steps import Step, reached
from insignia.foundation.bulk import bulk_change, bulk_insert, ids_take
from insignia.foundation.errors import InsigniaError, Unavailable
from insignia.foundation.ids import new_id
from insignia.foundation.sealing import OpenKey, datakey_open
from insignia.issuing.errors import IssuerMissing
from insignia.issuing.selectors import issuer_of
from insignia.issuing.services import (
    Frozen,
    Intent,
    SignedReservation,
    Slots,
    approval_grant,
    indexes_take,
    reservations_finish,
    reservations_lock,
    reservations_open,
    reserve_many,
    shape_of,
    sign_reservations,
    slots_of,
    status_change_many,
)
from insignia.outbox.services import Letter, messages_queue_many
from insignia.vc.canon.pointers import text_at, with_texts
from insignia.vc.errors import VcError

if TYPE_CHECKING:
    from insignia.audit.actor import Actor
    from insignia.issuing.models import Approval, DocumentShape
    from insignia.vc.model.json import JsonObject

log = logging.getLogger(__name__)
APPROVED_BY_MASS_CHANGE = "mass-change"
KINDS = {"reissued": AwardCorrection.Kind.REISSUE, "renewed": AwardCorrection.Kind.RENEWAL}
BY_ITSELF: Mapping[str, Callable[..., Award]] = {"reissued": award_reissue, "renewed": award_renew}
"""How one award gets its next document."""
WISH_COLUMNS = (
    "id", "public_id", "award_id", "number", "kind", "sealed_said", "changed", "is_substantial", "reason", "at",
    "by_id", "finished_at", "abandoned_at",
)  # fmt: skip


@dataclass(frozen=True)
class _Job:
    """What the documents of a chunk share."""

    mass: MassChange
    slots: Slots
    approval: Approval
    actor: Actor
    at: datetime

    @property
    def kind(self) -> AwardCorrection.Kind:
        return KINDS[self.mass.kind]


@dataclass(frozen=True)
class _Next:
    """An award whose next document is made here: what it said, what it is to say, and its wish."""

    award: Award
    current: AwardDocument
    key: OpenKey
    before: Said
    said: Said
    wish_pk: int
    wish_id: UUID
    intent: Intent


class Made(NamedTuple):
    """How many awards got their next document: together, which the change counts already, and one by one."""

    together: int
    alone: int


def next_documents_make(mass: MassChange, award_pks: Sequence[int], *, actor: Actor, at: datetime) -> Made | None:
    """Sign the next document of these awards; None when somebody else is at them.

    Raises:
        IssuerMissing, MarkMissing, DatabaseBehindMark, SignerUnavailable: the issuer cannot sign now; call again.
    """
    try:
        done = _together(mass, award_pks, actor=actor, at=at)
    except IntegrityError:
        log.info("another worker is at the same awards of change %s", mass.public_id)
        return None
    return Made(len(done), sum(_alone(pk, mass, actor=actor, at=at) for pk in award_pks if pk not in done))


def _together(mass: MassChange, award_pks: Sequence[int], *, actor: Actor, at: datetime) -> frozenset[int]:
    shaped = list(
        documents_current(award_pks).filter(reservation__shape__isnull=False).values_list("award_id", flat=True)
    )
    if not shaped:
        return frozenset()
    issuer = issuer_of(mass.organization)
    status_set, indexes = indexes_take(issuer, len(shaped), at=at)
    slots = slots_of(issuer, status_set, at=at)
    with transaction.atomic(durable=True):
        approval = approval_grant(
            organization=mass.organization,
            kind=APPROVED_BY_MASS_CHANGE,
            subject_id=mass.public_id,
            granted_at=mass.at,
        )
        job = _Job(mass, slots, approval, actor, at)
        wished = _wished(job, _lock(shaped, mass), indexes)
        reached(Step.INSIDE_RESERVE)
    reached(Step.RESERVED)
    waiting = reservations_open({one.award.public_id for one in wished})
    answers = sign_reservations(list(waiting.values()), actor=actor, at=at)
    reached(Step.SIGNED)
    signed = [one for one in answers if isinstance(one, SignedReservation)]
    done = _finish(job, {one.award.public_id: one for one in wished}, signed)
    reached(Step.FINISHED)
    return done


def _alone(award_pk: int, mass: MassChange, *, actor: Actor, at: datetime) -> bool:
    """Take the path of one award, from wherever it stands; say whether it gets its next document."""
    open_wish = AwardCorrection.objects.filter(award=award_pk, finished_at__isnull=True, abandoned_at__isnull=True)
    try:
        if (wish := open_wish.first()) is not None:
            correction_finish(wish.public_id, actor=actor, at=at)
            return True
        award_id = Award.objects.values_list("public_id", flat=True).get(pk=award_pk)
        BY_ITSELF[mass.kind](award_id=award_id, reason=mass.reason, actor=actor, at=at)
    except (Unavailable, IssuerMissing):
        if not open_wish.exists():
            raise
        return True  # it is wished for: the sweep of corrections signs it when the signer is back
    except (InsigniaError, VcError) as error:
        log.warning("award %s gets no next document: %s %s", award_pk, error.code, error)
        return False
    return True


# ---- 0. wish --------------------------------------------------------------------------------------------------


def _lock(award_pks: Sequence[int], mass: MassChange) -> list[AwardDocument]:
    """Lock the awards that can take the change now; give their current documents."""
    busy = AwardCorrection.objects.filter(award__in=award_pks, finished_at__isnull=True, abandoned_at__isnull=True)
    rows = Award.objects.filter(pk__in=award_pks, state__in=FROM_STATES[mass.kind])
    awards = {
        award.pk: award
        for award in rows.exclude(pk__in=busy.values("award_id"))
        .select_related(*RELATED)
        .select_for_update(of=("self",))
        .order_by("pk")
    }
    found = list(documents_current(awards))
    for document in found:
        document.award = awards[document.award_id]
    return found


def _wished(job: _Job, documents: Sequence[AwardDocument], indexes: Iterable[int]) -> list[_Next]:
    """Write down what is wished, and reserve it. Whatever cannot be done together is left out."""
    shapes: dict[str, DocumentShape | None] = {}
    wish_pks = ids_take(AwardCorrection, len(documents))
    wished = [
        one
        for current, index, wish_pk in zip(documents, indexes, wish_pks, strict=False)
        if (one := _next(job, current, index, wish_pk, shapes)) is not None
    ]
    reserved = reserve_many(
        organization=job.mass.organization,
        slots=job.slots,
        approval=job.approval,
        intents=[one.intent for one in wished],
        actor=job.actor,
        at=job.at,
    )
    wrong = {found.intent.award_id for found in reserved.refused}
    kept = [one for one in wished if one.award.public_id not in wrong]
    person = person_of(job.actor)
    by = person.pk if person else None
    bulk_insert(AwardCorrection, WISH_COLUMNS, [_wish_row(job, one, by) for one in kept])
    return kept


def _next(
    job: _Job, current: AwardDocument, index: int, wish_pk: int, shapes: dict[str, DocumentShape | None]
) -> _Next | None:
    award = current.award
    try:
        key = datakey_open(award.recipient.data_key)
        signed: JsonObject = json.loads(document_open(current, key=award.recipient.data_key).json_bytes)
        before = said_by(signed)
        said = replace(before, valid_until=renewal_end(award, at=job.at)) if job.kind in MAILS else before
    except (InsigniaError, VcError):
        return None  # the path of one says why
    if said == before and current.reservation.ed25519_key.retired_at is None:
        return None
    fresh = document_again(signed, said, frozen=job.slots.frozen(index))
    found = _filled(job, fresh, shapes)
    if found is None:
        return None
    intent = Intent(
        (award.origin_kind, award.origin_id),
        award.public_id,
        index,
        award.recipient.data_key_id,
        key,
        *found,
        current.number + 1,
    )
    return _Next(award, current, key, before, said, wish_pk, new_id(), intent)


def _filled(
    job: _Job, fresh: JsonObject, shapes: dict[str, DocumentShape | None]
) -> tuple[DocumentShape, tuple[str, ...]] | None:
    """Give a document's shape and what fills its holes; None when it has none, or breaks a rule of today."""
    form = Form.of_document(fresh)
    if form is None:
        return None
    pointers = form.slots()
    try:
        shape, values = _shape(job, form, fresh, shapes), tuple(text_at(fresh, pointer) for pointer in pointers)
    except VcError:
        return None  # the path of one says which
    return None if shape is None else (shape, values)


def _shape(
    job: _Job, form: Form, fresh: JsonObject, shapes: dict[str, DocumentShape | None]
) -> DocumentShape | None:
    """Find the shape of a document: that of all which say the same besides their holes."""
    pointers = form.slots()
    name = json.dumps(with_texts(fresh, pointers, [""] * len(pointers)), sort_keys=True)

    def render(frozen: Frozen) -> JsonObject:
        return with_texts(fresh, pointers, slot_values(form.specimen(), frozen=frozen))

    if name not in shapes:
        shapes[name] = shape_of(job.slots, pointers=pointers, render=render)
    return shapes[name]


def _wish_row(job: _Job, one: _Next, person_pk: int | None) -> tuple[object, ...]:
    sealed = one.key.seal(json.dumps(said_to_json(one.said)).encode(), purpose=SAID_PURPOSE)
    return (
        one.wish_pk, one.wish_id, one.award.pk, one.intent.number, job.kind.value, sealed,
        list(corrected_facts(one.before, one.said)), False, job.mass.reason, job.at, person_pk, None, None,
    )  # fmt: skip


# ---- 2. finish ------------------------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def _finish(job: _Job, wished: Mapping[UUID, _Next], signed: Sequence[SignedReservation]) -> frozenset[int]:
    """Store what is still open and not revoked meanwhile; give those awards."""
    pks = [wished[one.reservation.award_public_id].award.pk for one in signed]
    rows = Award.objects.select_for_update().filter(pk__in=pks, state__in=FROM_STATES[job.mass.kind])
    states = dict(rows.order_by("pk").values_list("pk", "state"))
    still_open = reservations_lock({one.reservation.pk for one in signed})
    made = [
        (wished[one.reservation.award_public_id], one)
        for one in signed
        if one.reservation.pk in still_open and wished[one.reservation.award_public_id].award.pk in states
    ]
    _documents_replace(job, made)
    _bits_set(job, made, states)
    _columns_follow(made)
    wishes = AwardCorrection.objects.filter(pk__in=[one.wish_pk for one, _signed in made])
    wishes.update(finished_at=job.at)
    _record(job, [one for one, _signed in made])
    if job.kind in MAILS:
        messages_queue_many([_letter(job, one) for one, _signed in made], at=job.at)
    # counted where it is done: whoever dies right after this has not lost the count
    MassChange.objects.filter(pk=job.mass.pk).update(done=F("done") + len(made))
    reached(Step.INSIDE_FINISH)
    return frozenset(one.award.pk for one, _signed in made)


def _documents_replace(job: _Job, made: Sequence[tuple[_Next, SignedReservation]]) -> None:
    old = AwardDocument.objects.filter(pk__in=[one.current.pk for one, _signed in made])
    old.update(superseded_at=job.at)
    bulk_insert(
        AwardDocument,
        DOCUMENT_COLUMNS,
        [
            document_row(pk, one.award.pk, signed, key=one.key, at=job.at)
            for pk, (one, signed) in zip(ids_take(AwardDocument, len(made)), made, strict=True)
        ],
    )
    reservations_finish([signed.reservation for _one, signed in made])


def _bits_set(job: _Job, made: Sequence[tuple[_Next, SignedReservation]], states: Mapping[int, str]) -> None:
    old = [one.current.reservation.slot for one, _signed in made]
    paused = [signed.reservation.slot for one, signed in made if states[one.award.pk] == Award.State.SUSPENDED]
    for slots, purpose in ((old, "refresh"), (paused, "suspension")):
        if slots:
            status_change_many(slots=slots, purpose=purpose, value=True, at=job.at)


def _columns_follow(made: Sequence[tuple[_Next, SignedReservation]]) -> None:
    """Let the columns say what the documents say."""
    changed = [(one.award.pk, one.said.valid_until) for one, _signed in made if one.said != one.before]
    if changed:
        bulk_change(Award, ("id", "valid_until"), changed)


def _record(job: _Job, made: Sequence[_Next]) -> None:
    audit_record_many(
        actor=job.actor,
        at=job.at,
        action=ACTIONS[job.kind],
        organization_id=job.mass.organization.public_id,
        entries=[
            Entry(
                ("award", one.award.public_id),
                old={"document": one.current.number},
                new={
                    "document": one.intent.number,
                    "changed": list(corrected_facts(one.before, one.said)),
                    "revoked": False,
                    "mass_change": str(job.mass.public_id),
                },
                personal=(one.intent.data_key_id, one.key, _told(job, one)),
            )
            for one in made
        ],
    )


def _told(job: _Job, one: _Next) -> dict[str, object]:
    return {"old": said_to_json(one.before), "new": said_to_json(one.said), "reason": job.mass.reason}


def _letter(job: _Job, one: _Next) -> Letter:
    award, recipient = one.award, one.award.recipient
    award.valid_until = one.said.valid_until
    changed = corrected_facts(one.before, one.said)
    return Letter(
        kind=MAILS[job.kind],
        key=f"award:{award.public_id}:document:{one.intent.number}",
        recipient=recipient.address,
        language=recipient.mail_language,
        context=letter_context(award, reason=job.mass.reason, changed=changed, until=end_in_words(award)),
        data_key_id=one.intent.data_key_id,
        key_open=one.key,
        not_before=job.at,
        organization_id=award.organization.public_id,
    )

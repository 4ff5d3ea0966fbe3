"""A chunk of awards along the path of one: reserve, sign outside any transaction, check, finish.

    1. reserve   T1: recipients, slots, reservations with the values of their holes, the intents in the record
    2. sign      by issuing, from the committed reservations
    3. finish    T2: awards, documents, states, the record, the mails
Call it again with the same requests as often as you like: each origin leads to one award, whatever an earlier try
left half done. Unlike a single award's, an award of a chunk has its row from T2 on; until then its reservation,
unique by origin, stands for it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction

from insignia.audit.services import Entry, audit_record_many
from insignia.awards.credential import DocumentFacts, award_document
from insignia.awards.models import Award, AwardDocument
from insignia.awards.rules import CLAIM_VALIDITY, recipient_key
from insignia.awards.services.claims import claim_token
from insignia.awards.services.documents import DOCUMENT_COLUMNS, document_row, reservation_give_up
from insignia.awards.services.recipients import Known, Listed, recipients_hold, recipients_take
from insignia.awards.shapes import Form, slot_values
from insignia.awards.steps import ChunkStep, Step, reached
from insignia.foundation.bulk import bulk_insert, ids_take
from insignia.foundation.ids import new_id
from insignia.foundation.models import DataKey
from insignia.foundation.tokens import token_hash
from insignia.issuing.errors import ApprovalWithdrawn, KeyRetired, ReservationNotOpen
from insignia.issuing.selectors import issuer_of, reservation_get
from insignia.issuing.services import (
    Frozen,
    Intent,
    Refused,
    SignedReservation,
    Slots,
    Unsigned,
    indexes_take,
    reservations_finish,
    reservations_lock,
    reservations_waiting,
    reserve,
    reserve_many,
    shape_of,
    sign_reservations,
    slots_of,
)
from insignia.outbox.services import Letter, messages_queue_many
from insignia.vc.errors import VcError

if TYPE_CHECKING:
    from insignia.achievements.models import AchievementVersion
    from insignia.audit.actor import Actor
    from insignia.issuing.models import Approval, DocumentShape, Reservation
    from insignia.organizations.models import Organization
    from insignia.vc.model.json import JsonObject

log = logging.getLogger(__name__)
TRIES = 4
CLAIM_PATH = "awards.claim-path"
AWARD_COLUMNS = (
    "id", "public_id", "organization_id", "version_id", "version_hash", "recipient_id", "learner_id",
    "origin_kind", "origin_id", "state", "visibility", "evidence_visibility", "awarded_at", "valid_from",
    "valid_until", "reserved_at", "issued_at", "claimed_at", "claim_serial", "claim_token_hash",
    "claim_expires_at",
)  # fmt: skip
Origin = tuple[str, UUID]


@dataclass(frozen=True)
class AwardRequest:
    """One award to make: what it follows from, whom it goes to as the school's list has them, what it says.

    `known_as` is the whole key of a recipient that is there already, such as a member with an account.
    """

    origin: Origin
    name: str
    email: str
    language: str
    recipient_key: str
    awarded_at: datetime
    valid_from: datetime
    valid_until: datetime | None = None
    levels: Mapping[str, str] = field(default_factory=dict)
    narrative: str = ""
    known_as: str = ""

    @cached_property
    def listed(self) -> Listed:
        """Give whom it goes to."""
        key = self.known_as or recipient_key(number=self.recipient_key, address=self.email)
        return Listed(key, self.name.strip(), self.email, self.language)


@dataclass(frozen=True)
class ChunkOutcome:
    """What became of one request: `issued` and the award, or the code of what stands in its way."""

    origin: Origin
    award_id: UUID | None
    code: str


ISSUED, NO_ADDRESS, ERASED, BUSY = "issued", "no-address", "erased", "busy"
TEXT_UNUSABLE = "text-unusable"
NAME_LONGEST, EMAIL_LONGEST, NARRATIVE_LONGEST = 200, 254, 2**16
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class _Job:
    """What the awards of a chunk share."""

    version: AchievementVersion
    organization: Organization
    approval: Approval
    actor: Actor
    at: datetime
    not_before: datetime


def awards_issue_chunk(
    *,
    version: AchievementVersion,
    organization: Organization,
    approval: Approval,
    requests: Sequence[AwardRequest],
    actor: Actor,
    at: datetime,
    not_before: datetime | None = None,
) -> list[ChunkOutcome]:
    """Issue the awards of a chunk, or give those that are there; mails wait until `not_before`.

    A request that cannot be met is named by its outcome and holds up no other: a code of the kernel such as
    `lint-refused`, `text-unusable`, `no-address`, `erased`, `approval-withdrawn`, or `busy` where another worker
    is at it.

    Raises:
        IssuerMissing, MarkMissing, DatabaseBehindMark, SignerUnavailable: the issuer cannot sign now; call again.
    """
    job = _Job(version, organization, approval, actor, at, not_before or at)
    outcomes: dict[Origin, ChunkOutcome] = {}
    for _ in range(TRIES):
        left = [request for request in requests if request.origin not in outcomes]
        if not left:
            break
        try:
            outcomes |= _issue(job, left)
        except IntegrityError:
            log.info("another worker is at the same awards; looking again")
    return [outcomes.get(request.origin, ChunkOutcome(request.origin, None, BUSY)) for request in requests]


def _issue(job: _Job, requests: Sequence[AwardRequest]) -> dict[Origin, ChunkOutcome]:
    done = _issued_before(requests) | _unusable(requests)
    left = [request for request in requests if request.origin not in done]
    made = _reserve(job, left)
    reached(Step.RESERVED)
    outcomes = done | made.refused
    wanted = {request.origin: request for request in left}
    signed = sign_reservations(list(made.ids.values()), actor=job.actor, at=job.at)
    reached(Step.SIGNED)
    good = []
    for origin, result in zip(made.ids, signed, strict=True):
        if isinstance(result, SignedReservation):
            good.append(result)
        else:
            outcomes |= _given_up(job, origin, result)
    outcomes |= _finish(job, good, wanted, made.people)
    reached(Step.FINISHED)
    return outcomes


def _origin(row: Reservation) -> Origin:
    return row.origin_kind, row.origin_id


def _issued_before(requests: Sequence[AwardRequest]) -> dict[Origin, ChunkOutcome]:
    wanted = {request.origin for request in requests}
    rows = Award.objects.filter(
        origin_kind__in={kind for kind, _ in wanted}, origin_id__among=[origin_id for _, origin_id in wanted]
    ).exclude(state=Award.State.RESERVED)
    found = rows.values_list("origin_kind", "origin_id", "public_id")
    return {
        (kind, origin_id): ChunkOutcome((kind, origin_id), public_id, ISSUED)
        for kind, origin_id, public_id in found
        if (kind, origin_id) in wanted
    }


# ---- 1. reserve -----------------------------------------------------------------------------------------------


@dataclass
class _Reserved:
    """What waits for its signatures now: reservations by origin, recipients by key; what cannot be met."""

    people: Mapping[str, Known]
    ids: dict[Origin, UUID]
    refused: dict[Origin, ChunkOutcome]


def _reserve(job: _Job, requests: Sequence[AwardRequest]) -> _Reserved:
    """Reserve what is not reserved yet."""
    reached(Step.BEFORE_RESERVE)
    issuer = issuer_of(job.organization)
    open_before = reservations_waiting({one.origin for one in requests})
    fresh = [request for request in requests if request.origin not in open_before]
    status_set, indexes = indexes_take(issuer, len(fresh), at=job.at)
    slots = slots_of(issuer, status_set, at=job.at)
    reached(ChunkStep.INDEXES_TAKEN)
    with transaction.atomic(durable=True):
        people = recipients_take((one.listed for one in requests), organization=job.organization, at=job.at)
        refused = _unreachable(requests, people)
        given = [
            (request, index)
            for request, index in zip(fresh, indexes, strict=True)
            if request.origin not in refused
        ]
        intents, unshaped = _intents(job, slots, given, people)
        reserved = reserve_many(
            organization=job.organization,
            slots=slots,
            approval=job.approval,
            intents=intents,
            actor=job.actor,
            at=job.at,
        )
        reached(Step.INSIDE_RESERVE)
    refused |= {found.intent.origin: _refusal(found) for found in reserved.refused}
    still_met = {origin: public_id for origin, public_id in open_before.items() if origin not in refused}
    made = _Reserved(people, {**still_met, **reserved.ids}, refused)
    _reserve_each(job, unshaped, made)
    return made


def _unusable(requests: Iterable[AwardRequest]) -> dict[Origin, ChunkOutcome]:
    """Name the requests with texts that no database and no document holds."""
    return {
        request.origin: ChunkOutcome(request.origin, None, TEXT_UNUSABLE)
        for request in requests
        if not all(map(_is_storable, _texts(request)))
    }


def _texts(request: AwardRequest) -> tuple[tuple[str, int], ...]:
    return (
        (request.name, NAME_LONGEST),
        (request.email, EMAIL_LONGEST),
        (request.recipient_key, NAME_LONGEST),
        (request.narrative, NARRATIVE_LONGEST),
    )


def _is_storable(measured: tuple[str, int]) -> bool:
    text, longest = measured
    return len(text) <= longest and "\x00" not in text and not _SURROGATE.search(text)


def _unreachable(requests: Iterable[AwardRequest], people: Mapping[str, Known]) -> dict[Origin, ChunkOutcome]:
    found = {}
    for request in requests:
        known = people.get(request.listed.key)
        if known is None or not known.address:
            code = ERASED if known is None else NO_ADDRESS
            found[request.origin] = ChunkOutcome(request.origin, None, code)
    return found


def _refusal(found: Refused) -> ChunkOutcome:
    return ChunkOutcome(found.intent.origin, None, found.error.code)


def _intents(
    job: _Job, slots: Slots, given: Sequence[tuple[AwardRequest, int]], people: Mapping[str, Known]
) -> tuple[list[Intent], list[AwardRequest]]:
    """Fill the holes of every document; those whose form cannot be compiled are given apart."""
    shapes: dict[Form, DocumentShape | None] = {}
    intents: list[Intent] = []
    unshaped: list[AwardRequest] = []
    for request, index in given:
        person, award_id = people[request.listed.key], new_id()
        facts = _facts(request, person, award_id)
        form = Form.of(facts)
        if form not in shapes:
            shapes[form] = _shape(job, slots, form)
        shape = shapes[form]
        if shape is None:
            unshaped.append(request)
            continue
        values = slot_values(facts, frozen=slots.frozen(index))
        intents.append(Intent(request.origin, award_id, index, person.data_key_id, person.key, shape, values))
    return intents, unshaped


def _facts(request: AwardRequest, person: Known, award_id: UUID) -> DocumentFacts:
    return DocumentFacts(
        award_id=award_id,
        urn=person.urn,
        name=person.name,
        awarded_at=request.awarded_at,
        valid_from=request.valid_from,
        valid_until=request.valid_until,
        levels=request.levels,
        narrative=request.narrative.strip(),
    )


def _shape(job: _Job, slots: Slots, form: Form) -> DocumentShape | None:
    def render(frozen: Frozen) -> JsonObject:
        return award_document(job.version, form.specimen(), frozen=frozen)

    return shape_of(slots, pointers=form.slots(), render=render)


def _reserve_each(job: _Job, requests: Iterable[AwardRequest], made: _Reserved) -> None:
    """Reserve by the general path, one transaction each: for documents that no shape fits."""
    for request in requests:
        try:
            made.ids[request.origin] = _reserve_one(job, request, made.people[request.listed.key])
        except VcError as error:
            made.refused[request.origin] = ChunkOutcome(request.origin, None, error.code)


@transaction.atomic(durable=True)
def _reserve_one(job: _Job, request: AwardRequest, person: Known) -> UUID:
    award_id = new_id()

    def render(frozen: Frozen) -> JsonObject:
        return award_document(job.version, _facts(request, person, award_id), frozen=frozen)

    reservation = reserve(
        organization=job.organization,
        data_key=DataKey.objects.get(pk=person.data_key_id),
        origin=request.origin,
        award_public_id=award_id,
        document_number=1,
        approval=job.approval,
        render=render,
        actor=job.actor,
        at=job.at,
    )
    return reservation.public_id


# ---- 2. what was not signed -----------------------------------------------------------------------------------


def _given_up(job: _Job, origin: Origin, unsigned: Unsigned) -> dict[Origin, ChunkOutcome]:
    """Burn the slot of what will never be signed. After a retired key the next round reserves with the new."""
    outcome = {origin: ChunkOutcome(origin, None, unsigned.code)}
    if unsigned.code == ReservationNotOpen.code:
        return {}
    if unsigned.code not in {KeyRetired.code, ApprovalWithdrawn.code}:
        return outcome
    reservation_give_up(reservation_get(unsigned.reservation_id), reason=unsigned.code, actor=job.actor, at=job.at)
    return {} if unsigned.code == KeyRetired.code else outcome


# ---- 3. finish ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Made:
    """One award of the chunk, about to be stored."""

    pk: int
    request: AwardRequest
    person: Known
    signed: SignedReservation

    @property
    def award_id(self) -> UUID:
        return self.signed.reservation.award_public_id


@transaction.atomic(durable=True)
def _finish(
    job: _Job,
    signed: Sequence[SignedReservation],
    requests: Mapping[Origin, AwardRequest],
    people: Mapping[str, Known],
) -> dict[Origin, ChunkOutcome]:
    """Store what is still open; what another worker closed meanwhile is found on the next round."""
    still_open = reservations_lock({one.reservation.pk for one in signed})
    ours = [one for one in signed if one.reservation.pk in still_open]
    asked = [requests[_origin(one.reservation)] for one in ours]
    held = recipients_hold({key: people[key] for key in {request.listed.key for request in asked}})
    made = [
        _Made(pk, request, held[request.listed.key], one)
        for pk, request, one in zip(ids_take(Award, len(ours)), asked, ours, strict=True)
    ]
    bulk_insert(Award, AWARD_COLUMNS, [_award_row(job, one) for one in made])
    document_ids = ids_take(AwardDocument, len(made))
    bulk_insert(
        AwardDocument,
        DOCUMENT_COLUMNS,
        [
            document_row(pk, one.pk, one.signed, key=one.person.key, at=job.at)
            for pk, one in zip(document_ids, made, strict=True)
        ],
    )
    reservations_finish([one.signed.reservation for one in made])
    _audit_issued(job, made)
    messages_queue_many([_letter(job, one) for one in made], at=job.at)
    reached(Step.INSIDE_FINISH)
    return {one.request.origin: ChunkOutcome(one.request.origin, one.award_id, ISSUED) for one in made}


def _award_row(job: _Job, one: _Made) -> tuple[object, ...]:
    token = claim_token(award_id=one.award_id, recipient_id=one.person.public_id, serial=1)
    request = one.request
    return (
        one.pk, one.award_id, job.organization.pk, job.version.pk, job.version.content_hash, one.person.pk,
        one.person.person_id, *request.origin, Award.State.ISSUED.value, Award.Visibility.PRIVATE.value, {},
        request.awarded_at, request.valid_from, request.valid_until, one.signed.reservation.created_at, job.at,
        None, 1, token_hash(token), job.at + CLAIM_VALIDITY,
    )  # fmt: skip


def _audit_issued(job: _Job, made: Sequence[_Made]) -> None:
    audit_record_many(
        actor=job.actor,
        at=job.at,
        action="award.issued",
        organization_id=job.organization.public_id,
        entries=[
            Entry(
                ("award", one.award_id),
                old={"state": "reserved"},
                new={"state": "issued", "document": 1, "reservation": str(one.signed.reservation.public_id)},
            )
            for one in made
        ],
    )


def _letter(job: _Job, one: _Made) -> Letter:
    return Letter(
        kind="award-issued",
        key=f"award:{one.award_id}:issued:1",
        recipient=one.person.address,
        language=one.person.language,
        context={
            "badge": job.version.content["name"],
            "organization": job.organization.name,
            "name": one.person.name,
            "award_path": f"/awards/{one.award_id}",
            "days": CLAIM_VALIDITY.days,
        },
        late={"claim_path": [CLAIM_PATH, str(one.award_id)]},
        data_key_id=one.person.data_key_id,
        key_open=one.person.key,
        not_before=job.not_before,
        organization_id=job.organization.public_id,
    )

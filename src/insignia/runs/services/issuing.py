"""The rows of one chunk: judged again at the last moment, then handed to the write path of awards."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import InterfaceError, OperationalError

from insignia.awards.rules import EXAM_RESULT, OVERRIDE, RUN_ROW, expiry
from insignia.awards.services import (
    AwardRequest,
    ChunkOutcome,
    awards_issue_chunk,
    origins_settle,
    recipients_of_people,
)
from insignia.foundation.errors import InsigniaError
from insignia.runs.judging import Judged, RawRow, rows_judged_again
from insignia.runs.models import Run, RunChunk, RunRow
from insignia.runs.rules import DUE, Reading

if TYPE_CHECKING:
    from insignia.audit.actor import Actor

log = logging.getLogger(__name__)
ISSUED, WITHDRAWN = "issued", "approval-withdrawn"
COME_AGAIN = frozenset(
    {"busy", "key-not-held", "key-retired", "reservation-not-open", "signer-limit-reached", "signer-unavailable"}
)
"""What an award waits for that passes by itself."""
UNEXPECTED = "unexpected"
NOT_THE_ROWS_FAULT = (InsigniaError, OperationalError, InterfaceError, OSError, MemoryError)
"""What says nothing about the row at hand: the signer, the database, the disk or the machine gave way."""
CODE_LONGEST = 40
KINDS = (RUN_ROW, EXAM_RESULT, OVERRIDE)


@dataclass(frozen=True)
class Outcome:
    """What is written about one row."""

    row_pk: int
    outcome: str
    code: str = ""
    award_id: UUID | None = None


def chunk_issued(
    run: Run, chunk: RunChunk, *, actor: Actor, at: datetime, one_by_one: bool = False
) -> list[Outcome]:
    """Issue what is due in a chunk. `one_by_one` is for a chunk that fell over before: it finds the row at fault.

    Raises:
        Unavailable: the issuer cannot sign now; the rows stay as they are.
    """
    judged = rows_judged_again(run, _rows(chunk), at=at)
    due = [one for one in judged if one.finding.row_class in DUE]
    late = _late([one for one in judged if one.finding.row_class not in DUE], actor=actor, at=at)
    recipients_of_people(
        {one.person_id for one in due if one.person_id is not None and one.person_key.startswith("person:")},
        organization=run.organization,
    )
    if not one_by_one:
        return late + _issued(run, due, actor=actor, at=at)
    return late + [outcome for one in due for outcome in _issued_alone(run, one, actor=actor, at=at)]


def _late(judged: Sequence[Judged], *, actor: Actor, at: datetime) -> list[Outcome]:
    """Close rows that are not due any more: what a dead worker left reserved for one is given up with it."""
    if not judged:
        return []
    made = origins_settle(kinds=KINDS, origin_ids=[one.row.public_id for one in judged], actor=actor, at=at)
    return [
        Outcome(one.row.pk, RunRow.Outcome.ISSUED, "", made[one.row.public_id])
        if one.row.public_id in made
        else _refused(one.row.pk, one.finding.code)
        for one in judged
    ]


def _rows(chunk: RunChunk) -> list[RawRow]:
    rows = RunRow.objects.filter(
        run_id=chunk.run_id, number__range=(chunk.first, chunk.last), outcome=RunRow.Outcome.PENDING
    )
    found = rows.order_by("number").values_list("pk", "public_id", "number", "values", "person_key")
    return [RawRow(*row) for row in found]


def _issued_alone(run: Run, one: Judged, *, actor: Actor, at: datetime) -> list[Outcome]:
    try:
        return _issued(run, [one], actor=actor, at=at)
    except NOT_THE_ROWS_FAULT:
        raise
    except Exception:
        log.exception("row %s of run %s cannot be issued", one.row.number, run.public_id)
        # it may have fallen over after the award was there
        settled = origins_settle(kinds=KINDS, origin_ids=[one.row.public_id], actor=actor, at=at)
        return [_fallen(one.row, settled.get(one.row.public_id))]


def _fallen(row: RawRow, award_id: UUID | None) -> Outcome:
    if award_id is not None:
        return Outcome(row.pk, RunRow.Outcome.ISSUED, "", award_id)
    return _refused(row.pk, UNEXPECTED)


def _issued(run: Run, due: Sequence[Judged], *, actor: Actor, at: datetime) -> list[Outcome]:
    if not due or run.approval is None:
        return []
    requests = [_request(run, one) for one in due]
    outcomes = awards_issue_chunk(
        version=run.version,
        organization=run.organization,
        approval=run.approval,
        requests=requests,
        actor=actor,
        at=at,
        not_before=max(at, run.undo_until or at),
    )
    by_origin = {outcome.origin[1]: outcome for outcome in outcomes}
    return [_outcome(one, by_origin[one.row.public_id]) for one in due]


def _outcome(one: Judged, found: ChunkOutcome) -> Outcome:
    if found.code == ISSUED:
        return Outcome(one.row.pk, RunRow.Outcome.ISSUED, one.finding.code, found.award_id)
    if found.code in COME_AGAIN:
        return Outcome(one.row.pk, RunRow.Outcome.PENDING)
    if found.code == WITHDRAWN:
        return Outcome(one.row.pk, RunRow.Outcome.CANCELLED, WITHDRAWN)
    return _refused(one.row.pk, found.code)


def _refused(row_pk: int, code: str) -> Outcome:
    return Outcome(row_pk, RunRow.Outcome.REFUSED, code[:CODE_LONGEST])


def _request(run: Run, one: Judged) -> AwardRequest:
    if one.reading is None or run.started_at is None:  # a due row was read, and a running run was started
        raise ValueError("only a readable row of a started run can be issued")
    return award_request(run, one.reading, row_id=one.row.public_id, known_as=one.person_key, start=run.started_at)


def award_request(run: Run, reading: Reading, *, row_id: UUID, known_as: str, start: datetime) -> AwardRequest:
    """Write what is asked of awards for one row; `start` is when the run was started, the same for all of them."""
    zone = run.organization.time_zone
    return AwardRequest(
        origin=(origin_kind(run, reading), row_id),
        name=reading.name,
        email=reading.email,
        language=reading.language,
        recipient_key="",
        known_as=known_as,
        awarded_at=_noon(reading.awarded_on, zone) if reading.awarded_on else start,
        valid_from=start,
        valid_until=_until(run, reading, start),
        narrative=reading.narrative,
    )


def origin_kind(run: Run, reading: Reading) -> str:
    """Say what an award of this row follows from: an exam, a reasoned exception, or the registrar's run."""
    if reading.exam is not None and (reading.exam.proctored or not run.override_reason):
        return EXAM_RESULT
    return OVERRIDE if run.override_reason and run.version.credential_class == "application" else RUN_ROW


def _until(run: Run, reading: Reading, start: datetime) -> datetime | None:
    zone = run.organization.time_zone
    if reading.expires_on is not None:
        return datetime.combine(reading.expires_on, time(23, 59, 59), ZoneInfo(zone)).astimezone(UTC)
    return expiry(start, months=run.version.content.get("validity_months"), time_zone=zone)


def _noon(day: date, zone: str) -> datetime:
    """Give the middle of a day where the organization is: the same day nearly everywhere."""
    return datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)


def chunk_settled(chunk: RunChunk, *, actor: Actor, at: datetime) -> list[Outcome]:
    """Close the rows of a stopped run: what is signed stays so, what a dead worker left reserved is given up."""
    rows = _rows(chunk)
    settled = origins_settle(kinds=KINDS, origin_ids=[row.public_id for row in rows], actor=actor, at=at)
    return [_stopped(row, settled.get(row.public_id)) for row in rows]


def _stopped(row: RawRow, award_id: UUID | None) -> Outcome:
    if award_id is not None:
        return Outcome(row.pk, RunRow.Outcome.ISSUED, "", award_id)
    return Outcome(row.pk, RunRow.Outcome.CANCELLED)

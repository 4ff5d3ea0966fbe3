"""Making a run from a table: its rows go into the database as they come, and nothing is judged yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction

from insignia.foundation.bulk import bulk_insert
from insignia.foundation.ids import new_id
from insignia.foundation.planner import statistics_refresh
from insignia.organizations.selectors import members_in_group
from insignia.runs.errors import BadgeNotAwardable, GroupUnknown, RowKeyTwice, RunKeyTaken, TableEmpty
from insignia.runs.mapping import (
    PERSON_FIELD,
    SAMPLE_ROWS,
    ColumnMapping,
    columns_hash,
    mapping_carried_over,
    mapping_checked,
    mapping_guess,
)
from insignia.runs.models import RememberedMapping, Run, RunRow
from insignia.runs.services.recording import registrar_require, run_audit, run_locked
from insignia.runs.table import SourceRow, cells_checked, columns_named, count_checked, storable

if TYPE_CHECKING:
    from insignia.achievements.models import AchievementVersion
    from insignia.audit.actor import Actor
    from insignia.organizations.models import Organization

ROW_COLUMNS = (
    "public_id", "run_id", "number", "key", "values", "person_key", "row_class", "code", "data", "outcome",
    "award_id",
)  # fmt: skip
PENDING = RunRow.Outcome.PENDING.value
MANY = 10_000
"""From so many rows on, what the planner knew of the table is no use any more."""

Rows = Iterable[SourceRow | Mapping[str, str]]


@transaction.atomic
def run_create(
    *,
    organization: Organization,
    version: AchievementVersion,
    key: str,
    source: str,
    rows: Rows,
    actor: Actor,
    at: datetime,
    mapping: ColumnMapping | None = None,
    columns: Iterable[str] = (),
    name: str = "",
) -> Run:
    """Make a run of these rows, or give the one that has this key and the same rows.

    The rows are walked once and never held; where something is wrong with one, nothing is kept. Without `mapping`
    the one remembered for such a table is taken, or a guess. Plain mappings are numbered from 1.

    Raises:
        NotFound, NotAllowed: only the organization's registrars and owners can.
        BadgeNotAwardable: the badge is a draft, or retired.
        RunKeyTaken: another run has this key, for another badge, other rows, or a table of another kind.
        MappingUnusable: the mapping does not fit the table.
        RowKeyTwice: two rows have the same key.
        TableEmpty, TableTooLarge, CellTooLong, and what else the reader of the rows raises.
    """
    person = registrar_require(actor, organization)
    _awardable_require(version, organization)
    stream = _clean(rows)
    sample = list(islice(stream, SAMPLE_ROWS))
    if not sample:
        raise TableEmpty("There is no row in it.")
    named = tuple(columns) or columns_named(list(dict.fromkeys(chain.from_iterable(row.values for row in sample))))
    run = Run(
        organization=organization,
        version=version,
        key=key,
        source=source,
        name=storable(name)[:200],
        columns=list(named),
        mapping=_mapping(organization, named, sample, mapping, source).to_json(),
        created_at=at,
        created_by=person,
    )
    if not _inserted(run):
        return _same(run, chain(sample, stream))
    digest = _Digest()
    run.total = _kept(run, digest.over(chain(sample, stream)))
    run.rows_sha256 = digest.value
    run.save(update_fields=["total", "rows_sha256"])
    run_audit(run, "run.created", actor=actor, at=at, new={"rows": run.total, "version": str(version.public_id)})
    return run


def run_from_group(
    *, organization: Organization, version: AchievementVersion, key: str, group: str, actor: Actor, at: datetime
) -> Run:
    """Make a run of everybody in one class or cohort.

    Raises:
        NotFound, NotAllowed, BadgeNotAwardable, RunKeyTaken: as for `run_create`.
        GroupUnknown: nobody belongs to it.
    """
    registrar_require(actor, organization)
    members = members_in_group(organization=organization, group=group)
    if not members:
        raise GroupUnknown("Nobody belongs to this class now.")
    rows = [
        SourceRow(
            number,
            {
                PERSON_FIELD: str(member.person.public_id),
                "name": member.enrolled_name,
                "number": member.enrolled_number,
            },
        )
        for number, member in enumerate(members, start=1)
    ]
    columns = (PERSON_FIELD, "name", "number")
    return run_create(
        organization=organization,
        version=version,
        key=key,
        source=Run.Source.GROUP,
        rows=rows,
        actor=actor,
        at=at,
        mapping=ColumnMapping({column: column for column in columns}),
        columns=columns,
        name=group,
    )


@transaction.atomic
def run_map(*, run_id: UUID, mapping: ColumnMapping, actor: Actor, at: datetime) -> Run:
    """Say which column means what; remembered for the next table with these headings.

    An exception from assessment was meant for the people of the columns as they were: it ends, and the record
    keeps that.

    Raises:
        NotFound, NotAllowed: only the organization's registrars and owners can.
        RunStateWrong: the run was started.
        MappingUnusable: the mapping does not fit the table.
    """
    run, _person = run_locked(run_id, "map", actor=actor)
    old, run.state = run.state, Run.State.DRAFT
    run.mapping = mapping_checked(mapping, run.columns).to_json()
    ended, run.override_reason = run.override_reason, ""
    run.counts = {}
    run.save(update_fields=["state", "mapping", "override_reason", "counts"])
    RememberedMapping.objects.update_or_create(
        organization=run.organization,
        columns_hash=columns_hash(run.columns, exams=run.source == Run.Source.EXAMS),
        defaults={"mapping": run.mapping, "used_at": at},
    )
    run_audit(run, "run.mapped", actor=actor, at=at, old=old, new={"exception_ended": ended} if ended else None)
    return run


def _awardable_require(version: AchievementVersion, organization: Organization) -> None:
    if version.state != version.State.PUBLISHED or version.organization_id != organization.pk:
        raise BadgeNotAwardable("This badge is not given to anybody now. Publish it first.")


def _mapping(
    organization: Organization,
    columns: tuple[str, ...],
    sample: list[SourceRow],
    given: ColumnMapping | None,
    source: str,
) -> ColumnMapping:
    if given is not None:
        return mapping_checked(given, columns)
    exams = source == Run.Source.EXAMS
    remembered = _remembered(organization, columns, exams=exams)
    if remembered is not None:
        return remembered
    values = [row.values for row in sample]
    guess = mapping_guess(columns, values, exams=exams, country=organization.country)
    other = _remembered(organization, columns, exams=not exams)
    return mapping_carried_over(other, guess) if other is not None else guess


def _remembered(organization: Organization, columns: tuple[str, ...], *, exams: bool) -> ColumnMapping | None:
    found = RememberedMapping.objects.filter(
        organization=organization, columns_hash=columns_hash(columns, exams=exams)
    ).first()
    if found is None or not set(found.mapping["columns"].values()) <= set(columns):
        return None
    return ColumnMapping.from_json(found.mapping)


def _inserted(run: Run) -> bool:
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _kept(run: Run, rows: Iterator[SourceRow]) -> int:
    try:
        with transaction.atomic():
            count = bulk_insert(RunRow, ROW_COLUMNS, _stored(run.pk, rows))
    except IntegrityError as error:
        raise RowKeyTwice("Two rows have the same key. Each row has a key of its own, or none.") from error
    if count >= MANY:
        transaction.on_commit(partial(statistics_refresh, RunRow), robust=True)
    return count


def _same(fresh: Run, rows: Iterator[SourceRow]) -> Run:
    """Give the run that has the key already, if it is the same; its rows as results of an exam are another."""
    found = Run.objects.select_related("organization", "version__achievement").get(
        organization=fresh.organization, key=fresh.key
    )
    digest = _Digest()
    for _row in digest.over(rows):
        pass
    same = (found.rows_sha256, found.version_id, found.source) == (digest.value, fresh.version_id, fresh.source)
    if not same:
        raise RunKeyTaken("Another run has this key: for another badge, other rows, or a table of another kind.")
    return found


class _Digest:
    """A hash of the rows that pass, so that the same table is known again."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def over(self, rows: Iterable[SourceRow]) -> Iterator[SourceRow]:
        for row in rows:
            line = json.dumps([row.number, row.key, row.values], ensure_ascii=False, separators=(",", ":"))
            self._hash.update(line.encode() + b"\n")
            yield row

    @property
    def value(self) -> str:
        return self._hash.hexdigest()


def _clean(rows: Rows) -> Iterator[SourceRow]:
    """Number what has no number, and replace what no database holds by the sign for a lost letter."""
    for place, row in enumerate(rows, start=1):
        count_checked(place)
        found = row if isinstance(row, SourceRow) else SourceRow(place, row)
        cells_checked(found.number, found.values.values())
        values = {storable(name): storable(cell) for name, cell in found.values.items()}
        yield SourceRow(found.number, values, storable(found.key)[:200])


def _stored(run_pk: int, rows: Iterable[SourceRow]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        yield (new_id(), run_pk, row.number, row.key, row.values, "", "", "", {}, PENDING, None)

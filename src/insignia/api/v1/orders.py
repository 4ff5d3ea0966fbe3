"""What is to be awarded, from either kind of body: the badge, and rows whose members have fixed names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal
from uuid import UUID

import pydantic
from django.http import HttpRequest
from ninja import Field
from ninja.errors import ValidationError

from insignia.achievements.errors import AchievementNotFound
from insignia.achievements.selectors import version_by_id
from insignia.api.errors import BatchTooLarge, RowUnknown
from insignia.api.reading import body_read
from insignia.api.v1.schemas import SEEN, In
from insignia.runs.mapping import FIELDS, ColumnMapping
from insignia.runs.readers import stream_read
from insignia.runs.table import SourceRow

if TYPE_CHECKING:
    from insignia.achievements.models import AchievementVersion
    from insignia.organizations.models import Organization

NDJSON = "application/x-ndjson"
INLINE_MOST = 1000
MAPPING = ColumnMapping({name: name for name in FIELDS})
Kind = Literal["people", "exams"]
SOURCES: dict[Kind, str] = {"people": "api", "exams": "exams"}


class RowIn(In):
    """One person. What is wrong in a row, the dry run says of it; the other rows go on."""

    row_key: str = Field("", max_length=200, pattern=f"^{SEEN}*$", description="Your own name for the row.")
    email: str = Field("", max_length=1000, pattern=f"^{SEEN}*$", description="Who gets the badge.")
    name: str = Field("", max_length=1000, pattern=f"^{SEEN}*$")
    first_name: str = Field("", max_length=1000, pattern=f"^{SEEN}*$")
    last_name: str = Field("", max_length=1000, pattern=f"^{SEEN}*$")
    number: str = Field("", max_length=1000, pattern=f"^{SEEN}*$", description="The number at your school.")
    language: str = Field("", max_length=100, pattern=f"^{SEEN}*$", description="Of the mail: en or es.")
    awarded_on: str = Field("", max_length=100, pattern=f"^{SEEN}*$", description="YYYY-MM-DD")
    expires_on: str = Field("", max_length=100, pattern=f"^{SEEN}*$", description="YYYY-MM-DD")
    narrative: str = Field("", max_length=32_768, pattern=f"^{SEEN}*$", description="What the person did.")
    exam: str = Field("", max_length=1000, pattern=f"^{SEEN}*$", description="For exams: its name.")
    score: str = Field("", max_length=1000, pattern=f"^{SEEN}*$", description="For exams.")
    passed: bool | None = Field(None, description="For exams.")
    proctored: bool | None = Field(None, description="For exams: was it supervised?")


class BatchIn(In):
    """One badge for up to 1,000 people."""

    badge: UUID = Field(description="The id of the version to award; GET /badges lists them.")
    name: str = Field("", max_length=200, pattern=f"^{SEEN}*$", description="How the batch is called on pages.")
    kind: Kind = Field("people", description="exams: each row is the result of an exam.")
    rows: list[RowIn] = Field(min_length=1, max_length=INLINE_MOST)


BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/BatchIn"}},
        NDJSON: {
            "schema": {"type": "string", "description": "Lines of JSON, each one row as RowIn; LF ends a line."}
        },
    },
}


@dataclass(frozen=True)
class Order:
    """The badge, the rows and how they are meant."""

    badge: UUID
    rows: Iterable[SourceRow]
    name: str
    source: str
    mapping: ColumnMapping = MAPPING
    columns: tuple[str, ...] = FIELDS

    def version_for(self, organization: Organization) -> AchievementVersion:
        """Give the version that is to be awarded.

        Raises:
            AchievementNotFound: the organization has none of this id.
        """
        version = version_by_id(self.badge)
        if version.organization_id != organization.pk:
            raise AchievementNotFound("Your organization has no badge with this id.")
        return version


def order_of_rows(request: HttpRequest) -> Order:
    """Read a JSON body.

    Raises:
        BodyTooLarge, BodyUnreadable: it cannot be read.
        BatchTooLarge: more than 1,000 rows.
        ValidationError: it is not of this shape.
    """
    body = body_read(request)
    if isinstance(body, dict) and isinstance(body.get("rows"), list) and len(body["rows"]) > INLINE_MOST:
        raise BatchTooLarge(f"Up to {INLINE_MOST:,} rows fit into one JSON body. Send more as {NDJSON}.")
    try:
        batch = BatchIn.model_validate(body)
    except pydantic.ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise ValidationError([{**one, "loc": ("body", "", *one["loc"])} for one in found]) from error
    rows = [SourceRow(number, _values(row), row.row_key) for number, row in enumerate(batch.rows, start=1)]
    return Order(batch.badge, rows, batch.name, SOURCES[batch.kind])


def _values(row: RowIn) -> dict[str, str]:
    given = row.model_dump(exclude_unset=True, exclude={"row_key"}, exclude_none=True)
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in given.items()}


def order_of_lines(stream: BinaryIO, *, badge: UUID | None, name: str, kind: Kind) -> Order:
    """Read lines of JSON; each is looked at when the rows are walked.

    Raises:
        ValidationError: the address names no badge.
        TableEmpty, LineTooLong, LineUnreadable, RowUnknown: at once, or while the rows are walked.
    """
    if badge is None:
        raise ValidationError([{"loc": ("query", "badge"), "msg": "Name the version to award: ?badge=..."}])
    return Order(badge, _known(stream_read(stream).rows), name, SOURCES[kind])


def _known(rows: Iterable[SourceRow]) -> Iterator[SourceRow]:
    names = frozenset(FIELDS)
    for row in rows:
        if unknown := row.values.keys() - names:
            raise RowUnknown(f"Line {row.number} has a member that no row has: {min(unknown)[:60]}.")
        yield row

"""What is to be awarded, from either kind of body: the badge, and rows whose members have fixed names."""

from __future__ import annotations

from collections.abc import Iterator
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
from insignia.runs.readers import stream_rows
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
    """Up to 1,000 people; more come as lines."""

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


def version_for(badge: UUID, organization: Organization) -> AchievementVersion:
    """Give the version that is to be awarded.

    Raises:
        AchievementNotFound: the organization has none of this id.
    """
    version = version_by_id(badge)
    if version.organization_id != organization.pk:
        raise AchievementNotFound("Your organization has no badge with this id.")
    return version


def rows_of_body(request: HttpRequest) -> list[SourceRow]:
    """Read the rows of a JSON body.

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
    return [SourceRow(number, _values(row), row.row_key) for number, row in enumerate(batch.rows, start=1)]


def _values(row: RowIn) -> dict[str, str]:
    given = row.model_dump(exclude_unset=True, exclude={"row_key"}, exclude_none=True)
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in given.items()}


def rows_of_lines(stream: BinaryIO) -> Iterator[SourceRow]:
    """Read lines of JSON as they are walked.

    Raises:
        TableEmpty, LineTooLong, LineUnreadable: a line cannot be read, or there is none.
        RowUnknown: a line has a member that no row has.
    """
    names = frozenset(FIELDS)
    for row in stream_rows(stream):
        if unknown := row.values.keys() - names:
            raise RowUnknown(f"Line {row.number} has a member that no row has: {min(unknown)[:60]}.")
        yield row

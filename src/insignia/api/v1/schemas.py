"""What more than one noun of the API takes or gives."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Schema
from pydantic import ConfigDict

from insignia.foundation.localized import Localized

LIMIT = 100
LIMIT_MOST = 1000

Limit = Annotated[int, Query(ge=1, le=LIMIT_MOST, description="How many at most.")]
After = Annotated[UUID | None, Query(description="The cursor: the id of the last one you have.")]


SEEN = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
"""A character that any database keeps: no control, but tab and line ends."""
WORDED = rf"^{SEEN}*[^\s\x00-\x1f\x7f\x85\ufeff]{SEEN}*$"
"""A text of such characters that says something: what is blank to some languages only is blank here."""


class In(Schema):
    """What comes in: a member that nobody knows is an error, not a wish that goes unheard."""

    model_config = ConfigDict(extra="forbid")


class ProblemPart(Schema):
    """One part of the request and what is wrong with it."""

    detail: str
    pointer: str | None = Field(None, description="A JSON pointer into the body, as a fragment: #/reason")
    parameter: str | None = Field(None, description="The name of a parameter of the address.")


class Problem(Schema):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="The address of the page that explains the code.")
    title: str
    status: int
    code: str = Field(description="Stable: programs compare this, people read the rest.")
    detail: str | None = None
    errors: list[ProblemPart] | None = None


READING = frozenset({400, 401, 403, 404, 422, 429, 503})
WRITING = READING | {409, 413, 415}


def answers(status: int, schema: type[Any], *, writes: bool = False) -> dict[int | frozenset[int], type[Any]]:
    """Declare what an operation answers: its own schema, and the problems that reading or writing can meet."""
    return {status: schema, (WRITING if writes else READING): Problem}


class Page(Schema):
    """Where the next ones are."""

    next: str | None = Field(description="The address of the next page; null on the last one.")


class Words(Schema):
    """One text in the languages it was written in."""

    model_config = ConfigDict(extra="allow")

    en: str | None = None
    es: str | None = None


def words(text: Localized) -> dict[str, str]:
    """Give a text in the languages it has."""
    return {code: value for code, value in text.items() if value}

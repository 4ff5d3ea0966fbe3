"""Paging by cursor: the last id of a page leads to the next one, and nothing that happens meanwhile shifts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.http import HttpRequest
from ninja.errors import ValidationError

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from insignia.foundation.models import Thing

Row = TypeVar("Row", bound="Thing")


def parameters_require(request: HttpRequest, *known: str) -> None:
    """Refuse parameters that nobody knows: a misspelt filter would give everything, and nobody would notice.

    Raises:
        ValidationError: one is unknown.
    """
    message = f"There is no such parameter; known are {', '.join(known)}."
    if unknown := [name for name in request.GET if name not in known]:
        raise ValidationError([{"loc": ("query", name), "msg": message} for name in unknown])


def newest_first(rows: QuerySet[Row], *, after: UUID | None, limit: int) -> tuple[list[Row], UUID | None]:
    """Give one page in the order of the ids, which is that of time (UUIDv7), and the cursor of the next page."""
    if after is not None:
        rows = rows.filter(public_id__lt=after)
    found = list(rows.order_by("-public_id")[: limit + 1])
    page = found[:limit]
    return page, page[-1].public_id if len(found) > limit else None


def next_address(request: HttpRequest, after: object | None) -> str | None:
    """Give the address of the next page: this one with another cursor."""
    if after is None:
        return None
    query = request.GET.copy()
    query["after"] = str(after)
    return f"{request.path}?{query.urlencode()}"

"""Compiled shapes as this process holds them ready."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from insignia.issuing.models import DocumentShape
from insignia.vc.issue import CredentialShape

if TYPE_CHECKING:
    from collections.abc import Iterable

SHAPES_KEPT = 64
"""How many a process holds ready; each takes some 100 kB."""


def shape_opened(shape: DocumentShape) -> CredentialShape:
    """Open a stored shape; a process opens each once."""
    return _opened(shape.public_id)


@lru_cache(maxsize=SHAPES_KEPT)
def _opened(public_id: UUID) -> CredentialShape:
    compiled = DocumentShape.objects.values_list("compiled", flat=True).get(public_id=public_id)
    return CredentialShape.from_stored(bytes(compiled))


def shapes_named(ids: Iterable[int]) -> dict[int, DocumentShape]:
    """Load many shapes without what is compiled, by their numbers."""
    return DocumentShape.objects.defer("compiled").in_bulk(ids)

"""Compiled shapes as this process holds them ready."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from insignia.issuing.models import DocumentShape
from insignia.vc.issue import CredentialShape

SHAPES_KEPT = 64
"""How many a process holds ready; each takes some 100 kB."""


def shape_opened(shape: DocumentShape) -> CredentialShape:
    """Open a stored shape; a process opens each once."""
    return _opened(shape.public_id)


@lru_cache(maxsize=SHAPES_KEPT)
def _opened(public_id: UUID) -> CredentialShape:
    compiled = DocumentShape.objects.values_list("compiled", flat=True).get(public_id=public_id)
    return CredentialShape.from_stored(bytes(compiled))

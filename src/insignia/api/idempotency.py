"""A request with a key happens once: key, effect and answer are committed together, or not at all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from insignia.api.errors import IdempotencyKeyReused, IdempotencyKeyUnusable
from insignia.api.models import IdempotencyKey

if TYPE_CHECKING:
    from insignia.organizations.models import Organization

HEADER = "Idempotency-Key"
FORM = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True)
class Answer:
    """What a request was answered: ids and states, never anything personal."""

    status: int
    body: dict[str, Any]
    location: str = ""
    is_repeated: bool = field(default=False, compare=False)


class _KeyTaken(Exception):
    """Somebody committed this key first; our own attempt is rolled back."""


def key_of(request: HttpRequest, *, required: bool = False) -> str:
    """Read the key of a request; empty where there is none and none is needed.

    Raises:
        IdempotencyKeyUnusable: missing, empty, longer than 128, or not printable ASCII without spaces.
    """
    key = request.headers.get(HEADER)
    if key is None and not required:
        return ""
    if key is None or not FORM.fullmatch(key):
        text = (
            f"Send a header {HEADER} of 1 to 128 printable ASCII characters without spaces, new for each request."
        )
        raise IdempotencyKeyUnusable(text)
    return key


def request_hash(request: HttpRequest, body: bytes = b"", *, body_hash: str = "") -> str:
    """Hash what a request asks for: method, address, kind of body and body (SHA-256, hex)."""
    parts = [request.method or "", request.get_full_path(), request.content_type or ""]
    parts.append(body_hash or hashlib.sha256(body).hexdigest())
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def answered_once(
    *, organization: Organization, key: str, request_hash: str, at: datetime, act: Callable[[], Answer]
) -> Answer:
    """Act and remember the answer, or give the answer that this key had before.

    The same request twice at the same instant: the second one waits for the first one's commit. An error of `act`
    rolls everything back, so the key stays free. Without a key: simply act.

    Raises:
        IdempotencyKeyReused: the key came with another request before.
    """
    if not key:
        return act()
    if kept := _kept(organization, key, request_hash):
        return kept
    try:
        with transaction.atomic():
            row = _taken(organization, key, request_hash, at)
            answer = act()
            row.status, row.answer, row.location = answer.status, answer.body, answer.location
            row.save(update_fields=["status", "answer", "location"])
            return answer
    except _KeyTaken:
        kept = _kept(organization, key, request_hash)
        assert kept is not None  # noqa: S101  - rows of this table are never deleted
        return kept


def _taken(organization: Organization, key: str, request_hash: str, at: datetime) -> IdempotencyKey:
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(
                organization_id=organization.public_id,
                key=key,
                request_hash=request_hash,
                status=0,
                answer={},
                at=at,
            )
    except IntegrityError as error:
        raise _KeyTaken from error


def _kept(organization: Organization, key: str, request_hash: str) -> Answer | None:
    row = IdempotencyKey.objects.filter(organization_id=organization.public_id, key=key).first()
    if row is None:
        return None
    if row.request_hash != request_hash:
        raise IdempotencyKeyReused("This Idempotency-Key came with another request before. Use a new one.")
    return Answer(row.status, row.answer, row.location, is_repeated=True)

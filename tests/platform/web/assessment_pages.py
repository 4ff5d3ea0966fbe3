"""A browser without script, and what it would send to the pages of a work."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.test import Client
from PIL import Image

from insignia.accounts.models import Person
from insignia.assessment.models import Assignment, Rating, Submission
from insignia.assessment.services import (
    queue_lease,
)
from tests.platform.assessment.world import BAR, World

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

HTMX = {"HX-Request": "true"}


def browser(person: Person | None = None, *, csrf: bool = False) -> Client:
    client = Client(enforce_csrf_checks=csrf)
    if person is not None:
        client.force_login(person)
    return client


def text_of(response: Answer) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def leased(
    world: World, work: Submission, assessor: Person | None = None, *, ago: timedelta = timedelta()
) -> Assignment:
    return queue_lease(submission_id=work.public_id, assessor=assessor or world.samuel, at=datetime.now(UTC) - ago)


def rating_form(assignment: Assignment, **more: str) -> dict[str, str]:
    """Fill in what the page would send: every criterion at its bar."""
    version = Rating.objects.get(assignment=assignment).lock_version
    levels = {f"level-{name}": f"{name}{BAR}" for name in ("claim", "uncertainty", "audience", "sources")}
    return {"version": str(version), "feedback": "", **levels, **more}


def picture() -> bytes:
    raw = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(raw, "PNG")
    return raw.getvalue()

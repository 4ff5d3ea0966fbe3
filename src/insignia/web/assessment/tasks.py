"""What waits for a person on the start page: work that came back, then the queue, then drafts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from insignia.assessment.selectors import my_work, queue_for
from insignia.foundation.localized import localized_pick
from insignia.web.assessment.words import STATES
from insignia.web.home.tasks import Task

if TYPE_CHECKING:
    from insignia.accounts.models import Person

ORDER = ("returned", "almost", "not_yet", "draft")


def waiting(person: Person) -> Sequence[Task]:
    """List own work to take up again, most urgent first, with the queue before the drafts."""
    rows = sorted(
        (row for row in my_work(viewer=person) if row.state in ORDER), key=lambda row: ORDER.index(row.state)
    )
    own = [
        Task(
            address=reverse("work", args=[row.submission.public_id]),
            title=localized_pick(row.name, get_language() or "en"),
            sentence=str(STATES[row.state][2]),
            status=STATES[row.state][0],
        )
        for row in rows
    ]
    first = sum(row.state != "draft" for row in rows)
    return [*own[:first], *_queue(person), *own[first:]]


def _queue(person: Person) -> list[Task]:
    found = queue_for(assessor=person, at=datetime.now(UTC))
    if not found:
        return []
    words = ngettext(
        "%(number)s work waits for an assessor.", "%(number)s works wait for an assessor.", len(found)
    )
    return [Task(reverse("queue"), _("Judge next"), words % {"number": len(found)}, "waiting")]

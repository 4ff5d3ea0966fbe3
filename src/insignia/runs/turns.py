"""Whose turn it is: runs of one badge go one after the other, so that the second sees what the first gave."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from insignia.runs.models import Run, RunChunk

if TYPE_CHECKING:
    from insignia.achievements.models import Achievement
    from insignia.organizations.models import Organization

LEASE = timedelta(minutes=3)
"""How long a worker holds a chunk; one that died holds it so long too."""
NO_LEASE = 2 * LEASE
"""Nobody takes a chunk for so long: where a lease ends later, the clock was set back since."""


def is_free(at: datetime) -> Q:
    """Say of chunks whether nobody holds them."""
    return Q(leased_until__isnull=True) | Q(leased_until__lt=at) | Q(leased_until__gt=at + NO_LEASE)


def runs_ahead(
    of: int | OuterRef, *, organization: Organization | OuterRef, achievement: Achievement | OuterRef, at: datetime
) -> QuerySet[Run]:
    """Give the other runs of a badge that have their turn before the run with the key `of`.

    Those that began before; and those of which somebody still holds a chunk, since one may be paused.
    """
    held = RunChunk.objects.filter(~is_free(at), run=OuterRef("pk"), done_at__isnull=True)
    return Run.objects.filter(
        Q(state=Run.State.RUNNING, pk__lt=of) | Q(Exists(held)),
        organization=organization,
        version__achievement=achievement,
    ).exclude(pk=of)

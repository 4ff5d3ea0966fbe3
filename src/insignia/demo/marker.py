"""A demo's database says so itself, and refuses to be run as anything else."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from insignia.audit.actor import Actor
from insignia.audit.selectors import action_happened
from insignia.audit.services import audit_record
from insignia.foundation.errors import Conflict
from insignia.foundation.ids import new_id

ACTION = "demo.created"


class DemoOnly(Conflict):
    """The database holds the demo's made-up people and keys."""

    code = "demo-only"


def demo_mark(*, at: datetime) -> None:
    """Write into the record that this database is a demo's."""
    audit_record(actor=Actor.command("insignia demo"), at=at, action=ACTION, subject=("demo", new_id()))


def demo_refuse_elsewhere() -> None:
    """Let a demo's database run in demo mode only.

    Raises:
        DemoOnly: this is a demo's database, and not the demo that runs.
    """
    if not settings.INSIGNIA_DEMO and action_happened(ACTION):
        raise DemoOnly("This database was made by the demo. Choose another INSIGNIA_DATA for real use.")

"""A demo's database says so itself, and refuses to be run as anything else."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings

from insignia.audit.actor import Actor
from insignia.audit.selectors import entry_newest
from insignia.audit.services import audit_record
from insignia.foundation.errors import Conflict

ACTION = "demo.created"
DEMO = "demo", UUID("dededede-dede-4ede-8ede-dededededede")
"""The demo as a subject of the record; there is one."""


class DemoOnly(Conflict):
    """The database holds the demo's made-up people and keys."""

    code = "demo-only"


def demo_mark(*, at: datetime) -> None:
    """Write into the record that this database is a demo's."""
    audit_record(actor=Actor.command("insignia demo"), at=at, action=ACTION, subject=DEMO)


def demo_refuse_elsewhere() -> None:
    """Let a demo's database run in demo mode only.

    Raises:
        DemoOnly: this is a demo's database, and not the demo that runs.
    """
    if not settings.INSIGNIA_DEMO and entry_newest(subject_kind=DEMO[0], subject_id=DEMO[1]) is not None:
        raise DemoOnly("This database was made by the demo. Choose another INSIGNIA_DATA for real use.")

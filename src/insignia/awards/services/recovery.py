"""After an older copy of the database was put back: the lists first, then the awards that they speak of.

The lists remember what the database forgot. An award whose bit was set since becomes what its bit says. One that
was corrected since cannot be put back, because its document is gone: it is named, for somebody to correct again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from insignia.audit.services import Entry, audit_record_many
from insignia.awards.models import Award, AwardChange, AwardDocument
from insignia.issuing.models import Purpose
from insignia.issuing.selectors import bits_now
from insignia.issuing.services import RecoveryReport, recover

if TYPE_CHECKING:
    from uuid import UUID

    from insignia.audit.actor import Actor

FORGOTTEN = "The published status list says so. The register was put back from a backup; the reason is lost."


@dataclass(frozen=True)
class AwardsRecovery:
    """What was done: to the lists, and to awards; `corrected` names awards that have to be corrected again."""

    lists: RecoveryReport
    revoked: int
    suspended: int
    corrected: tuple[UUID, ...]


@transaction.atomic
def awards_recover(
    *, documents: Sequence[bytes] = (), burn: int = 0, actor: Actor, at: datetime
) -> AwardsRecovery:
    """Bring an older copy up to the mark, and let the awards say what the published lists say.

    Raises:
        RecoveryDocumentUnusable: a document is not a status list that one of our issuers signed.
    """
    report = recover(documents=documents, burn=burn, actor=actor, at=at)
    said = _said_by_lists()
    for state in ("revoked", "suspended"):
        _follow(said[state], state, actor=actor, at=at)
    corrected = Award.objects.filter(pk__in=said["corrected"]).values_list("public_id", flat=True)
    return AwardsRecovery(report, len(said["revoked"]), len(said["suspended"]), tuple(corrected))


def _said_by_lists() -> dict[str, list[int]]:
    """Sort out the awards whose current document the lists know more of than the register does."""
    bits = bits_now()
    found: dict[str, list[int]] = {"corrected": [], "revoked": [], "suspended": []}
    fields = ("award_id", "award__state", "reservation__slot__status_set_id", "reservation__slot__index")
    states = (Award.State.ISSUED, Award.State.SUSPENDED)
    current = AwardDocument.objects.filter(superseded_at__isnull=True, award__state__in=states)
    for award_id, state, set_id, index in current.values_list(*fields).iterator():
        said = {purpose for purpose in Purpose.values if bits[set_id, purpose].get(index)}
        if "refresh" in said:
            found["corrected"].append(award_id)
        elif "revocation" in said:
            found["revoked"].append(award_id)
        elif "suspension" in said and state == Award.State.ISSUED:
            found["suspended"].append(award_id)
    return found


def _follow(award_ids: Sequence[int], state: str, *, actor: Actor, at: datetime) -> None:
    """Let awards take the state that their bits give them; whoever holds them was told when it happened."""
    awards = Award.objects.filter(pk__in=award_ids).select_related("organization")
    by_organization: dict[UUID, list[Entry]] = {}
    for award in awards:
        entry = Entry(
            ("award", award.public_id), old={"state": award.state}, new={"state": state, "recovered": True}
        )
        by_organization.setdefault(award.organization.public_id, []).append(entry)
    AwardChange.objects.bulk_create(
        AwardChange(award=award, kind=state, reason=FORGOTTEN, at=at) for award in awards
    )
    for organization_id, entries in by_organization.items():
        action = f"award.{state}"
        audit_record_many(actor=actor, at=at, action=action, organization_id=organization_id, entries=entries)
    Award.objects.filter(pk__in=award_ids).update(state=state)

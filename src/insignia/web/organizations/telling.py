"""The record in plain words: what happened, who did it, to what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insignia.organizations.selectors import names_enrolled, names_of_memberships
from insignia.web.organizations.forms import ROLE_WORDS

if TYPE_CHECKING:
    from insignia.audit.models import AuditEntry
    from insignia.organizations.models import Organization

PEOPLE = ("membership", "invitation", "consent", "organization", "person", "recipient")

# What the filter offers: name -> (words, kinds of subject).
SUBJECTS: Mapping[str, tuple[Promise, Collection[str]]] = {
    "people": (gettext_lazy("People and roles"), PEOPLE),
    "tokens": (gettext_lazy("API tokens"), ("api-token",)),
    "badges": (gettext_lazy("Badges"), ("achievement-version",)),
    "work": (gettext_lazy("Work handed in"), ("submission",)),
    "runs": (gettext_lazy("Many badges at once"), ("run", "mass-change")),
    "awards": (gettext_lazy("Awards"), ("award", "approval")),
    "mails": (gettext_lazy("Mails"), ("mail",)),
    "signing": (gettext_lazy("Signing and keys"), ("issuer", "reservation", "reservations")),
    "frameworks": (gettext_lazy("Frameworks"), ("framework",)),
}

ACTIONS: Mapping[str, Promise] = {
    "organization.created": gettext_lazy("Organization founded"),
    "organization.expiry-days": gettext_lazy("Days of mails before a badge ends changed"),
    "person.created": gettext_lazy("Account made"),
    "person.updated": gettext_lazy("Account changed"),
    "person.birth-date": gettext_lazy("Date of birth recorded"),
    "recipient.claimed": gettext_lazy("Badges tied to their learner's account"),
    "membership.created": gettext_lazy("Became a member"),
    "membership.roles": gettext_lazy("Roles changed"),
    "membership.ended": gettext_lazy("Membership ended"),
    "invitation.created": gettext_lazy("Invitation sent"),
    "invitation.withdrawn": gettext_lazy("Invitation withdrawn"),
    "consent.given": gettext_lazy("Guardian's consent recorded"),
    "consent.withdrawn": gettext_lazy("Guardian's consent withdrawn"),
    "api-token.created": gettext_lazy("API token made"),
    "api-token.revoked": gettext_lazy("API token revoked"),
    "mail-text.changed": gettext_lazy("A mail was worded anew"),
    "mail-text.reset": gettext_lazy("The shipped text of a mail is used again"),
    "mail.address-cleared": gettext_lazy("A returned address is tried again"),
    "achievement.created": gettext_lazy("Badge begun"),
    "achievement.saved": gettext_lazy("Draft of a badge changed"),
    "achievement.drafted": gettext_lazy("New version of a badge begun"),
    "achievement.discarded": gettext_lazy("Draft of a badge discarded"),
    "achievement.aligned": gettext_lazy("Badge tied to a framework"),
    "achievement.pictured": gettext_lazy("Picture of a badge changed"),
    "achievement.published": gettext_lazy("Badge published"),
    "achievement.retired": gettext_lazy("Badge retired"),
    "framework.imported": gettext_lazy("Framework imported"),
    "framework.updated": gettext_lazy("Framework brought up to date"),
    "submission.started": gettext_lazy("Work begun"),
    "submission.submit": gettext_lazy("Work handed in"),
    "submission.withdraw": gettext_lazy("Work withdrawn"),
    "submission.revise": gettext_lazy("Work taken up again"),
    "submission.lease": gettext_lazy("Work taken to judge"),
    "submission.release": gettext_lazy("Work put back into the queue"),
    "submission.return": gettext_lazy("Work returned"),
    "submission.decide_met": gettext_lazy("Decided: met"),
    "submission.decide_almost": gettext_lazy("Decided: almost"),
    "submission.decide_not_yet": gettext_lazy("Decided: not yet"),
    "evidence.added": gettext_lazy("Evidence added"),
    "evidence.removed": gettext_lazy("Evidence removed"),
    "signing.intended": gettext_lazy("Signature prepared"),
    "signing.abandoned": gettext_lazy("Signature given up before it was made"),
    "signing.quarantined": gettext_lazy("Signature stopped: the bytes did not fit"),
    "approval.withdrawn": gettext_lazy("Approval withdrawn"),
    "award.issued": gettext_lazy("Badge awarded and signed"),
    "award.held": gettext_lazy("Award put on hold"),
    "award.released": gettext_lazy("Award released from hold"),
    "award.suspended": gettext_lazy("Award paused"),
    "award.reinstated": gettext_lazy("Award in force again"),
    "award.revoked": gettext_lazy("Award revoked"),
    "award.corrected": gettext_lazy("Badge corrected"),
    "award.reissued": gettext_lazy("Badge signed again"),
    "award.renewed": gettext_lazy("Badge renewed"),
    "awards.mass-change-begun": gettext_lazy("Change of many badges begun"),
    "awards.mass-change-stopped": gettext_lazy("Change of many badges stopped"),
    "awards.mass-change-finished": gettext_lazy("Change of many badges finished"),
    "run.created": gettext_lazy("Run begun"),
    "run.mapped": gettext_lazy("Columns of a run assigned"),
    "run.checking": gettext_lazy("Look at a run's rows begun"),
    "run.checked": gettext_lazy("A run's rows looked at"),
    "run.overridden": gettext_lazy("Exception recorded for rows without evidence"),
    "run.started": gettext_lazy("Run started"),
    "run.paused": gettext_lazy("Run paused"),
    "run.resumed": gettext_lazy("Run resumed"),
    "run.cancelled": gettext_lazy("Run stopped"),
    "run.finished": gettext_lazy("Run finished"),
    "run.undone": gettext_lazy("Run undone"),
    "award.claimed": gettext_lazy("Award kept by its learner"),
    "award.claim-renewed": gettext_lazy("New link mailed to the learner"),
    "award.visibility": gettext_lazy("Learner changed who sees the award"),
    "award.evidence-visibility": gettext_lazy("Learner changed which evidence is shown"),
    "award.share-created": gettext_lazy("Learner made a link to share"),
    "award.share-ended": gettext_lazy("Learner ended a shared link"),
    "issuer.created": gettext_lazy("Issuer and first keys created"),
    "issuer.updated": gettext_lazy("Issuer's details changed"),
    "issuer.keys-rotated": gettext_lazy("Signing keys renewed"),
    "issuer.keys-withdrawn": gettext_lazy("Old signing keys withdrawn"),
    "issuer.recovered": gettext_lazy("Signing allowed again after recovery"),
    "audit.rows-lost": gettext_lazy("Rows of the record were lost before recovery"),
    "demo.created": gettext_lazy("Demo set up"),
}

# Whoever reads this may judge work too: what learners do is told without their names.
BLIND = frozenset(
    {
        "submission.started",
        "submission.submit",
        "submission.withdraw",
        "submission.revise",
        "evidence.added",
        "evidence.removed",
    }
)


@dataclass(frozen=True)
class Line:
    """One entry as the page shows it; `about` names the subject where a name helps."""

    at: datetime
    what: str
    who: str
    about: str
    short_id: str
    filter: str


def lines_told(entries: Iterable[AuditEntry], organization: Organization) -> list[Line]:
    """Tell these entries in order, with the names this organization knows."""
    rows = list(entries)
    acting = [row.actor_id for row in rows if row.actor_id]
    named = [UUID(str(row.new["person"])) for row in rows if row.subject_kind == "consent" and "person" in row.new]
    names = names_enrolled(organization=organization, person_ids=[*acting, *named])
    ids = [row.subject_id for row in rows if row.subject_kind == "membership"]
    members = names_of_memberships(organization=organization, membership_ids=ids)
    return [_line(row, names, members) for row in rows]


def _line(row: AuditEntry, names: Mapping[UUID, str], members: Mapping[UUID, str]) -> Line:
    return Line(
        at=row.at,
        what=str(ACTIONS[row.action]) if row.action in ACTIONS else row.action,
        who=_who(row, names),
        about=_about(row, names, members),
        short_id=str(row.subject_id)[-6:].upper(),
        filter=f"{row.subject_kind}:{row.subject_id}",
    )


def _who(row: AuditEntry, names: Mapping[UUID, str]) -> str:
    if row.actor_kind == "system":
        return _("The platform itself")
    if row.actor_kind == "command":
        return _("Whoever runs this installation")
    if row.action in BLIND:
        return _("A learner")
    known = (names.get(row.actor_id) if row.actor_id else None) or _("Someone who is no member")
    if row.actor_name:
        return _("%(name)s, through %(token)s") % {"name": known, "token": row.actor_name}
    return known


def _about(row: AuditEntry, names: Mapping[UUID, str], members: Mapping[UUID, str]) -> str:
    if row.subject_kind == "membership":
        name = members.get(row.subject_id, "")
        return f"{name}: {_roles(row)}" if "roles" in row.new else name
    if row.subject_kind == "consent" and "person" in row.new:
        return names.get(UUID(str(row.new["person"])), "")
    if row.subject_kind == "invitation" and "roles" in row.new:
        return _roles(row)
    return ""


def _roles(row: AuditEntry) -> str:
    held = [str(ROLE_WORDS[role]) for role in row.new["roles"] if role in ROLE_WORDS]
    return ", ".join(held) or _("Learner")

"""How a finished badge will read, before anything is reserved: the unsigned document, rehearsed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from insignia.awards.credential import DocumentFacts, award_document
from insignia.issuing.selectors import issuer_addresses, issuer_of
from insignia.issuing.services import Frozen
from insignia.vc.contexts import ContextLoader
from insignia.vc.issue import prepare
from insignia.vc.status import status_entry

if TYPE_CHECKING:
    from insignia.achievements.models import AchievementVersion
    from insignia.awards.services import AwardRequest
    from insignia.organizations.models import Organization
    from insignia.vc.model.json import JsonObject

NOBODY = UUID(int=0)
"""Stands where an id will be drawn: the award's, the recipient's, the list's."""


def award_preview(
    *, version: AchievementVersion, organization: Organization, request: AwardRequest, at: datetime
) -> JsonObject:
    """Write the document that this request would lead to, with zeros where ids are drawn.

    Raises:
        IssuerMissing: the organization cannot sign yet.
        LintRefused: the document would break a rule of the specification.
    """
    issuer = issuer_of(organization)
    addresses = issuer_addresses(issuer)
    entry = status_entry(list_url=addresses.status_list(NOBODY), index=0, purpose="revocation")
    facts = DocumentFacts(
        award_id=NOBODY,
        urn=f"urn:uuid:{NOBODY}",
        name=request.name.strip(),
        awarded_at=request.awarded_at,
        valid_from=request.valid_from,
        valid_until=request.valid_until,
        levels=request.levels,
        narrative=request.narrative.strip(),
    )
    document = award_document(version, facts, frozen=Frozen(issuer, addresses, {"revocation": entry}, at))
    prepare(
        document,
        verification_method=addresses.method(NOBODY),
        jwt_kid=addresses.key(NOBODY),
        created=at,
        loader=ContextLoader(),
    )
    return document

"""Telling learners in time that a badge ends, and who is told when.

Each learner hears once of each number of days before each end: a row per notice says so, written together with
the mail. Where several days passed at once, only the nearest is told.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from insignia.achievements.rules import Renewal, content_from_json
from insignia.audit.services import audit_record
from insignia.awards.errors import ExpiryDaysUnusable
from insignia.awards.letters import day_in_words, letter_context
from insignia.awards.models import Award, ExpiryNotice, ExpiryPolicy
from insignia.awards.rules import expiry_days_checked
from insignia.awards.selectors import RELATED, expiry_days_of
from insignia.awards.services.recording import registrar_require
from insignia.foundation.ids import new_id
from insignia.foundation.leases import lease_take
from insignia.organizations.selectors import organizations_all
from insignia.outbox.services import message_queue

if TYPE_CHECKING:
    from insignia.audit.actor import Actor
    from insignia.organizations.models import Organization

log = logging.getLogger(__name__)
CHUNK = 200
ROUND = "awards.renewals-round"
ROUND_SECONDS = 600
"""Days pass slowly: a round every ten minutes is enough, however often the worker asks."""


@transaction.atomic
def expiry_days_set(
    *, organization: Organization, days: Collection[int], actor: Actor, at: datetime
) -> tuple[int, ...]:
    """Choose how many days before its end a learner is told.

    Raises:
        NotFound, NotAllowed: only the organization's registrars and owners can.
        ExpiryDaysUnusable: none, more than eight, or not between 1 and 365.
    """
    registrar_require(actor, organization)
    try:
        chosen = expiry_days_checked(days)
    except ValueError as error:
        sentence = "Write one to eight numbers of days, each from 1 to 365."
        raise ExpiryDaysUnusable(sentence, fields={"days": sentence}) from error
    old = expiry_days_of(organization)
    ExpiryPolicy.objects.update_or_create(organization=organization, defaults={"days": list(chosen)})
    audit_record(
        actor=actor,
        at=at,
        action="organization.expiry-days",
        subject=("organization", organization.public_id),
        organization_id=organization.public_id,
        old={"days": list(old)},
        new={"days": list(chosen)},
    )
    return chosen


def renewals_converge(at: datetime) -> int:
    """Tell whoever is to be told, at most every ten minutes; return how many mails were queued."""
    mine = lease_take(ROUND, holder=str(new_id()), at=at, seconds=ROUND_SECONDS)  # kept: it ends with the pause
    return renewals_tell(at) if mine else 0


def renewals_tell(at: datetime) -> int:
    """Queue the mails that are due. Idempotent, and safe beside another worker.

    What goes wrong for one learner or one organization is logged and holds up no other; it is tried again.
    """
    return sum(_tell_those_of(organization, at=at) for organization in organizations_all())


def _tell_those_of(organization: Organization, *, at: datetime) -> int:
    told = 0
    try:
        for page, days in _due(organization, at=at):
            told += _tell_some(page, days, at=at)
    except Exception:
        log.exception("badges of %s that end cannot be told", organization.slug)
    return told


def _due(organization: Organization, *, at: datetime) -> Iterator[tuple[list[int], int]]:
    """Walk the awards whose learners are to be told, page by page, the nearest end first."""
    nearest = at
    for days in sorted(expiry_days_of(organization)):
        last = 0
        while page := list(_untold(organization, days, after=nearest, at=at, behind=last)):
            last = page[-1]
            yield page, days
        nearest = at + timedelta(days=days)


def _untold(
    organization: Organization, days: int, *, after: datetime, at: datetime, behind: int
) -> QuerySet[Award, int]:
    """Give the awards that end after `after`, within `days`, and whose learner was not told of so near an end.

    Whoever was erased is told nothing more.
    """
    told = ExpiryNotice.objects.filter(award=OuterRef("pk"), valid_until=OuterRef("valid_until"), days__lte=days)
    rows = Award.objects.filter(
        ~Exists(told),
        organization=organization,
        state=Award.State.ISSUED,
        valid_until__gt=after,
        valid_until__lte=at + timedelta(days=days),
        issued_at__lt=F("valid_until") - timedelta(days=days),
        recipient__data_key__destroyed_at__isnull=True,
        pk__gt=behind,
    )
    return rows.order_by("pk").values_list("pk", flat=True)[:CHUNK]


@transaction.atomic
def _tell_some(page: list[int], days: int, *, at: datetime) -> int:
    awards = list(Award.objects.filter(pk__in=page).select_related(*RELATED).select_for_update(of=("self",)))
    return sum(_told(award, days, at=at) for award in awards)


def _told(award: Award, days: int, *, at: datetime) -> bool:
    """Tell one learner; what goes wrong is undone for them alone."""
    try:
        with transaction.atomic():
            _notice(award, days, at=at)
    except Exception:
        log.exception("the end of award %s cannot be told", award.public_id)
        return False
    return True


def _notice(award: Award, days: int, *, at: datetime) -> None:
    until = award.valid_until or at
    _, fresh = ExpiryNotice.objects.get_or_create(
        award=award, valid_until=until, days=days, defaults={"told_at": at}
    )
    if not fresh:
        return
    recipient = award.recipient
    attested = content_from_json(award.version.content).renewal == Renewal.ATTESTATION
    message_queue(
        kind="award-ends",
        key=f"award:{award.public_id}:ends:{until:%Y-%m-%d}:{days}",
        recipient=recipient.address,
        language=recipient.mail_language,
        context=letter_context(
            award,
            until=day_in_words(until, time_zone=award.organization.time_zone),
            attested=attested,
            badge_path=f"/badges/{award.organization.slug}/{award.version.achievement.slug}",
        ),
        data_key=recipient.data_key,
        organization_id=award.organization.public_id,
        at=at,
    )

"""What an organization decides about its mails: how some are worded, which returned address is tried again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from insignia.audit.actor import Actor
from insignia.audit.services import audit_record
from insignia.organizations.models import Organization, Role
from insignia.organizations.selectors import permission_require
from insignia.outbox.errors import LetterTextOutdated
from insignia.outbox.selectors import letter_text_in_use, letter_text_version, shipped_text
from insignia.outbox.services import address_clear, letter_text_checked, letter_text_drop, letter_text_put

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.outbox.models import LetterText


@transaction.atomic
def mail_text_change(
    *,
    organization: Organization,
    kind: str,
    language: str,
    subject: str,
    body: str,
    seen: str,
    person: Person,
    at: datetime,
) -> LetterText:
    """Word a mail as the organization likes, in one language, from now on; `seen` is the version they had before.

    Raises:
        OrganizationNotFound, RoleMissing: only registrars and owners can.
        LetterTextOutdated: somebody else worded it since; the same words twice are no trouble.
        LetterTextFixed: this kind of mail is not for them to word.
        LetterTextUnusable: the fields say what is wrong.
    """
    permission_require(person=person, organization=organization, role=Role.REGISTRAR)
    wanted = letter_text_checked(kind=kind, language=language, subject=subject, body=body)
    _seen_require(organization, kind, language, {seen, letter_text_version(wanted)})
    text = letter_text_put(
        organization_id=organization.public_id, kind=kind, language=language, subject=subject, body=body, at=at
    )
    _audit(organization, person, "mail-text.changed", text.public_id, {"kind": kind, "language": language}, at=at)
    return text


@transaction.atomic
def mail_text_reset(
    *, organization: Organization, kind: str, language: str, seen: str, person: Person, at: datetime
) -> None:
    """Go back to the shipped text of a mail; `seen` is the version they had before. Safe twice.

    Raises:
        OrganizationNotFound, RoleMissing: only registrars and owners can.
        LetterTextOutdated: somebody else worded it since.
    """
    permission_require(person=person, organization=organization, role=Role.REGISTRAR)
    _seen_require(organization, kind, language, {seen, letter_text_version(shipped_text(kind, language))})
    if letter_text_drop(organization_id=organization.public_id, kind=kind, language=language):
        new: dict[str, object] = {"kind": kind, "language": language}
        _audit(organization, person, "mail-text.reset", organization.public_id, new, at=at)


@transaction.atomic
def mail_address_clear(*, organization: Organization, message_id: UUID, person: Person, at: datetime) -> int:
    """Try an address again that a mail came back from; give how many mails go out anew.

    Raises:
        OrganizationNotFound, RoleMissing: only registrars and owners can.
        MailNotFound: the organization has no such mail.
        MailNotReturned: mails to this address are tried already.
    """
    permission_require(person=person, organization=organization, role=Role.REGISTRAR)
    again = address_clear(organization_id=organization.public_id, message_id=message_id, at=at)
    _audit(organization, person, "mail.address-cleared", message_id, {"mails": again}, at=at)
    return again


def _seen_require(organization: Organization, kind: str, language: str, known: set[str]) -> None:
    """Let a change pass that was made beside the text in use; what two send at once is looked at one by one."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    now = letter_text_in_use(organization_id=organization.public_id, kind=kind, language=language)
    if letter_text_version(now) not in known:
        raise LetterTextOutdated("Somebody else changed this text meanwhile. Nothing was overwritten.")


def _audit(
    organization: Organization,
    person: Person,
    action: str,
    subject_id: UUID,
    new: dict[str, object],
    *,
    at: datetime,
) -> None:
    audit_record(
        actor=Actor.person(person),
        at=at,
        action=action,
        subject=("mail", subject_id),
        organization_id=organization.public_id,
        new=new,
    )

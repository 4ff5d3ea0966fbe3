"""Founding organizations, inviting and removing people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from insignia.accounts.models import Consent, ConsentPurpose, Person
from insignia.accounts.selectors import consent_get, person_by_email
from insignia.accounts.services import consent_record, consent_withdraw, person_create
from insignia.audit.actor import Actor
from insignia.audit.services import audit_record
from insignia.foundation.ids import new_id
from insignia.foundation.localized import Localized
from insignia.foundation.tokens import token_derive, token_hash
from insignia.organizations.errors import (
    AlreadyMember,
    GuardianMissing,
    InvitationOver,
    InvitationUnusable,
    LastOwner,
    OrganizationNotFound,
    RoleUnknown,
    SlugTaken,
)
from insignia.organizations.models import (
    Invitation,
    Kind,
    Membership,
    MembershipRole,
    Organization,
    Role,
)
from insignia.organizations.selectors import invitation_open, membership_of, permission_require
from insignia.outbox.services import message_queue

INVITATION_DAYS = 14
SAME_INVITATION = timedelta(minutes=1)


@transaction.atomic
def organization_create(
    *,
    actor: Actor,
    at: datetime,
    slug: str,
    name: Localized,
    kind: str,
    time_zone: str = "UTC",
    language: str = "en",
    country: str = "US",
    minors_may_share_links: bool = False,
) -> Organization:
    """Found an organization; its first owner joins with `member_add`.

    Raises:
        SlugTaken: another one has this short name.
    """
    try:
        with transaction.atomic():
            organization = Organization.objects.create(
                slug=slug,
                name=name,
                kind=kind,
                time_zone=time_zone,
                language=language,
                country=country,
                minors_may_share_links=minors_may_share_links,
                created_at=at,
            )
    except IntegrityError as error:
        raise SlugTaken(f"Another organization is called {slug}. Choose another short name.") from error
    _audit(organization, actor, at, "organization.created", ("organization", organization.public_id))
    return organization


@transaction.atomic
def organization_found(
    *,
    slug: str,
    name: Localized,
    owner_email: str,
    time_zone: str,
    language: str,
    actor: Actor,
    at: datetime,
) -> Organization:
    """Found an organization together with its first owner, who gets an account where there is none.

    Raises:
        SlugTaken: another one has this short name.
    """
    organization = organization_create(
        actor=actor, at=at, slug=slug, name=name, kind=Kind.SCHOOL, time_zone=time_zone, language=language
    )
    owner = person_by_email(owner_email) or person_create(
        email=owner_email, display_name="", language=language, at=at, actor=actor
    )
    member_add(organization=organization, person=owner, roles=[Role.OWNER], actor=actor, at=at)
    return organization


@transaction.atomic
def member_add(
    *,
    organization: Organization,
    person: Person,
    roles: Iterable[str],
    actor: Actor,
    at: datetime,
    enrolled_name: str = "",
    enrolled_number: str = "",
    class_group: str = "",
) -> Membership:
    """Make a person a member; the caller has checked that the actor may (owner, invitation, set-up).

    Raises:
        AlreadyMember: they are one now.
        RoleUnknown: a role that does not exist.
    """
    checked = _roles_checked(roles)
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                organization=organization,
                person=person,
                enrolled_name=enrolled_name or person.display_name,
                enrolled_number=enrolled_number,
                class_group=class_group,
                joined_at=at,
            )
    except IntegrityError as error:
        raise AlreadyMember("This person is a member already.") from error
    MembershipRole.objects.bulk_create([MembershipRole(membership=membership, role=role) for role in checked])
    subject = ("membership", membership.public_id)
    _audit(organization, actor, at, "membership.created", subject, new={"roles": checked})
    return membership


@transaction.atomic
def roles_set(*, membership_id: UUID, roles: Iterable[str], person: Person, at: datetime) -> Membership:
    """Give a member exactly these roles; only an owner can. Who owns no more, their open invitations end.

    Raises:
        LastOwner: nobody would own the organization any more.
    """
    membership = _membership_locked(membership_id, person)
    checked = _roles_checked(roles)
    old = sorted(held.role for held in membership.roles.all())
    if Role.OWNER in old and Role.OWNER not in checked:
        _require_another_owner(membership)
        _invitations_withdraw(membership, actor=Actor.person(person), at=at)
    membership.roles.all().delete()
    MembershipRole.objects.bulk_create([MembershipRole(membership=membership, role=role) for role in checked])
    subject = ("membership", membership.public_id)
    _audit(
        membership.organization,
        Actor.person(person),
        at,
        "membership.roles",
        subject,
        old={"roles": old},
        new={"roles": checked},
    )
    return membership


@transaction.atomic
def membership_end(*, membership_id: UUID, person: Person, at: datetime) -> Membership:
    """Remove somebody: from this moment they can do nothing here. An owner does it, or the member themself.

    The invitations they made end with it, and no earlier invitation lets them in again.

    Raises:
        LastOwner: nobody would own the organization any more.
    """
    membership = _membership_locked(membership_id, person, themself=True)
    if any(held.role == Role.OWNER for held in membership.roles.all()):
        _require_another_owner(membership)
    _invitations_withdraw(membership, actor=Actor.person(person), at=at)
    membership.ended_at = at
    membership.save(update_fields=["ended_at"])
    subject = ("membership", membership.public_id)
    _audit(membership.organization, Actor.person(person), at, "membership.ended", subject)
    return membership


@transaction.atomic
def invitation_create(
    *, organization: Organization, email: str, roles: Iterable[str], person: Person, at: datetime
) -> Invitation:
    """Invite somebody by mail; inviting the same address again replaces the open invitation.

    The same invitation twice within a minute is one: a form that was sent twice mails once.
    """
    permission_require(person=person, organization=organization, role=Role.OWNER)
    checked = _roles_checked(roles)
    _lock(organization.pk)  # two at once do it one after the other
    before = Invitation.objects.filter(
        organization=organization, email__iexact=email, accepted_at__isnull=True, withdrawn_at__isnull=True
    )
    twin = before.filter(created_at__gt=at - SAME_INVITATION).first()
    if twin is not None and twin.roles == checked:
        return twin
    before.update(withdrawn_at=at)
    public_id = new_id()
    invitation = Invitation.objects.create(
        public_id=public_id,
        organization=organization,
        email=email,
        roles=checked,
        token_hash=token_hash(invitation_token(public_id)),
        invited_by=person,
        created_at=at,
        expires_at=at + timedelta(days=INVITATION_DAYS),
    )
    message_queue(
        kind="invitation",
        key=f"invitation:{public_id}",
        recipient=email,
        language=organization.language,
        context={"organization": organization.name, "roles": checked, "days": INVITATION_DAYS},
        late={"path": ["organizations.invitation-path", str(public_id)]},
        at=at,
        organization_id=organization.public_id,
    )
    subject = ("invitation", public_id)
    _audit(organization, Actor.person(person), at, "invitation.created", subject, new={"roles": checked})
    return invitation


@transaction.atomic
def invitation_accept(*, token: str, person: Person, at: datetime) -> Membership:
    """Join by an invitation's link; a member gets the offered roles added.

    Raises:
        InvitationOver: used, withdrawn or ended; its maker owns the organization no more; or it is older than
            the day this person was removed.
        InvitationUnusable: there was never one like it.
    """
    found = invitation_open(token=token, on=at)
    _lock(found.organization_id)
    Invitation.objects.select_for_update(no_key=True).get(pk=found.pk)
    invitation = invitation_open(token=token, on=at)  # once more: somebody may have been quicker than our locks
    if _was_removed_since(invitation, person):
        raise InvitationOver("This invitation was used or has ended. Ask for a new one.")
    invitation.accepted_at = at
    invitation.save(update_fields=["accepted_at"])
    return _join(invitation, person, at)


@transaction.atomic
def invitation_withdraw(*, invitation_id: UUID, person: Person, at: datetime) -> Invitation:
    """Take an invitation back; its link ends at once."""
    invitation = (
        Invitation.objects.select_for_update()
        .select_related("organization")
        .filter(public_id=invitation_id)
        .first()
    )
    if invitation is None:
        raise InvitationUnusable("There is no such invitation here.")
    permission_require(person=person, organization=invitation.organization, role=Role.OWNER)
    if invitation.accepted_at or invitation.withdrawn_at:
        raise InvitationOver("This invitation was used or has ended.")
    invitation.withdrawn_at = at
    invitation.save(update_fields=["withdrawn_at"])
    subject = ("invitation", invitation.public_id)
    _audit(invitation.organization, Actor.person(person), at, "invitation.withdrawn", subject)
    return invitation


@transaction.atomic
def member_consent_record(*, membership_id: UUID, given_by: str, person: Person, at: datetime) -> Consent:
    """Record that a member's guardian agreed to public pages of what this organization gave. A registrar does it.

    Raises:
        GuardianMissing: nobody is named.
    """
    membership = _membership_locked(membership_id, person, role=Role.REGISTRAR)
    guardian = " ".join(given_by.split())
    if not guardian:
        text = "Write the name of the guardian who agreed."
        raise GuardianMissing(text, fields={"given_by": text})
    return consent_record(
        person=membership.person,
        purpose=ConsentPurpose.PUBLIC_AWARD,
        organization_id=membership.organization.public_id,
        given_by=guardian,
        actor=Actor.person(person),
        at=at,
    )


@transaction.atomic
def member_consent_withdraw(
    *, organization: Organization, consent_id: UUID, person: Person, at: datetime
) -> Consent:
    """End a guardian's consent, also of somebody who has left: their public pages close at once.

    Raises:
        ConsentMissing: there is none in force.
    """
    permission_require(person=person, organization=organization, role=Role.REGISTRAR)
    consent = consent_get(consent_id=consent_id, organization_id=organization.public_id)
    return consent_withdraw(
        person=consent.person,
        purpose=ConsentPurpose.PUBLIC_AWARD,
        organization_id=organization.public_id,
        actor=Actor.person(person),
        at=at,
    )


def invitation_token(public_id: UUID) -> str:
    """Derive the secret of an invitation's link."""
    return token_derive("invitation", str(public_id))


def invitation_path(public_id: str) -> str:
    """Give the path of an invitation's link, for the mail."""
    return f"/invitations/{invitation_token(UUID(public_id))}"


def _was_removed_since(invitation: Invitation, person: Person) -> bool:
    """Say whether this person's membership ended after the invitation was made: removing somebody is final."""
    ended = Membership.objects.filter(person=person, organization_id=invitation.organization_id)
    return ended.filter(ended_at__gte=invitation.created_at).exists()


def _invitations_withdraw(membership: Membership, *, actor: Actor, at: datetime) -> None:
    """Take back what a member offered who may offer nothing any more: it would let them in again."""
    offered = Invitation.objects.select_for_update(no_key=True).filter(
        organization_id=membership.organization_id,
        invited_by_id=membership.person_id,
        accepted_at__isnull=True,
        withdrawn_at__isnull=True,
    )
    for invitation in offered.order_by("id"):
        invitation.withdrawn_at = at
        invitation.save(update_fields=["withdrawn_at"])
        subject = ("invitation", invitation.public_id)
        _audit(membership.organization, actor, at, "invitation.withdrawn", subject)


def _lock(organization_pk: int) -> None:
    """Do what concerns who belongs here one after the other; rows that only name the organization do not wait.

    So two owners who remove each other do it in turn, and whoever accepts an invitation comes before its end or
    finds it withdrawn.
    """
    Organization.objects.select_for_update(no_key=True).get(pk=organization_pk)


def _join(invitation: Invitation, person: Person, at: datetime) -> Membership:
    current = membership_of(person=person, organization=invitation.organization)
    actor = Actor.person(person)
    if current is None:
        return member_add(
            organization=invitation.organization, person=person, roles=invitation.roles, actor=actor, at=at
        )
    held = {row.role for row in current.roles.all()}
    missing = [role for role in invitation.roles if role not in held]
    MembershipRole.objects.bulk_create(
        [MembershipRole(membership=current, role=role) for role in missing], ignore_conflicts=True
    )
    new = {"roles": sorted(held | set(missing))}
    subject = ("membership", current.public_id)
    _audit(invitation.organization, actor, at, "membership.roles", subject, old={"roles": sorted(held)}, new=new)
    return current


def _membership_locked(
    membership_id: UUID, person: Person, *, role: str = Role.OWNER, themself: bool = False
) -> Membership:
    active = Membership.objects.filter(public_id=membership_id, ended_at__isnull=True)
    organization = active.values_list("organization_id", flat=True).first()
    if organization is not None:
        _lock(organization)  # before the member's row: whoever accepts an invitation takes them in this order
    membership = (
        active.select_for_update(of=("self",), no_key=True).select_related("organization", "person").first()
    )
    if membership is None:
        raise OrganizationNotFound("There is no such member here.")
    if not (themself and membership.person_id == person.pk):
        permission_require(person=person, organization=membership.organization, role=role)
    return membership


def _require_another_owner(membership: Membership) -> None:
    others = MembershipRole.objects.filter(
        membership__organization_id=membership.organization_id,
        membership__ended_at__isnull=True,
        role=Role.OWNER,
    ).exclude(membership=membership)
    if not others.exists():
        raise LastOwner("An organization keeps at least one owner. Make somebody else an owner first.")


def _roles_checked(roles: Iterable[str]) -> list[str]:
    checked = sorted(set(roles))
    unknown = [role for role in checked if role not in Role.values]
    if unknown:
        raise RoleUnknown(f"There is no role called {unknown[0]}.", fields={"roles": unknown[0]})
    return checked


def _audit(
    organization: Organization,
    actor: Actor,
    at: datetime,
    action: str,
    subject: tuple[str, UUID],
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
) -> None:
    audit_record(
        actor=actor,
        at=at,
        action=action,
        subject=subject,
        organization_id=organization.public_id,
        old=old,
        new=new,
    )

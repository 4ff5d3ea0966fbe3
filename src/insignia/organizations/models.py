"""Organizations, memberships, roles, invitations."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from insignia.accounts.models import Person
from insignia.foundation.models import Thing


class Kind(models.TextChoices):
    """What sort of organization this is."""

    SCHOOL = "school"
    COLLEGE = "college"
    EMPLOYER = "employer"
    COMMUNITY = "community"


class Role(models.TextChoices):
    """What a member may do. A learner needs no role."""

    OWNER = "owner"
    AUTHOR = "author"
    ASSESSOR = "assessor"
    REGISTRAR = "registrar"


class Scope(models.TextChoices):
    """What a program may do with a token."""

    AWARDS_READ = "awards:read"
    AWARDS_WRITE = "awards:write"
    BADGES_READ = "badges:read"


class Organization(Thing):
    """A school, college, employer or community group. Its name is public; `origin` is set with its first key."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.JSONField()
    kind = models.CharField(max_length=20, choices=Kind)
    country = models.CharField(max_length=2, default="US")
    time_zone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(max_length=5, default="en")
    origin = models.CharField(max_length=255, blank=True)
    minors_may_share_links = models.BooleanField(default=False)
    created_at = models.DateTimeField()


class Membership(Thing):
    """What an organization knows of a person. Ending it takes every power away at once."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    enrolled_name = models.CharField(max_length=200, blank=True)
    enrolled_number = models.CharField(max_length=60, blank=True)
    class_group = models.CharField(max_length=60, blank=True)
    joined_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="membership_one_active",
                fields=["organization", "person"],
                condition=models.Q(ended_at__isnull=True),
            ),
        ]


class MembershipRole(models.Model):
    """One role of one membership."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(name="role_once", fields=["membership", "role"])]


class Invitation(Thing):
    """An offer of membership by e-mail; the link's token is stored as a hash only."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    email = models.EmailField()
    roles = models.JSONField(default=list)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                name="invitation_one_open",
                condition=models.Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
            ),
        ]


class ApiToken(Thing):
    """A secret with which a program acts here for the owner who made it; only its hash is stored.

    It works while that person owns the organization: rights are read at use, never copied into the token.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=24)
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="apitoken_ends_after_start", condition=models.Q(expires_at__gt=models.F("created_at"))
            ),
        ]
        indexes = [models.Index(name="apitoken_of_organization", fields=["organization", "-id"])]

"""What can be wrong between people and organizations."""

from __future__ import annotations

from insignia.foundation.errors import Conflict, Gone, Invalid, NotAllowed, NotFound, Unidentified


class OrganizationNotFound(NotFound):
    """No such organization, or none the viewer belongs to."""

    code = "organization-not-found"


class RoleMissing(NotAllowed):
    """The member lacks the role this needs."""

    code = "role-missing"


class SlugTaken(Conflict):
    """Another organization has this short name."""

    code = "slug-taken"


class LastOwner(Conflict):
    """An organization keeps at least one owner."""

    code = "last-owner"


class AlreadyMember(Conflict):
    """The person is a member already."""

    code = "already-member"


class InvitationUnusable(NotFound):
    """No invitation has this link."""

    code = "invitation-unusable"


class InvitationOver(Gone):
    """The invitation was used, withdrawn or has ended."""

    code = "invitation-over"


class RoleUnknown(Invalid):
    """There is no such role."""

    code = "role-unknown"


class GuardianMissing(Invalid):
    """A consent names who gave it."""

    code = "guardian-missing"


class ApiTokenIncomplete(Invalid):
    """A token has a name, at least one known scope, and an end within a year."""

    code = "api-token-incomplete"


class ApiTokenNotFound(NotFound):
    """The organization has no such token."""

    code = "api-token-not-found"


class ApiTokenUnusable(Unidentified):
    """The token is unknown, revoked or over, or who made it owns the organization no more."""

    code = "api-token-unusable"


class ScopeMissing(NotAllowed):
    """The token was not made for this."""

    code = "scope-missing"

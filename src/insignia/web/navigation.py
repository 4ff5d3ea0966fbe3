"""Which links the head of a page shows: at most five, by role. A page that does not exist (yet) is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from insignia.foundation.localized import localized_pick
from insignia.organizations.rules import effective_roles
from insignia.organizations.selectors import memberships_of
from insignia.web.visitor import person_of

if TYPE_CHECKING:
    from insignia.accounts.models import Person

ACTING = "acting"
LEARNER = "learner"

ROLE_NAMES: dict[str, Promise] = {
    LEARNER: _("Learner"),
    "assessor": _("Assessor"),
    "registrar": _("Registrar"),
    "author": _("Badge author"),
}

# Role -> (name of the address, label, whether the address names the organization).
LINKS: dict[str, tuple[tuple[str, Promise, bool], ...]] = {
    "": (
        ("catalogue", _("Catalogue"), False),
        ("verify", _("Verify"), False),
        ("issuer_list", _("Issuers"), False),
    ),
    LEARNER: (
        ("my_badges", _("My badges"), False),
        ("my_work", _("My work"), False),
        ("catalogue", _("Catalogue"), False),
        ("verify", _("Verify"), False),
    ),
    "assessor": (
        ("queue", _("Queue"), False),
        ("queue_done", _("Done"), False),
        ("catalogue", _("Catalogue"), False),
    ),
    "author": (
        ("author_badges", _("Badges"), True),
        ("framework_list", _("Frameworks"), False),
        ("catalogue", _("Catalogue"), False),
    ),
    "registrar": (
        ("award_list", _("Awards"), True),
        ("run_list", _("Runs"), True),
        ("people", _("People"), True),
        ("issuer_settings", _("Issuer"), True),
        ("audit", _("Audit"), True),
    ),
}


@dataclass(frozen=True)
class Link:
    """One link of the navigation."""

    label: str | Promise
    address: str
    current: bool


@dataclass(frozen=True)
class Hat:
    """One role a person can act in; `key` is what the switch posts."""

    role: str
    slug: str
    organization: str

    @property
    def key(self) -> str:
        """The hat as one word."""
        return f"{self.role}:{self.slug}" if self.slug else self.role

    @property
    def label(self) -> str:
        """The role's name, with the organization's where it has one."""
        name = str(ROLE_NAMES[self.role])
        return f"{name}, {self.organization}" if self.organization else name


class Shell:
    """What the head of a page needs; each part is worked out when a template asks for it, once."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def hats(self) -> list[Hat]:
        """Every role the person can act in; none when signed out."""
        person = person_of(self.request)
        return hats_of(person, self.request.LANGUAGE_CODE) if person else []

    @cached_property
    def acting(self) -> Hat | None:
        """The role in use: the one whose page this is, else the one chosen, else the first, else learner."""
        if not self.hats:
            return None
        chosen = self.request.session.get(ACTING, "")
        roles = [hat for hat in self.hats if hat.slug]
        fitting = [hat for hat in roles if self._stands_in(hat)] or self.hats
        default = fitting[0] if fitting is not self.hats else (roles or self.hats)[0]
        return next((hat for hat in fitting if hat.key == chosen), default)

    def _stands_in(self, hat: Hat) -> bool:
        own = (address_of(name, hat.slug) for name, _label, is_own in LINKS[hat.role] if is_own)
        return any(address and self.request.path.startswith(address) for address in own)

    @cached_property
    def links(self) -> list[Link]:
        """The links of the role in use."""
        hat = self.acting
        wanted = LINKS[hat.role if hat else ""]
        slug = hat.slug if hat else ""
        found = (self._link(name, label, slug if own else "") for name, label, own in wanted)
        return [link for link in found if link is not None][:5]

    def _link(self, name: str, label: Promise, slug: str) -> Link | None:
        address = address_of(name, slug)
        if not address:
            return None
        return Link(label, address, current=self.request.path.rstrip("/") == address.rstrip("/"))


def hats_of(person: Person, language: str) -> list[Hat]:
    """List the roles a person can act in: learner, then each role in each organization."""
    hats = [Hat(LEARNER, "", "")]
    for membership in memberships_of(person):
        roles = effective_roles(held.role for held in membership.roles.all())
        name = localized_pick(membership.organization.name, language)
        hats += [Hat(role, membership.organization.slug, name) for role in ROLE_NAMES if role in roles]
    return hats


def address_of(name: str, slug: str = "") -> str:
    """Give the address of a page by name, or nothing where there is no such page."""
    try:
        return reverse(name, kwargs={"organization": slug} if slug else None)
    except NoReverseMatch:
        return ""

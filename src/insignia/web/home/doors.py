"""What the start page offers: doors by role, the next three things, the latest public awards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from insignia.web.assessment import tasks as assessment
from insignia.web.home.tasks import Task
from insignia.web.navigation import LEARNER, Hat, address_of

if TYPE_CHECKING:
    from insignia.accounts.models import Person


@dataclass(frozen=True)
class Door:
    """One way in: where it leads and what is behind it."""

    name: str
    icon: str
    title: Promise
    sentence: Promise
    own: bool = False

    def address(self, hat: Hat | None) -> str:
        """Give the address, for the organization of the role in use where the page belongs to one."""
        return address_of(self.name, hat.slug if hat and self.own else "")


DOORS: dict[str, tuple[Door, ...]] = {
    "": (
        Door("catalogue", "medal", _("Find a badge to earn"), _("See what is asked before you begin.")),
        Door("account_login", "sign-in", _("Sign in"), _("Hand in work, judge it, or look after badges.")),
        Door("issuer_list", "buildings", _("Who issues here"), _("Schools and partners, with their keys.")),
    ),
    LEARNER: (
        Door("my_badges", "medal", _("My badges"), _("What you earned, and who can see it.")),
        Door("my_work", "paper-plane-tilt", _("My work"), _("What you handed in, and what came back.")),
        Door("catalogue", "magnifying-glass", _("Find a badge to earn"), _("See what is asked before you begin.")),
    ),
    "assessor": (
        Door("queue", "clipboard-text", _("Judge next"), _("The oldest work first, without names.")),
        Door("queue_done", "list-checks", _("Done"), _("What you judged, and what became of it.")),
    ),
    "author": (
        Door("author_badges", "medal", _("Badges"), _("Make one, or change the draft of one."), own=True),
        Door("framework_list", "tree-structure", _("Frameworks"), _("The skills that badges point to.")),
    ),
    "registrar": (
        Door("award_list", "certificate", _("Awards"), _("Find, correct, pause or revoke one."), own=True),
        Door("people", "users", _("People"), _("Invite, give roles, end a membership."), own=True),
        Door("issuer_settings", "key", _("Issuer"), _("Identity and keys: can we sign?"), own=True),
    ),
}


# Each source lists what waits for a person in one domain, most urgent first; the order here is urgency too.
TASK_SOURCES: tuple[Callable[[Person], Sequence[Task]], ...] = (assessment.waiting,)


def doors_for(hat: Hat | None) -> list[dict[str, object]]:
    """List the doors of the role in use whose pages exist."""
    found = ((door, door.address(hat)) for door in DOORS[hat.role if hat else ""])
    return [
        {"address": address, "icon": door.icon, "title": door.title, "sentence": door.sentence}
        for door, address in found
        if address
    ]


def next_three(person: Person) -> list[Task]:
    """List what waits for this person, most urgent first, from every source; three at most."""
    found = [task for source in TASK_SOURCES for task in source(person)]
    return found[:3]

"""Who an organization gives badges to: people with an account here, and people it only knows by its own list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.awards.models import Recipient
from insignia.foundation.ids import new_id

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.organizations.models import Organization


def subject_urn() -> str:
    """Draw the random name by which documents call somebody; it says nothing about them."""
    return f"urn:uuid:{new_id()}"


def recipient_of_person(person: Person, *, organization: Organization) -> Recipient:
    """Find or make the recipient that a person with an account is to this organization."""
    recipient, _ = Recipient.objects.get_or_create(
        organization=organization,
        key=f"person:{person.public_id}",
        defaults={"person": person, "urn": subject_urn(), "data_key": person.data_key},
    )
    return recipient

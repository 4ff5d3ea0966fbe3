"""What can be wrong with a person's account."""

from __future__ import annotations

from insignia.foundation.errors import Conflict, NotFound


class AddressTaken(Conflict):
    """Somebody has this address already."""

    code = "address-taken"


class PersonNotFound(NotFound):
    """No such person."""

    code = "person-not-found"


class ConsentMissing(Conflict):
    """There is no agreement to withdraw."""

    code = "consent-not-in-force"

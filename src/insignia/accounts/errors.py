"""What can be wrong with a person's account."""

from __future__ import annotations

from insignia.foundation.errors import Conflict, Invalid, NotFound


class AddressTaken(Conflict):
    """Somebody has this address already."""

    code = "address-taken"


class PersonNotFound(NotFound):
    """No such person."""

    code = "person-not-found"


class ConsentMissing(Conflict):
    """There is no agreement to withdraw."""

    code = "consent-not-in-force"


class BirthDateKnown(Conflict):
    """The date of birth was entered before; it is entered once."""

    code = "birth-date-known"


class BirthDateImpossible(Invalid):
    """Nobody alive was born on that day."""

    code = "birth-date-impossible"

"""What can stop a check before it starts."""

from __future__ import annotations

from insignia.foundation.errors import Invalid, Unavailable


class NothingToVerify(Invalid):
    """Neither a file, nor a text, nor an address was given."""

    code = "nothing-to-verify"


class AddressUnusable(Invalid):
    """The address is not one we fetch credentials from."""

    code = "address-unusable"


class AddressSilent(Unavailable):
    """The address did not answer, or not with something we read."""

    code = "address-silent"

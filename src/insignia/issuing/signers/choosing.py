"""Which signer: `INSIGNIA_SIGNER`.

in-process              keys in the database, in envelopes; signed where it is asked for (the default)
processes, processes:N  the same keys, signed in N processes (default: one for each core)
socket:/PATH            a process of its own, `insignia signer`, holds the keys
pkcs11:...              a device holds them (a URI of RFC 7512 with module-path and pin-source)
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from insignia.issuing.errors import SignerMisconfigured
from insignia.issuing.signers.in_process import InProcess
from insignia.issuing.signers.keys import RowKeys

if TYPE_CHECKING:
    from insignia.issuing.signers.port import SigningBackend


def signing_backend() -> SigningBackend:
    """Give the signer that the settings name; a process has one.

    Raises:
        SignerMisconfigured: the settings name none that there is.
    """
    return _named(settings.INSIGNIA_SIGNER)


@lru_cache(maxsize=8)
def _named(name: str) -> SigningBackend:
    if name == "in-process":
        return InProcess(RowKeys())
    raise SignerMisconfigured(f"INSIGNIA_SIGNER is {name!r}: in-process, processes, socket:/PATH or pkcs11:... .")

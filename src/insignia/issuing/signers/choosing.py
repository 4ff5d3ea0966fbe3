"""Which signer: `INSIGNIA_SIGNER`.

in-process              keys in the database, in envelopes; signed where it is asked for (the default)
processes, processes:N  the same keys, signed in N processes (default: one for each core)
socket:/PATH            a process of its own, `insignia signer`, holds the keys (?user=NAME: only one of that user)
pkcs11:...              a device holds them (a URI of RFC 7512 with module-path and pin-source)
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from django.conf import settings

from insignia.issuing.errors import SignerMisconfigured
from insignia.issuing.signers.client import SocketSigner
from insignia.issuing.signers.in_process import InProcess
from insignia.issuing.signers.keys import RowKeys
from insignia.issuing.signers.processes import Processes
from insignia.issuing.signers.token import TokenAddress, TokenKeys

if TYPE_CHECKING:
    from insignia.issuing.signers.port import SigningBackend

CHOICES = "in-process, processes, processes:N, socket:/PATH or pkcs11:..."


def signing_backend() -> SigningBackend:
    """Give the signer that the settings name; a process has one.

    Raises:
        SignerMisconfigured: the settings name none that there is.
    """
    return _named(settings.INSIGNIA_SIGNER)


@lru_cache(maxsize=8)
def _named(name: str) -> SigningBackend:
    kind, _, rest = name.partition(":")
    if name == "in-process":
        return InProcess(RowKeys())
    if kind == "processes" and (not rest or rest.isdigit()):
        return Processes(int(rest or 0) or os.cpu_count() or 1)
    if kind == "socket" and rest.startswith("/"):
        path, _, asked = rest.partition("?")
        return SocketSigner(path, user=dict(parse_qsl(asked)).get("user", ""))
    if kind == "pkcs11":
        return InProcess(TokenKeys(TokenAddress.parse(name)))
    raise SignerMisconfigured(f"INSIGNIA_SIGNER is {name!r}. Choose {CHOICES}.")

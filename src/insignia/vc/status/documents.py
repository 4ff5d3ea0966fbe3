"""The two documents around a status list: the entry in a credential, and the list's own credential.

Bitstring Status List 1.0, sections 2.1 (BitstringStatusListEntry) and 2.2 (BitstringStatusListCredential).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from insignia.vc.errors import StatusListMalformed
from insignia.vc.limits import DEFAULT_LIMITS, Limits
from insignia.vc.model.moments import moment_write
from insignia.vc.status.bits import BitstringList, decode

if TYPE_CHECKING:
    from insignia.vc.model.json import Json, JsonObject

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
BITSTRING_ENTRY = "BitstringStatusListEntry"
BITSTRING_CREDENTIAL = "BitstringStatusListCredential"
BITSTRING_LIST = "BitstringStatusList"
MINIMUM_ENTRIES = 131_072
DEFAULT_TTL_MS = 300_000
# a decimal number, no sign, no leading zero, few enough digits for any list that fits our limits
INDEX = re.compile(r"(0|[1-9][0-9]{0,11})", re.ASCII)


@dataclass(frozen=True)
class StatusEntry:
    """Where a credential's status stands: which list, which bit, what the bit means."""

    purpose: str
    index: int
    list_url: str


@dataclass(frozen=True)
class StatusList:
    """A decoded list: what its bits mean, and the bits."""

    purposes: frozenset[str]
    bits: BitstringList


def status_entry(*, list_url: str, index: int, purpose: str) -> JsonObject:
    """Write the `credentialStatus` entry of one credential."""
    return {
        "id": f"{list_url}#{index}",
        "type": BITSTRING_ENTRY,
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": list_url,
    }


def status_list_credential(
    *,
    id: str,  # noqa: A002  - the property is called id
    issuer: str,
    purpose: str,
    encoded_list: str,
    valid_from: datetime,
    valid_until: datetime,
    ttl_ms: int = DEFAULT_TTL_MS,
) -> JsonObject:
    """Write an unsigned status list credential; times are aware, `ttl_ms` says how long to cache it."""
    return {
        "@context": [CREDENTIALS_V2],
        "id": id,
        "type": ["VerifiableCredential", BITSTRING_CREDENTIAL],
        "issuer": issuer,
        "validFrom": moment_write(valid_from),
        "validUntil": moment_write(valid_until),
        "credentialSubject": {
            "id": f"{id}#list",
            "type": BITSTRING_LIST,
            "statusPurpose": purpose,
            "ttl": ttl_ms,
            "encodedList": encoded_list,
        },
    }


def parse_entry(entry: Mapping[str, Json]) -> StatusEntry:
    """Read a BitstringStatusListEntry.

    Raises:
        StatusListMalformed: a member is missing or wrong, or the entry has more than one bit.
    """
    if entry.get("statusSize", 1) not in (1, "1"):
        raise StatusListMalformed("Only status entries of one bit are known.")
    index = _text(entry, "statusListIndex")
    if not INDEX.fullmatch(index):
        raise StatusListMalformed("statusListIndex is not a decimal number written as text.")
    list_url = _text(entry, "statusListCredential")
    if entry.get("id") == list_url:
        raise StatusListMalformed("The entry's id is the address of the list.")
    return StatusEntry(purpose=_text(entry, "statusPurpose"), index=int(index), list_url=list_url)


def parse_list(document: Mapping[str, Json], limits: Limits = DEFAULT_LIMITS) -> StatusList:
    """Read a BitstringStatusListCredential whose signature the caller checks.

    Raises:
        StatusListMalformed: not such a credential, or shorter than the specification's minimum.
        StatusListTooLarge: it inflates beyond the limit.
    """
    if BITSTRING_CREDENTIAL not in _texts(document.get("type")):
        raise StatusListMalformed(f"The status list is not a {BITSTRING_CREDENTIAL}.")
    subject = _only_subject(document.get("credentialSubject"))
    if BITSTRING_LIST not in _texts(subject.get("type")):
        raise StatusListMalformed(f"The status list's subject is not a {BITSTRING_LIST}.")
    bits = BitstringList(decode(_text(subject, "encodedList"), limits))
    if len(bits) < MINIMUM_ENTRIES:
        raise StatusListMalformed(f"A status list has at least {MINIMUM_ENTRIES} entries; this one {len(bits)}.")
    return StatusList(purposes=frozenset(_texts(subject.get("statusPurpose"))), bits=bits)


def _only_subject(subject: Json) -> Mapping[str, Json]:
    found = subject[0] if isinstance(subject, list) and len(subject) == 1 else subject
    if not isinstance(found, dict):
        raise StatusListMalformed("The status list has no subject, or several.")
    return found


def _text(holder: Mapping[str, Json], name: str) -> str:
    value = holder.get(name)
    if not isinstance(value, str) or not value:
        raise StatusListMalformed(f"{name} is missing or not text.")
    return value


def _texts(value: Json) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(item for item in values if isinstance(item, str))

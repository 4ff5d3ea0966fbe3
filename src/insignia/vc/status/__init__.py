"""Bitstring Status List 1.0: the bits, their encoding, the entry in a credential and the list credential."""

from insignia.vc.status.bits import BitstringList, decode, encode
from insignia.vc.status.documents import (
    BITSTRING_ENTRY,
    MINIMUM_ENTRIES,
    StatusEntry,
    StatusList,
    parse_entry,
    parse_list,
    status_entry,
    status_list_credential,
)

__all__ = [
    "BITSTRING_ENTRY",
    "MINIMUM_ENTRIES",
    "BitstringList",
    "StatusEntry",
    "StatusList",
    "decode",
    "encode",
    "parse_entry",
    "parse_list",
    "status_entry",
    "status_list_credential",
]

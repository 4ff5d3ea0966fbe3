"""Writing the record, giving its rows their numbers, and proving the chain."""

from insignia.audit.services.checkpoint import (
    checkpoint_path,
    checkpoint_read,
    checkpoint_recover,
    checkpoint_write,
)
from insignia.audit.services.recording import Entry, audit_record, audit_record_many
from insignia.audit.services.sequencing import audit_sequence
from insignia.audit.services.verifying import ChainReport, audit_verify

__all__ = [
    "ChainReport",
    "Entry",
    "audit_record",
    "audit_record_many",
    "audit_sequence",
    "audit_verify",
    "checkpoint_path",
    "checkpoint_read",
    "checkpoint_recover",
    "checkpoint_write",
]

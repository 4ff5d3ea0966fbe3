"""The JSON-LD contexts we know, pinned by hash, and the loader that gives nothing else."""

from insignia.vc.contexts.loader import ContextLoader, older_ob3_context
from insignia.vc.contexts.table import CREDENTIALS_V1, CREDENTIALS_V2, KNOWN_CONTEXTS, OB3_CONTEXT, OB3_EXTENSIONS

__all__ = [
    "CREDENTIALS_V1",
    "CREDENTIALS_V2",
    "KNOWN_CONTEXTS",
    "OB3_CONTEXT",
    "OB3_EXTENSIONS",
    "ContextLoader",
    "older_ob3_context",
]

"""Secrets in links: 256 bits, derived again when a mail is written, kept in the database only as a hash."""

from __future__ import annotations

import base64
import hashlib
import hmac

from insignia.foundation.master import derived_key


def token_derive(purpose: str, *parts: str) -> str:
    """Derive the link token of one thing (43 base64url characters); the same parts give the same token."""
    message = "\x1f".join(parts).encode()
    digest = hmac.new(derived_key(f"token:{purpose}"), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def token_hash(token: str) -> str:
    """Hash a token for storing and looking up (SHA-256 hex; nobody can guess a token, so no salt is needed)."""
    return hashlib.sha256(token.encode()).hexdigest()

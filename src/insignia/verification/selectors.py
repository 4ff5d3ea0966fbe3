"""Checking bytes and addresses. Nothing is written: a check leaves no trace of who asked for what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from insignia.awards.logged import logged_before_withdrawal
from insignia.foundation.fetch import Fetcher
from insignia.vc.errors import AddressRefused, VcError
from insignia.vc.open import judge
from insignia.vc.verify import Outcome, Policy, Report
from insignia.verification.errors import AddressSilent, AddressUnusable, NothingToVerify
from insignia.verification.sources import sources_for

ACCEPT = (
    "application/vc+ld+json, application/vc, application/vc+jwt, application/ld+json, application/json, "
    "image/png, image/svg+xml;q=0.9, text/plain;q=0.8"
)
LONGEST_ADDRESS = 2_000

OwnCopy = Callable[[str], bytes | None]
"""Gives the machine copy at one of our own addresses, as the visitor may see it; None for others' addresses."""


def bytes_judged(*, raw: bytes, at: datetime, fetcher: Fetcher | None = None) -> Report:
    """Check a credential in any form: JSON, JWT, PNG or SVG.

    Raises:
        NothingToVerify: nothing was given.
    """
    if not raw.strip():
        raise NothingToVerify(
            "There is nothing to check yet. Choose a file, or paste a text or an address.",
            fields={"file": "Choose a file, or paste a text or an address."},
        )
    return with_our_record(judge(raw, at=at, sources=sources_for(fetcher or Fetcher())))


def with_our_record(report: Report) -> Report:
    """Let our own record speak for a badge of ours whose key was withdrawn after the record knew it."""
    key = report.check("key")
    withdrawn = key.outcome is Outcome.FAILED and key.data.get("code") == "key-revoked"
    if not withdrawn or report.document is None or not logged_before_withdrawal(report.document):
        return report
    vouched = replace(
        key,
        outcome=Outcome.PASSED,
        message="The key was withdrawn later. The record here shows that this was signed before.",
        data={"code": "key-logged"},
    )
    checks = tuple(vouched if check.check_id == "key" else check for check in report.checks)
    return replace(report, checks=checks, verdict=Policy.default().verdict(checks))


def address_judged(*, url: str, at: datetime, own_copy: OwnCopy, fetcher: Fetcher | None = None) -> Report:
    """Check the credential at an address.

    Raises:
        AddressUnusable: not an https address, or one inside a network.
        AddressSilent: it did not answer with something we read.
    """
    wanted = _address_checked(url)
    asking = fetcher or Fetcher()
    raw = own_copy(wanted)
    return bytes_judged(raw=raw if raw is not None else _fetched(wanted, asking), at=at, fetcher=asking)


def _address_checked(url: str) -> str:
    wanted = url.strip()
    try:
        parts = urlsplit(wanted if len(wanted) <= LONGEST_ADDRESS else "")
    except ValueError:  # brackets that hold no address, letters that no host has
        parts = urlsplit("")
    if parts.scheme not in {"https", "http"} or not parts.netloc:
        raise AddressUnusable(
            "This is not a web address. It starts with https://", fields={"url": "An address starts with https://"}
        )
    return wanted


def _fetched(url: str, fetcher: Fetcher) -> bytes:
    try:
        return fetcher.fetch(url, ACCEPT)
    except AddressRefused as error:
        text = "This address is not asked from here. Download the badge and choose the file."
        raise AddressUnusable(text, fields={"url": text}) from error
    except VcError as error:
        raise AddressSilent(f"The address did not answer with a badge. {error.message}") from error

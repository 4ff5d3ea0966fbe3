"""Was the credential revoked, suspended or replaced? (Bitstring Status List 1.0, 3.2)

1. read the entry; 2. fetch the list, but only after the credential's own signature held; 3. verify the list as a
credential: contexts, terms, dates, key, controller, signature; 4. its issuer is the credential's or a trusted
one; 5. it is the list that was asked for, of the same purpose, long enough; 6. look at the bit. A list that fails
any of this says nothing: undetermined, never good.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.errors import StatusListMalformed, TooManyParts, VcError
from insignia.vc.limits import parse_object
from insignia.vc.status import BITSTRING_ENTRY, StatusEntry, StatusList, parse_entry, parse_list
from insignia.vc.verify.core import run_core
from insignia.vc.verify.reading import has_type, objects, texts
from insignia.vc.verify.report import Outcome
from insignia.vc.verify.results import Check
from insignia.vc.verify.subject import Subject

if TYPE_CHECKING:
    from insignia.vc.model.json import JsonObject
    from insignia.vc.verify.report import CheckResult

SPEC = "Bitstring Status List 1.0, 3.2"
PURPOSES = ("revocation", "suspension", "refresh", "message")
OTHER = "other"
CHECKS = {purpose: Check(f"status.{purpose}", SPEC) for purpose in (*PURPOSES, OTHER)}
SHOWN = ("revocation", "suspension", "refresh")
MOST_ENTRIES, MOST_LISTS = 32, 8
"""How many entries of one credential are judged, and how many lists are fetched and verified for them."""
# The meaning of these older entries is fixed by their type.
REVOCATION_TYPES = ("1EdTechRevocationList", "RevocationList2020Status", "CredentialStatusList2017")
SET = {
    "revocation": ("revoked", "The issuer revoked the credential."),
    "suspension": ("suspended", "The issuer suspended the credential."),
    "refresh": ("superseded", "The credential was replaced; there is a newer one."),
}
CLEAR = {
    "revocation": "The credential is not revoked.",
    "suspension": "The credential is not suspended.",
    "refresh": "The credential was not replaced.",
}


def purpose_of(entry: JsonObject) -> str:
    """Say under which purpose an entry is reported."""
    if has_type(entry, *REVOCATION_TYPES):
        return "revocation"
    purposes = texts(entry.get("statusPurpose"))
    return purposes[0] if len(purposes) == 1 and purposes[0] in PURPOSES else OTHER


def check_all(subject: Subject) -> dict[str, CheckResult]:
    """Check every status entry of the credential; one result per purpose, the worst of its entries."""
    found: dict[str, list[CheckResult]] = {purpose: [] for purpose in SHOWN}
    lists = _Lists(subject)
    for number, entry in enumerate(objects(subject.document.get("credentialStatus"))):
        check = CHECKS[purpose := purpose_of(entry)]
        result = _entry(lists, entry, check) if number < MOST_ENTRIES else _too_many(check)
        found.setdefault(purpose, []).append(result)
    return {
        f"status.{purpose}": CHECKS[purpose].worst(results, none="The credential names no such status list.")
        for purpose, results in found.items()
    }


def not_reached(subject: Subject, because: str) -> dict[str, CheckResult]:
    """Give the same checks unreached: a credential whose signature did not hold makes nobody fetch anything."""
    named = {purpose_of(entry) for entry in objects(subject.document.get("credentialStatus"))}
    message = f"Not checked, because {because} did not pass."
    return {
        f"status.{purpose}": CHECKS[purpose].skipped(message, "not-reached")
        for purpose in (*SHOWN, *sorted(named - set(SHOWN)))
    }


def _too_many(check: Check) -> CheckResult:
    return check.undetermined("too-many-parts", "The credential has more status entries than are judged.")


def _entry(lists: _Lists, raw: JsonObject, check: Check) -> CheckResult:
    if not has_type(raw, BITSTRING_ENTRY):
        kind = ", ".join(texts(raw.get("type")))[:80] or "without a type"
        return check.undetermined("status-unsupported", f"Status entries of the kind {kind} are not judged here.")
    try:
        entry = parse_entry(raw)
    except StatusListMalformed as error:
        return check.failed("status-entry-malformed", error.message)
    if entry.purpose not in SET:
        return check.undetermined("status-purpose", "What this status means is not known here.")
    try:
        bit = lists.serving(entry).bits.get(entry.index)
    except VcError as error:
        return check.undetermined(error.code, error.message, list=entry.list_url[:200])
    if bit:
        return check.failed(*SET[entry.purpose], list=entry.list_url[:200])
    return check.passed(CLEAR[entry.purpose], list=entry.list_url[:200])


class _Lists:
    """The status lists of one credential: each is fetched and verified once, however many entries name it."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._known: dict[str, StatusList | VcError] = {}

    def serving(self, entry: StatusEntry) -> StatusList:
        """Give the list of an entry.

        Raises:
            VcError: it cannot be had, or does not hold, or serves something else.
        """
        if entry.list_url not in self._known:
            if len(self._known) >= MOST_LISTS:
                raise TooManyParts(f"The credential names more than {MOST_LISTS} status lists.")
            self._known[entry.list_url] = _judged(self._subject, entry.list_url)
        found = self._known[entry.list_url]
        if isinstance(found, VcError):
            raise found
        if found.purposes != {entry.purpose}:
            raise StatusListMalformed("The status list serves another purpose than the entry says.")
        return found


def _judged(subject: Subject, url: str) -> StatusList | VcError:
    try:
        return _list(subject, url)
    except VcError as error:
        return error


def _list(subject: Subject, url: str) -> StatusList:
    raw = subject.sources.status_lists.fetch(url)
    document = parse_object(raw, limits=subject.policy.limits)
    listed = Subject(document, None, subject.at, subject.sources, subject.policy, raw)
    if document.get("id", url) != url:
        raise StatusListMalformed("The answer is another list than the one that was asked for.")
    if listed.issuer_id not in {subject.issuer_id, *subject.policy.trusted_list_signers}:
        raise StatusListMalformed("The status list was not issued by the credential's issuer.")
    _require_sound(listed)
    return parse_list(document, subject.policy.limits)


def _require_sound(listed: Subject) -> None:
    for result in run_core(listed).values():
        if result.outcome is not Outcome.PASSED:
            raise StatusListMalformed(f"The status list does not hold ({result.check_id}): {result.message}")

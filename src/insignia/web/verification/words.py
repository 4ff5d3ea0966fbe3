"""What a check says to people: its name, its result, what to do. Chosen by check id and code, never by message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import formats, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from insignia.vc.verify import Outcome

if TYPE_CHECKING:
    from insignia.vc.verify import CheckResult

Text = str | Promise

NAMES: Mapping[str, Text] = {
    "readable": _("Can be read"),
    "context": _("Known vocabulary"),
    "terms": _("Every word signed"),
    "types": _("Shape of a badge"),
    "dates": _("Dates in order"),
    "proof": _("Carries a proof"),
    "key": _("Key found"),
    "controller": _("Key is the issuer's"),
    "signature": _("Signature"),
    "expiry": _("Not expired"),
    "status.revocation": _("Not revoked"),
    "status.suspension": _("Not paused"),
    "status.refresh": _("Not replaced"),
    "status.message": _("Status message"),
    "status.other": _("Other status"),
    "issuer-trust": _("Issuer known to you"),
    "schema": _("Follows Open Badges 3.0"),
    "evidence": _("Evidence"),
    "image": _("Picture"),
    "endorsements": _("Endorsements"),
    "register": _("In force at the issuer"),
}

PASSED: Mapping[str, Text] = {
    "readable": _("The file holds one credential."),
    "context": _("It uses only words whose meaning is fixed."),
    "terms": _("Nothing in it stands outside the signature."),
    "types": _("It has every part that a badge needs."),
    "dates": _("Its dates are exact and in order."),
    "proof": _("It is secured in a form that we know."),
    "key": _("The key that signed it was found."),
    "controller": _("The issuer itself lists this key for signing."),
    "signature": _("Nothing was changed since it was signed."),
    "expiry": _("It is within its time."),
    "status.revocation": _("The issuer has not revoked it."),
    "status.suspension": _("The issuer has not paused it."),
    "status.refresh": _("There is no newer copy."),
    "issuer-trust": _("The issuer is on your list."),
    "schema": _("Every part has the shape that the standard gives it."),
    "register": _("The issuer's register here says that it is in force."),
}

# Code -> what it means, what to do next. A code that stands nowhere falls back to its outcome.
CODES: Mapping[str, tuple[Text, Text]] = {
    "body-too-large": (_("The file is larger than 20 MiB."), _("Ask for the credential itself.")),
    "json-too-deep": (_("It is nested deeper than we judge."), _("Ask the issuer for a plain copy.")),
    "json-too-many-nodes": (_("It has more parts than we judge."), _("Ask the issuer for a plain copy.")),
    "json-string-too-long": (_("One text in it is longer than we judge."), _("Ask the issuer for a plain copy.")),
    "json-number-too-long": (
        _("One number in it is longer than we judge."),
        _("Ask the issuer for a plain copy."),
    ),
    "json-malformed": (_("This is not a whole file: it breaks off or is garbled."), _("Download it once more.")),
    "json-duplicate-key": (
        _("It says one thing twice, so two readers could read two things."),
        _("Do not rely on it; ask for a fresh copy."),
    ),
    "credential-malformed": (
        _("There is no badge in this."),
        _("Choose the badge's PNG, SVG or JSON file, or paste its text."),
    ),
    "proof-unsupported": (
        _("It is secured in a way that we do not judge yet."),
        _("It may well be genuine. Check it where it was issued."),
    ),
    "image-unsupported": (
        _("This kind of picture or document cannot carry a badge."),
        _("Choose the badge's PNG, SVG or JSON file."),
    ),
    "image-malformed": (_("The picture is damaged."), _("Download it once more from where it was issued.")),
    "image-credentials": (
        _("This picture holds no badge, or more than one."),
        _("Mail and chat often strip pictures. Choose the file that was downloaded."),
    ),
    "image-too-large": (_("The picture is larger than we judge."), _("Ask for the credential as JSON.")),
    "png-text-too-large": (_("The picture hides more text than we judge."), _("Ask for the credential as JSON.")),
    "svg-too-complex": (_("The picture is more complex than we judge."), _("Ask for the credential as JSON.")),
    "vcdm-1.1": (
        _("This credential follows an older standard that we do not judge yet."),
        _("It may well be genuine. Check it where it was issued."),
    ),
    "open-badges-2": (
        _("This is an Open Badges 2.0 badge, which we do not judge yet."),
        _("It may well be genuine. Check it where it was issued."),
    ),
    "open-badges-1": (
        _("This is an Open Badges 1.1 badge, which we do not judge yet."),
        _("It may well be genuine. Check it where it was issued."),
    ),
    "context-first": (
        _("It does not begin as the standard asks."),
        _("Ask the issuer for a copy that follows Open Badges 3.0."),
    ),
    "context-open-badges": (
        _("It says it is a badge and does not use the words of one."),
        _("Ask the issuer for a copy that follows Open Badges 3.0."),
    ),
    "context-unknown": (
        _("It uses a vocabulary that we do not know."),
        _("It may well be genuine. Check it where it was issued."),
    ),
    "context-inline": (
        _("It brings its own vocabulary along, which could change the meaning of words."),
        _("Ask the issuer for a plain copy."),
    ),
    "terms-dropped": (
        _("Something was written into it that the signature does not cover."),
        _("Do not rely on it; ask for a fresh copy."),
    ),
    "terms-not-plain": (
        _("It writes a word in a way that hides it from readers."),
        _("Ask the issuer for a plain copy."),
    ),
    "terms-unsigned": (
        _("Something was written into it that the signature does not cover."),
        _("Do not rely on it; ask for a fresh copy."),
    ),
    "relative-iri": (
        _("An address in it is incomplete and could lead to different places."),
        _("Ask the issuer for a fresh copy."),
    ),
    "types-malformed": (
        _("A part is missing that every badge needs."),
        _("Ask the issuer for a copy that follows Open Badges 3.0."),
    ),
    "date-malformed": (_("A date in it cannot be read."), _("Ask the issuer for a fresh copy.")),
    "dates-reversed": (_("It ends before it begins."), _("Ask the issuer for a fresh copy.")),
    "proof-missing": (
        _("Nobody signed this. Anybody could have written it."),
        _("Ask for the signed file."),
    ),
    "proof-malformed": (_("The proof in it is incomplete."), _("Ask for a fresh copy.")),
    "proof-purpose": (_("It was signed for another purpose."), _("Ask the issuer for a fresh copy.")),
    "proof-expired": (_("Its proof counted for a time that is over."), _("Ask for a fresh copy.")),
    "too-many-proofs": (_("It carries more proofs than we judge."), _("Ask the issuer for a plain copy.")),
    "too-many-parts": (_("It names more parts than we judge."), _("Open the ones that matter to you yourself.")),
    "jwt-claims": (
        _("Inside and outside of the token say different things."),
        _("Do not rely on it; ask for a fresh copy."),
    ),
    "jwt-malformed": (_("The token is incomplete or asks for something unsafe."), _("Ask for a fresh copy.")),
    "jwt-too-large": (_("The token is larger than we judge."), _("Ask for the credential as JSON.")),
    "key-refused": (_("It was signed with a kind of key that we do not accept."), _("Ask the issuer why.")),
    "key-revoked": (
        _("The issuer withdrew the key that signed this."),
        _("Ask the issuer for a copy signed with its new key."),
    ),
    "key-expired": (_("The key's time is over."), _("Ask the issuer for a copy signed with its new key.")),
    "key-unsupported": (
        _("It was signed with a kind of key that we do not know."),
        _("It may well be genuine. Check it where it was issued."),
    ),
    "key-malformed": (_("The issuer's key cannot be read."), _("Tell the issuer.")),
    "key-not-issuers": (
        _("The key belongs to somebody else than the issuer it names."),
        _("Do not rely on it; ask the issuer it names."),
    ),
    "key-not-published": (
        _("The issuer does not publish the key that signed this."),
        _("Do not rely on it; ask the issuer it names."),
    ),
    "context-older": (
        _("The signature covers all of it but the words of others that are inside."),
        _("Ask the issuer for a fresh copy."),
    ),
    "key-not-vouched": (
        _("We cannot tell if the issuer stands behind this key."),
        _("Try again later, or ask the issuer."),
    ),
    "did-malformed": (_("What the issuer publishes about itself cannot be read."), _("Tell the issuer.")),
    "did-too-large": (_("What the issuer publishes about itself is larger than we judge."), _("Tell the issuer.")),
    "did-unsupported": (
        _("The issuer's identity is of a kind that we cannot look up."),
        _("It may well be genuine. Check it where it was issued."),
    ),
    "did-unresolvable": (_("What the issuer's address answers cannot be used."), _("Tell the issuer.")),
    "signature-mismatch": (
        _("Changed after signing, or signed by somebody else."),
        _("Do not rely on it; ask for a fresh copy."),
    ),
    "not-yet-valid": (_("It is valid from {day}."), _("Come back then.")),
    "expired": (_("Expired on {day}. It was in force until then."), _("Ask if it was renewed.")),
    "revoked": (
        _("The issuer revoked it. It no longer counts."),
        _("Open its address, if it has one, for date and reason."),
    ),
    "suspended": (_("The issuer paused it."), _("Ask the issuer, or try again later.")),
    "superseded": (_("It was replaced by a newer copy."), _("Ask for the newer copy.")),
    "status-unsupported": (
        _("It names a kind of status that we do not judge."),
        _("Ask the issuer if it is in force."),
    ),
    "status-purpose": (
        _("It names a status whose meaning we do not know."),
        _("Ask the issuer if it is in force."),
    ),
    "status-entry-malformed": (_("What it says about its status cannot be read."), _("Ask for a fresh copy.")),
    "status-list-malformed": (
        _("The status list is not one we can rely on: we cannot say if this is in force."),
        _("Tell the issuer, and try again later."),
    ),
    "status-list-too-large": (
        _("The status list is larger than we read: we cannot say if this is in force."),
        _("Ask the issuer if it is in force."),
    ),
    "unreachable": (
        _("What we asked did not answer. That says nothing about the badge; it may well be genuine."),
        _("Try again in some minutes."),
    ),
    "address-refused": (
        _("It names an address inside a network, which is not asked from here."),
        _("Ask the issuer for a copy with public addresses."),
    ),
    "fetch-timeout": (_("The answer took too long."), _("Try again in some minutes.")),
    "fetch-too-large": (_("The answer was larger than we read."), _("Tell the issuer.")),
    "fetch-redirects": (_("The address led on too often."), _("Tell the issuer.")),
    "fetch-budget-spent": (_("Checking it would ask too many addresses."), _("Tell the issuer.")),
    "graph-too-large": (_("It is larger than we judge."), _("Ask the issuer for a plain copy.")),
    "canon-work-exceeded": (
        _("It is built so that checking would take too long."),
        _("Ask the issuer for a plain copy."),
    ),
    "too-many-contexts": (_("It names more vocabularies than we judge."), _("Ask the issuer for a plain copy.")),
    "issuer-unknown": (
        _("Nobody you trust vouches for this issuer."),
        _("Find out who the issuer is before you rely on it."),
    ),
    "schema-departure": (
        _("A part differs from what the standard asks."),
        _("This alone is no reason to doubt it. Tell the issuer."),
    ),
    "not-judged": (_("Words of others about it are inside; we did not check those."), _("Check each by itself.")),
    "not-fetched": (_("It is named in the badge; we did not open it."), _("Open it yourself and look.")),
    "not-reached": (_("Not checked, because an earlier check did not pass."), ""),
    "not-applicable": (_("There was nothing of this kind to check."), ""),
    "paused-here": (_("The issuer paused it on {day}: {reason}"), _("Ask the issuer, or try again later.")),
    "revoked-here": (_("The issuer revoked it on {day}: {reason}"), _("It no longer counts.")),
}

# Where the general meaning of a code is not precise enough for one check.
SPECIAL: Mapping[tuple[str, str], tuple[Text, Text]] = {
    ("status.revocation", "unreachable"): (
        _("The status list did not answer: we cannot say if this is in force. It may well be genuine."),
        _("Try again in some minutes."),
    ),
    ("key", "unreachable"): (
        _("The issuer's address did not answer, so the key could not be looked up. It may well be genuine."),
        _("Try again in some minutes."),
    ),
    ("key", "key-logged"): (
        _("The issuer withdrew the key later. Its record here shows that this badge was signed before."),
        _("Elsewhere it may not check: ask the issuer for a copy signed with its new key."),
    ),
    ("issuer-trust", "not-applicable"): (
        _("We keep no list of issuers for you. Whether you know this one is yours to say."),
        "",
    ),
}

OUTCOMES: Mapping[Outcome, tuple[Text, Text]] = {
    Outcome.PASSED: (_("This holds."), ""),
    Outcome.FAILED: (_("This does not hold."), _("Do not rely on it; ask for a fresh copy.")),
    Outcome.UNDETERMINED: (_("This could not be told."), _("Try again later, or ask the issuer.")),
    Outcome.SKIPPED: (_("Not checked."), ""),
}


@dataclass(frozen=True)
class CheckWords:
    """One check as a page shows it."""

    check_id: str
    name: str
    status: str
    sentence: str
    advice: str
    detail: str
    spec: str
    code: str


def check_words(check: CheckResult, *, zone_day: str = "") -> CheckWords:
    """Put one check into the words of the active language; the English technical message stays as detail."""
    code = str(check.data.get("code", ""))
    sentence, advice = _meaning(check, code)
    facts = {"day": zone_day or _day(check), "reason": str(check.data.get("reason", ""))}
    return CheckWords(
        check_id=check.check_id,
        name=str(NAMES.get(check.check_id, check.check_id)),
        status=check.outcome.value.lower(),
        sentence=_filled(sentence, facts),
        advice=str(advice),
        detail=check.message,
        spec=check.spec,
        code=code,
    )


def _meaning(check: CheckResult, code: str) -> tuple[Text, Text]:
    if check.outcome is Outcome.PASSED and (check.check_id, code) in SPECIAL:
        return SPECIAL[check.check_id, code]
    if check.outcome is Outcome.PASSED:
        return PASSED.get(check.check_id, OUTCOMES[Outcome.PASSED][0]), ""
    return SPECIAL.get((check.check_id, code)) or CODES.get(code) or OUTCOMES[check.outcome]


def _filled(sentence: Text, facts: Mapping[str, str]) -> str:
    text = str(sentence)
    for name, value in facts.items():
        text = text.replace("{" + name + "}", value or translation.gettext("an unknown day"))
    return text


def _day(check: CheckResult) -> str:
    found = check.data.get("moment")
    return formats.date_format(datetime.fromisoformat(found)) if isinstance(found, str) else ""

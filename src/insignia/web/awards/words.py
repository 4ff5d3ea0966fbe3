"""The domains' refusals in the language of the page, by code; and the views that speak so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import formats
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from insignia.foundation.errors import InsigniaError

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]

SENTENCES: Mapping[str, Promise] = {
    "award-not-found": _("There is no badge at this address, or its owner keeps it private."),
    "award-erased": _("The person this badge belonged to asked us to erase it."),
    "award-on-hold": _("This award is on hold already. Nothing changed."),
    "award-not-on-hold": _("This award is not on hold. Nothing changed."),
    "award-already-issued": _("This badge is signed already. Revoke it instead."),
    "award-not-issued": _("This badge is not signed yet. Hold it instead."),
    "award-already-revoked": _("This badge was revoked before. Nothing changed."),
    "award-already-suspended": _("This badge is paused already. Nothing changed."),
    "award-not-suspended": _("This badge is in force; there is no pause to lift. Nothing changed."),
    "reason-missing": _("Write a reason of 1 to 500 characters. Whoever checks the badge reads it."),
    "claim-unusable": _("This link is not in use. A newer one may have replaced it: look for our latest mail."),
    "claim-ended": _("This link ended on %(ended)s. Your badge is safe; get a new one."),
    "claimed-by-another": _("This badge was given to somebody else. Sign out to keep it from this link."),
    "award-consent-missing": _("Everyone may see this badge once your guardian has agreed."),
    "links-not-allowed": _("Your school does not open badges by link before you are 18."),
    "evidence-unknown": _("There is no such piece of evidence here, or its owner keeps it private."),
    "evidence-not-found": _("There is no such piece of evidence here, or its owner keeps it private."),
    "share-ended:ended": _("This link ended on %(ended)s. Ask its owner for another."),
    "share-ended": _("The owner ended this share. Ask them for another."),
    "share-expiry-unusable": _("Choose an end between tomorrow and two years from now."),
    "award-quarantined": _("Signing stopped, because what came back did not fit. Whoever runs this has to look."),
    "nothing-to-verify": _("There is nothing in it. Choose a file, or paste an address or a text."),
    "address-unusable": _(
        "This is no public address of a badge. It starts with https://; or download the badge and choose the file."
    ),
    "address-silent": _("The address did not answer with a badge. Try again, or choose the downloaded file."),
    "stop-link-unusable": _("This link is not in use. Open the one in our latest mail."),
    "issuer-not-found": _("There is no such issuer, key or list here."),
    "issuer-missing": _("Nothing can be signed yet. Create a key first."),
    "issuer-exists": _("This organization has its signing identity already. Nothing changed."),
    "key-active": _("This key signs now. Rotate the keys, and say there that somebody else may hold them."),
    "origin-unusable": _(
        "The address of this installation is no scheme and host, so nothing can be signed with it."
    ),
    "mark-missing": _(
        "Nothing is signed: this machine has lost the mark of its counters. "
        "Whoever runs it has to run: insignia recover"
    ),
    "database-behind-mark": _(
        "Nothing is signed or changed: the database is an older copy. Whoever runs it has to run: insignia recover"
    ),
    "signer-unavailable": _(
        "The signer does not answer, so nothing is signed now. What waits is signed as soon as it does."
    ),
    "signer-limit-reached": _("The signer has signed as much today as it may. What waits is signed tomorrow."),
    "key-not-held": _("The signer does not hold this key. Whoever owns the issuer has to make new keys."),
    "signing-refused": _("The signer refused this. Whoever runs it can see why."),
    "signer-misconfigured": _("Nothing is signed: whoever runs this has to set INSIGNIA_SIGNER again."),
    "list-busy": _("This status list is being published elsewhere. It will be up to date in a moment."),
    "correction-changes-nothing": _("This is what the badge says already. Nothing changed."),
    "correction-outdated": _("This badge was changed meanwhile. Look at it again."),
    "correction-unfinished": _("A correction of this badge is being signed. Look again in a moment."),
    "correction-unusable": _(
        "A name has up to 200 visible characters, and the last day comes after the first. Nothing changed."
    ),
    "awarded-ahead": _("A badge cannot have been awarded on a day to come."),
    "renewal-not-due": _(
        "A badge is renewed in the last third of its validity, at most 90 days before its end, or up to a year "
        "after it. Nothing changed."
    ),
    "renewal-needs-assessment": _("This badge is renewed by being judged anew. Nothing changed."),
    "expiry-days-unusable": _("Write one to eight numbers of days, each from 1 to 365."),
    "meant-otherwise": _("By now other badges are meant than were counted. Nothing changed."),
    "nothing-meant": _("No badge is meant. Nothing changed."),
    "organization-not-found": _("There is no such organization here."),
    "decision-not-met": _("A badge follows only from a final decision that says met."),
}


def in_words(error: InsigniaError) -> str:
    """Say an error in the active language; one without a sentence of ours keeps its own."""
    sentence = SENTENCES.get(f"{error.code}:{'+'.join(error.data)}") or SENTENCES.get(error.code)
    if sentence is None:
        return error.message
    return (
        str(sentence) % {name: _day(value) for name, value in error.data.items()} if error.data else str(sentence)
    )


def _day(value: object) -> object:
    found = parse_date(value) if isinstance(value, str) else None
    return formats.date_format(found) if found else value


def worded(view: View[Rest]) -> View[Rest]:
    """Let a view's refusals reach the error page in the visitor's language."""

    @wraps(view)
    def speaking(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except InsigniaError as error:
            error.message = in_words(error)
            raise

    return speaking

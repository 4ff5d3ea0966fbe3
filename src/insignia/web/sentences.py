"""The domains' refusals in the language of the page, by the error's code. One that is not here keeps its own."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from insignia.foundation.errors import InsigniaError
from insignia.web.assessment.words import SENTENCES as OF_ASSESSMENT

SENTENCES: Mapping[str, Promise] = {
    **OF_ASSESSMENT,
    "organization-not-found": _("There is nothing here, or nothing that you may see."),
    "role-missing": _("Your role here does not include this. Ask an owner for the role."),
    "last-owner": _("An organization keeps at least one owner. Make somebody else an owner first."),
    "already-member": _("This person is a member already."),
    "invitation-unusable": _("No invitation has this address. Copy the whole link from the mail."),
    "invitation-over": _("This invitation was used or has ended. Ask for a new one."),
    "guardian-missing": _("Write the name of the guardian who agreed."),
    "consent-not-in-force": _("There is no consent in force to withdraw. Nothing changed."),
    "birth-date-known": _("Your date of birth was entered before. It can be entered only once."),
    "birth-date-impossible": _("Enter the day you were born, such as 29 February 2008."),
    "mail-not-found": _("There is no such mail here."),
    "mail-not-returned": _("Mails to this address are tried already. Nothing changed."),
    "recipient-unusable": _("This is not an e-mail address. It looks like name@school.org."),
}


def sentence_of(error: InsigniaError) -> str:
    """Say an error in the active language; one without a sentence here keeps its own."""
    sentence = SENTENCES.get(error.code)
    return str(sentence) if sentence is not None else error.message

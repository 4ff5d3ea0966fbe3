"""What the codes of a badge are called on screens."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CLASSES: Mapping[str, Promise] = {
    "recognition": _("Recognition"),
    "knowledge": _("Knowledge"),
    "application": _("Application"),
}
CLASS_MEANINGS: Mapping[str, Promise] = {
    "recognition": _("Participation, not assessed"),
    "knowledge": _("Knowledge, shown in an exam or a performance"),
    "application": _("Application, shown in work that is judged"),
}
CLASS_SENTENCES: Mapping[str, Promise] = {
    "recognition": _("It says that somebody took part. Nobody judged how well."),
    "knowledge": _("It says that somebody knows this, and how they showed it."),
    "application": _("It says that somebody can do this: their work was judged by the rubric below."),
}
FIELDS: Mapping[str, Promise] = {
    "academic": _("Academic"),
    "career": _("Career"),
    "civic": _("Civic"),
}
ASSESSMENTS: Mapping[str, Promise] = {
    "exam": _("An exam"),
    "performance": _("A performance that is watched"),
    "artifact": _("A piece of work"),
}
SUPERVISION: Mapping[str, Promise] = {
    "unsupervised": _("Nobody supervises the work"),
    "supervised": _("Somebody supervises the work"),
    "supervised_identified": _("Somebody supervises the work and checks who does it"),
}
PARTICIPATION: Mapping[str, Promise] = {
    "onsite": _("On site"),
    "online": _("Online"),
    "blended": _("On site and online"),
    "workplace": _("At a workplace"),
    "volunteering": _("As a volunteer"),
}
RENEWALS: Mapping[str, Promise] = {
    "reassessment": _("by being judged anew"),
    "attestation": _("by the organization, without new work"),
}
KINDS: Mapping[str, Promise] = {
    "file": _("a file"),
    "link": _("a link"),
    "text": _("a few sentences"),
}
LANGUAGES: Mapping[str, Promise] = {
    "en": _("English"),
    "es": _("Spanish"),
}


def language_name(tag: str) -> str:
    """Name a language in the reader's own; a tag we have no word for stays a tag."""
    return str(LANGUAGES.get(tag.split("-")[0], tag))

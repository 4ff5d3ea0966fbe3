"""What the codes of frameworks are called on screens."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from insignia.frameworks.findings import Weight
from insignia.frameworks.searching import Match

TIES: Mapping[str, Promise] = {
    "isChildOf": _("Belongs under"),
    "isPeerOf": _("Stands beside"),
    "isPartOf": _("Is part of"),
    "exactMatchOf": _("Means the same as"),
    "precedes": _("Comes before"),
    "isRelatedTo": _("Is related to"),
    "replacedBy": _("Is replaced by"),
    "exemplar": _("Is shown by the example"),
    "hasSkillLevel": _("Has the level"),
    "isTranslationOf": _("Is a translation of"),
}
MATCHES: Mapping[Match, Promise] = {
    Match.CODE: _("Its code"),
    Match.CODE_PREFIX: _("Its code begins so"),
    Match.CODE_PART: _("Part of its code"),
    Match.WORDS: _("Its words"),
    Match.CLOSE: _("Nearly its words"),
}
WEIGHTS: Mapping[Weight, Promise] = {
    Weight.LEFT_OUT: _("Left out"),
    Weight.MENDED: _("Read differently from how it is written"),
    Weight.NOTE: _("Good to know"),
}
WEIGHT_MARKS: Mapping[Weight, str] = {Weight.LEFT_OUT: "flag", Weight.MENDED: "pencil-simple", Weight.NOTE: "info"}
FORMATS: Mapping[str, Promise] = {
    "case": _("CASE package"),
    "opensalt-csv": _("OpenSALT table"),
    "ctdl-asn": _("CTDL-ASN graph"),
    "digcomp": _("DigComp 3.0"),
}
CHANGES: Mapping[str, Promise] = {
    "added": _("New"),
    "changed": _("Changed"),
    "moved": _("Moved"),
    "retired": _("Retired: no longer in the file"),
    "returned": _("Back again"),
}
REFUSALS: Mapping[str, Promise] = {
    "not-a-framework": _(
        "This is no framework that we know. We read CASE (JSON), OpenSALT (CSV), CTDL-ASN and DigComp (JSON-LD)."
    ),
    "framework-unreadable": _("This file is damaged. Export it again from where it came."),
    "framework-empty": _("This file has no item. Export the framework again with its items."),
    "framework-too-large": _("This file is larger than we take. Split it into several frameworks."),
}

"""What the domain's codes say on the screens of authors, in the reader's language.

Gaps and findings carry codes; refusals of the codec and of pictures carry sentences that are matched here. A test
holds these tables to the domain's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from insignia.achievements.rules import Finding, Gap

GAPS: Mapping[str, Promise] = {
    "name-missing": _("Give it a name."),
    "description-missing": _("Say in a few sentences what it certifies."),
    "criteria-missing": _("Say what somebody must do to earn it."),
    "text-missing-in-language": _("Write this in the language of the badge too."),
    "image-missing": _("Compose or upload a picture."),
    "image-alt-missing": _("Describe the picture for people who do not see it."),
    "outcome-missing": _("Add at least one outcome: what can the earner do?"),
    "outcome-not-aligned": _("Align at least one outcome to an item of a framework."),
    "assessment-type-missing": _("Say how it is judged."),
    "assessment-type-unfit": _("A knowledge badge is judged by an exam or a performance."),
    "pass-rule-missing": _("Say when it counts as met."),
    "supervision-missing": _("Say whether somebody supervises the work."),
    "qa-statement-missing": _("Say how the quality of this badge is watched."),
    "hours-missing": _("Say how many hours it takes, at least 1."),
    "rubric-missing": _("Add a rubric: criteria with levels."),
    "outcome-without-criterion": _("Add a criterion with a required level for this outcome."),
    "criterion-without-outcome": _("Say which outcome this criterion judges."),
    "required-level-missing": _("Mark the level that is required."),
    "levels-missing": _("A criterion needs at least two levels."),
    "requirement-missing": _("Ask for at least one piece of evidence."),
    "requirement-kind-missing": _("Say in which kinds this evidence may come."),
    "assessor-qualification-missing": _("Say who may judge."),
    "moderation-missing": _("Say how judgements are compared."),
}
FINDINGS: Mapping[str, Promise] = {
    "placeholder": _("This still says “%(word)s”. Write what it will be."),
    "criteria-too-short": _("%(length)s characters say little. Tell what, how well and under which conditions."),
    "outcome-too-short": _("Add the object, the condition and the standard: not only what, but how well."),
    "outcome-too-long": _("This holds several outcomes. Split it."),
    "outcome-vague": _("Nobody can see “%(word)s”. Say what the earner does to show it."),
    "outcome-no-observable-verb": _(
        "Begin with something an assessor can see, such as design, explain or measure."
    ),
    "outcome-repeated": _("This outcome says the same as another one."),
    "levels-identical": _("Two levels read the same. Say what sets them apart."),
    "level-undescribed": _("Describe this level, so that two assessors see the same thing."),
    "required-level-lowest": _("The lowest level is required: everybody meets it. Require a higher one."),
    "points-not-rising": _("A higher level has fewer points than a lower one."),
    "no-critical-criterion": _("No criterion is critical. Mark those without which the badge means nothing."),
    "too-many-criteria": _("%(count)s criteria for %(hours)s hours is a lot to judge."),
    "hours-unusual": _("%(hours)s hours is a lot for one badge. Could it be a family of badges?"),
    "no-required-evidence": _("No evidence is required. What will the assessor look at?"),
}
PICTURES: Mapping[str, Promise] = {
    "not-a-picture": _("This is neither a PNG nor an SVG. Save the picture as one of them."),
    "image-too-large": _("This picture is too large: at most 8 MiB and 16 million pixels. Save it smaller."),
    "image-too-small": _("A picture is at least 90 pixels wide and high."),
    "image-too-narrow": _("A picture is at most four times as long as it is wide."),
    "png-unreadable": _("This PNG is damaged. Save it again and upload that."),
    "png-trailing": _("Something is hidden behind this picture. Save it again as PNG."),
    "animated": _("A badge does not move. Upload a still picture."),
    "svg-unreadable": _("This SVG is damaged or does not say how large it is. Save it again as plain SVG."),
    "svg-doctype": _("This SVG declares a document type. Save it as plain SVG."),
    "svg-acts": _("This SVG holds something that can run or load. Draw it with paths only."),
    "svg-style": _("This SVG has a style sheet. Save it with presentation attributes instead."),
    "svg-text": _("This SVG has text that depends on a font. Turn the text into outlines."),
    "svg-loads": _("This SVG refers to something outside. Put everything into the picture."),
    "svg-too-complex": _("This SVG is too complex. Flatten its effects, simplify it and save it as plain SVG."),
}
REFUSALS: tuple[tuple[re.Pattern[str], Promise], ...] = (
    (
        re.compile(r"At most (?P<limit>\d+) characters fit here; there are (?P<count>\d+)\."),
        _("At most %(limit)s characters fit here; there are %(count)s."),
    ),
    (
        re.compile(r"At most (?P<limit>\d+) fit here; there are (?P<count>\d+)\."),
        _("At most %(limit)s fit here; there are %(count)s."),
    ),
    (
        re.compile(r"This is a whole number from (?P<low>\d+) to (?P<high>\d+)\."),
        _("This is a whole number from %(low)s to %(high)s."),
    ),
    (
        re.compile(r"This has characters that cannot be shown\."),
        _("This has characters that cannot be shown. Type it instead of pasting it."),
    ),
    (
        re.compile(r"All texts together take at most (?P<size>\d+) KiB\."),
        _("All texts together take at most %(size)s KiB. Shorten some."),
    ),
    (
        re.compile(r"The ribbon holds at most (?P<limit>\d+) letters\."),
        _("The ribbon holds at most %(limit)s letters."),
    ),
    (
        re.compile(r"The ribbon can show Latin letters, digits and simple punctuation\."),
        _("The ribbon can show Latin letters, digits and simple punctuation."),
    ),
    (
        re.compile(r"There is no such symbol\. Choose one from the list\."),
        _("There is no such symbol. Choose one from the list."),
    ),
    (
        re.compile(r"Align at most (?P<limit>\d+) items, each to an outcome of this badge\."),
        _("Align at most %(limit)s items, each to an outcome of this badge."),
    ),
)
UNREADABLE = _("This cannot be read. Load the page again and repeat the last step.")


def gap_sentence(gap: Gap) -> str:
    """Say what is missing."""
    return str(GAPS[gap.message_code])


def finding_sentence(finding: Finding) -> str:
    """Say what a live check found."""
    return str(FINDINGS[finding.code]) % finding.data


def picture_sentence(reason: str) -> str:
    """Say why an uploaded picture is not taken."""
    return str(PICTURES.get(reason, UNREADABLE))


def refusal_sentence(sentence: str) -> str:
    """Say a refusal of the domain in the reader's language; shapes only a forged form has get one sentence."""
    for pattern, words in REFUSALS:
        if match := pattern.fullmatch(sentence):
            return str(words) % match.groupdict()
    return str(UNREADABLE)


TINCTURES: Mapping[str, Promise] = {
    "azure": _("Blue"),
    "vert": _("Green"),
    "gules": _("Red"),
    "purpure": _("Purple"),
    "tenne": _("Brown"),
    "sable": _("Black"),
}
METALS: Mapping[str, Promise] = {"argent": _("Silver"), "gold": _("Gold")}
SYMBOLS: Mapping[str, Promise] = {
    "medal": _("medal"),
    "star": _("star"),
    "book-open": _("open book"),
    "graduation-cap": _("graduation cap"),
    "pencil": _("pencil"),
    "microphone-stage": _("microphone"),
    "chat-circle-text": _("conversation"),
    "translate": _("translation"),
    "flask": _("flask"),
    "magnifying-glass": _("magnifying glass"),
    "atom": _("atom"),
    "leaf": _("leaf"),
    "tree": _("tree"),
    "drop": _("water drop"),
    "chart-line-up": _("rising chart"),
    "calculator": _("calculator"),
    "code": _("program code"),
    "cpu": _("computer chip"),
    "wrench": _("wrench"),
    "hammer": _("hammer"),
    "first-aid": _("first aid"),
    "heartbeat": _("heartbeat"),
    "scales": _("scales"),
    "handshake": _("handshake"),
    "hands-clapping": _("clapping hands"),
    "users-three": _("group of people"),
    "megaphone": _("megaphone"),
    "globe": _("globe"),
    "camera": _("camera"),
    "paint-brush": _("paint brush"),
    "music-notes": _("music"),
    "mountains": _("mountains"),
}

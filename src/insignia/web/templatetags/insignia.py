"""Tags of every template (they are built in, no {% load %} is needed). Each is shown at /styleguide.

{% icon "envelope-simple" %}                     an interface icon; beside a word, or with its own label
{% status "valid" %}                             shape + word + colour; words=... says more than the default
{% field form.email %}                           label, hint, control, error of one form field
{% error_summary form %}                         GOV.UK error summary over one or more forms
{{ achievement.name|localized }}                 the text of this language out of {"en": ..., "es": ...}
{% day value %} {% moment value zone %}          exact dates in a <time>
{{ text|markdown }}                              Markdown to safe HTML
{% validity "valid" "10 checks passed." %}       the line above the double rule
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import nh3
from django import template
from django.forms import BaseForm, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Textarea
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils import formats, timezone, translation
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt

from insignia.foundation.localized import localized_pick

register = template.Library()

SPRITE = "insignia/sprite.svg"


@dataclass(frozen=True)
class Mark:
    """How a status looks and what it is called."""

    symbol: str
    tone: str
    word: Promise


MARKS: dict[str, Mark] = {
    "valid": Mark("check", "good", _("Valid")),
    "passed": Mark("check", "good", _("Passed")),
    "met": Mark("check", "good", _("Met")),
    "almost": Mark("half", "warn", _("Almost")),
    "not-yet": Mark("return", "brand", _("Not yet")),
    "invalid": Mark("cross", "bad", _("Invalid")),
    "failed": Mark("cross", "bad", _("Failed")),
    "revoked": Mark("bar", "bad", _("Revoked")),
    "suspended": Mark("pause", "warn", _("Suspended")),
    "undetermined": Mark("unknown", "idk", _("Undetermined")),
    "skipped": Mark("dash", "soft", _("Skipped")),
    "expired": Mark("hourglass", "soft", _("Expired")),
    "replaced": Mark("chevrons", "brand", _("Replaced")),
    "waiting": Mark("clock", "soft", _("Waiting")),
    "draft": Mark("draft", "soft", _("Draft")),
}


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """Draw an icon of the sprite; without a label it is decoration beside a word."""
    address = f"{static(SPRITE)}#{name}"
    kind = f"icon icon-{size}" if size else "icon"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>', kind, label, address
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', kind, address)


@register.simple_tag
def status(name: str, words: str = "") -> SafeString:
    """Draw a status mark: shape, word, colour. An unknown name is a mistake of the page."""
    mark = MARKS[str(name).lower().replace("_", "-")]
    return format_html(
        '<span class="status is-{}">{}<span>{}</span></span>',
        mark.tone,
        icon(f"mark-{mark.symbol}"),
        words or mark.word,
    )


@register.inclusion_tag("components/validity.html")
def validity(name: str, sentence: str, href: str = "", link: str = "") -> dict[str, Any]:
    """Draw the validity line: the word of the status, a sentence, a link to the checks."""
    mark = MARKS[str(name).lower().replace("_", "-")]
    return {"mark": mark, "sentence": sentence, "href": href, "link": link or _("See the checks")}


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, label: str = "", hint: str = "", kind: str = "") -> dict[str, Any]:
    """Draw one field of a form: label above, hint, error, control; a group of choices as a fieldset."""
    widget = bound.field.widget
    many = isinstance(widget, (RadioSelect, CheckboxSelectMultiple))
    if kind:
        widget.attrs["class"] = f"{widget.attrs.get('class', '')} input-{kind}".strip()
    if isinstance(widget, Textarea):
        widget.attrs.setdefault("rows", 6)
    widget.attrs.pop("placeholder", None)
    if hint:
        bound.help_text = hint
    return {
        "bound": bound,
        "label": label or bound.label,
        "many": many,
        "single_box": isinstance(widget, CheckboxInput) and not many,
        "optional": not bound.field.required,
    }


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: BaseForm) -> dict[str, Any]:
    """Draw the summary of what needs mending: first on the page, focused, each line a link to its field."""
    lines: list[tuple[str, str]] = []
    for form in forms:
        lines += [("", str(text)) for text in form.non_field_errors()] if form.is_bound else []
        for bound in form if form.is_bound else []:
            lines += [(_first_id(bound), str(text)) for text in bound.errors]
    return {"lines": lines}


def _first_id(bound: BoundField) -> str:
    return str(bound.id_for_label or f"{bound.auto_id}_0")


@register.simple_tag
def title_prefix(*forms: BaseForm) -> str:
    """Give "Error: " for the title of a page whose form needs mending, else nothing."""
    wrong = any(getattr(form, "is_bound", False) and form.errors for form in forms)
    word = translation.gettext("Error")
    return f"{word}: " if wrong else ""


@register.filter
def localized(value: object) -> str:
    """Choose this language's text out of {language: text}; a plain string stays as it is."""
    if isinstance(value, Mapping):
        return localized_pick(value, translation.get_language() or "en")
    return str(value or "")


@register.simple_tag
def day(value: date | datetime | None, zone: str = "UTC") -> SafeString:
    """Write an exact date: 14 May 2026."""
    if value is None:
        return SafeString("")
    if isinstance(value, datetime):
        value = timezone.localtime(value, ZoneInfo(zone)).date()
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.date_format(value))


@register.simple_tag
def moment(value: datetime | None, zone: str = "UTC") -> SafeString:
    """Write an exact time: 14 May 2026, 10:42 (in `zone`; UTC is named)."""
    if value is None:
        return SafeString("")
    local = timezone.localtime(value, ZoneInfo(zone))
    text = formats.date_format(local, "DATETIME_FORMAT") + (" UTC" if zone == "UTC" else "")
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), text)


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])


ALLOWED_TAGS = {
    "p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "a",
    "h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


@register.filter
def markdown(value: object) -> SafeString:
    """Turn Markdown into HTML that can do no harm: no pictures, no raw HTML, headings from h2 on."""
    html = _markdown().render(localized(value))
    html = html.replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    clean = nh3.clean(html, tags=ALLOWED_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})
    return mark_safe(clean)  # noqa: S308  - cleaned by an allow-list on the line above


@register.filter
def percent_of(part: int, whole: int) -> int:
    """Give `part` of `whole` in percent, rounded down; 0 of nothing is 0."""
    return 100 * part // whole if whole else 0

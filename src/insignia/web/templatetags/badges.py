"""Words for the codes of badges, for templates that show badges: {% load badges %}."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise

from insignia.web.achievements import words

register = template.Library()


@register.filter
def class_word(code: str) -> str | Promise:
    """Name a credential class: Recognition, Knowledge, Application."""
    return words.CLASSES[code]


@register.filter
def field_word(code: str) -> str | Promise:
    """Name the part of life a badge belongs to."""
    return words.FIELDS[code]

"""Turning a queued row into a mail's subject and text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.template import TemplateDoesNotExist
from django.template.loader import select_template
from django.utils import translation

from insignia.foundation.localized import localized_pick
from insignia.foundation.sealing import unseal
from insignia.outbox.models import Message

SUBJECT = "Subject: "
SUBJECT_CHARACTERS = 160


@dataclass(frozen=True)
class Letter:
    """A mail as it will be read."""

    subject: str
    text: str


def letter_of(message: Message) -> Letter:
    """Write the mail a row stands for, in its language.

    Raises:
        Erased: the person it was about was erased.
    """
    body = json.loads(unseal(bytes(message.sealed_context), key=message.data_key, purpose="mail"))
    context = {name: _in_language(value, message.language) for name, value in body["context"].items()}
    context |= {name: _late(call) for name, call in body["late"].items()}
    context |= {"origin": settings.INSIGNIA_ORIGIN}
    with translation.override(message.language):
        return _split(_template(message).render(context))


def _template(message: Message) -> Any:  # noqa: ANN401  - Django's template backends share no typed base
    names = [f"outbox/{message.kind}.{language}.txt" for language in (message.language, "en")]
    try:
        return select_template(names)
    except TemplateDoesNotExist as error:
        raise LookupError(f"No template for the mail {message.kind}") from error


def _split(text: str) -> Letter:
    first, _, rest = text.lstrip().partition("\n")
    subject = "".join(mark for mark in first.removeprefix(SUBJECT) if mark.isprintable())
    return Letter(subject.strip()[:SUBJECT_CHARACTERS], rest.strip() + "\n")


def _in_language(value: Any, language: str) -> Any:  # noqa: ANN401  - any JSON value
    if isinstance(value, Mapping) and value and all(isinstance(text, str) for text in value.values()):
        return localized_pick(value, language)
    return value


def _late(call: list[str]) -> str:
    module, function = settings.INSIGNIA_LATE_VALUES[call[0]].split(":")
    value: Callable[..., str] = getattr(import_module(module), function)
    return value(*call[1:])

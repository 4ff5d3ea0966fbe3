"""Turning a queued row into a mail's subject and text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from unicodedata import category
from uuid import UUID

from django.conf import settings
from django.template import Context, TemplateDoesNotExist
from django.template.loader import select_template
from django.utils import translation

from insignia.foundation.localized import localized_pick
from insignia.foundation.sealing import unseal
from insignia.foundation.tokens import token_derive
from insignia.outbox.models import LetterText, Message
from insignia.outbox.rules import PLACEHOLDERS, filled, topic_of

SUBJECT = "Subject: "
SUBJECT_CHARACTERS = 160
NEVER_IN_A_HEADER = frozenset({"Cc", "Cs"})
"""Control characters, and halves of a character that no encoding can write."""
STOP_PURPOSE = "mail-stop"


@dataclass(frozen=True)
class Letter:
    """A mail as it will be read; `stop_link` turns off its topic, and is empty for mails that are always sent."""

    subject: str
    text: str
    stop_link: str = ""


class OwnTexts:
    """What organizations wrote themselves, each looked up once: for as many mails as are written together."""

    def __init__(self) -> None:
        self._found: dict[tuple[UUID | None, str, str], LetterText | None] = {}

    def of(self, message: Message) -> LetterText | None:
        """Give the text that a mail's organization has for it."""
        key = message.organization_id, message.kind, message.language
        if key not in self._found:
            self._found[key] = text_of(message.organization_id, kind=message.kind, language=message.language)
        return self._found[key]


def letter_of(message: Message, texts: OwnTexts | None = None) -> Letter:
    """Write the mail a row stands for, in its language, as its organization words it.

    Raises:
        Erased: the person it was about was erased.
    """
    body = json.loads(unseal(bytes(message.sealed_context), key=message.data_key, purpose="mail"))
    context = body["context"] | {name: _late(call) for name, call in body["late"].items()}
    own = (texts or OwnTexts()).of(message)
    letter = written(own, context) if own is not None else shipped(message.kind, message.language, context)
    return _with_footer(letter, message) if topic_of(message.kind) else letter


def text_of(organization_id: UUID | None, *, kind: str, language: str) -> LetterText | None:
    """Give the organization's own text of a mail, if it has one in this language."""
    if organization_id is None or kind not in PLACEHOLDERS:
        return None
    return LetterText.objects.filter(organization_id=organization_id, kind=kind, language=language).first()


def shipped(kind: str, language: str, context: Mapping[str, Any]) -> Letter:
    """Write a mail by the text that comes with Insignia."""
    spoken = {name: _in_language(value, language) for name, value in context.items()}
    with translation.override(language):
        text = _rendered(kind, language, spoken | {"origin": settings.INSIGNIA_ORIGIN})
    first, _, rest = text.lstrip().partition("\n")
    return Letter(_one_line(first.removeprefix(SUBJECT)), rest.strip() + "\n")


def written(own: LetterText, context: Mapping[str, Any]) -> Letter:
    """Write a mail by an organization's own text."""
    origin, language = settings.INSIGNIA_ORIGIN, own.language
    subject = filled(own.kind, own.subject, context, origin=origin, language=language)
    text = filled(own.kind, own.body, context, origin=origin, language=language)
    return Letter(_one_line(subject), text.strip() + "\n")


def stop_path(message_id: UUID) -> str:
    """Give the path that turns off a mail's topic; the token proves that one has the mail."""
    return f"/mails/{message_id}/stop/{token_derive(STOP_PURPOSE, str(message_id))}"


def _with_footer(letter: Letter, message: Message) -> Letter:
    link = f"{settings.INSIGNIA_ORIGIN}{stop_path(message.public_id)}"
    language = message.language if message.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    footer = _rendered("_stop", language, {"link": link})
    return Letter(letter.subject, f"{letter.text}\n-- \n{footer.strip()}\n", link)


def _rendered(kind: str, language: str, values: dict[str, Any]) -> str:
    """Write a text by its template. It is no HTML: nothing is escaped, whatever the template says or forgets."""
    text: str = _template(kind, language).template.render(Context(values, autoescape=False))
    return text


def _template(kind: str, language: str) -> Any:  # noqa: ANN401  - Django's template backends share no typed base
    names = [f"outbox/{kind}.{one}.txt" for one in (language, "en")]
    try:
        return select_template(names)
    except TemplateDoesNotExist as error:
        raise LookupError(f"No template for the mail {kind}") from error


def _one_line(text: str) -> str:
    """Put white space of any kind into single spaces and drop what no header may hold.

    Joiners stay: without them one sign, such as an emoji of somebody at work, falls into two.
    """
    line = " ".join(text.split())
    return "".join(mark for mark in line if category(mark) not in NEVER_IN_A_HEADER)[:SUBJECT_CHARACTERS].strip()


def _in_language(value: Any, language: str) -> Any:  # noqa: ANN401  - any JSON value
    if isinstance(value, Mapping) and value and all(isinstance(text, str) for text in value.values()):
        return localized_pick(value, language)
    return value


def _late(call: list[str]) -> str:
    module, function = settings.INSIGNIA_LATE_VALUES[call[0]].split(":")
    value: Callable[..., str] = getattr(import_module(module), function)
    return value(*call[1:])

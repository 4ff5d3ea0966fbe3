"""Where the sign-in library meets our people: accounts it makes are made our way, its mails go our way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from insignia.accounts.models import Person
from insignia.accounts.selectors import person_by_email
from insignia.accounts.services import person_register
from insignia.audit.actor import Actor
from insignia.foundation.ids import new_id
from insignia.outbox.services import message_queue


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Creates people with a data key and an audit row; puts every mail into the outbox."""

    def save_user(self, request: HttpRequest, user: Person, form: Any, commit: bool = True) -> Person:  # noqa: ANN401, FBT001, FBT002  - allauth's signature
        """Store somebody who signs up; the language of the screen becomes theirs."""
        user.email = form.cleaned_data["email"]
        user.language = getattr(request, "LANGUAGE_CODE", "en")[:2]
        if commit:
            person_register(user, at=_now(), actor=Actor.system("accounts.signup"), verified=False)
        return user

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue a mail of the sign-in library; what we do not name is not sent."""
        person = person_by_email(email)
        kind = template_prefix.removeprefix("account/email/").removeprefix("mfa/email/").replace("_", "-")
        message_queue(
            kind=f"signin-{kind}",
            key=f"signin:{new_id()}",
            recipient=email,
            language=person.language if person else getattr(self.request, "LANGUAGE_CODE", "en")[:2],
            context={"code": str(context.get("code", "")), "url": str(context.get("activate_url", ""))},
            at=_now(),
        )


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  - this class is a door: the library calls it inside a request

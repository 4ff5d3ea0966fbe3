"""Where the sign-in library meets our people: accounts it makes are made our way, its mails go our way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from insignia.accounts.models import Person
from insignia.accounts.selectors import person_by_email
from insignia.accounts.services import person_register
from insignia.audit.actor import Actor
from insignia.foundation.ids import new_id
from insignia.outbox.services import message_queue


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Creates people with a data key and an audit row; puts every mail into the outbox; says our words."""

    error_messages: ClassVar[dict[str, str | Promise]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "cannot_remove_primary_email": _("The main address cannot be removed. Make another one the main one."),
        "duplicate_email": _("This address is already one of yours."),
        "email_taken": _("This address cannot be added here. Sign in with it, or use another one."),
        "incorrect_code": _("The code does not match. Look at the newest mail."),
        "max_email_addresses": _("You can have %d addresses. Remove one first."),
        "rate_limited": _("Wait a minute before you ask for another code."),
        "too_many_login_attempts": _("Too many tries. Have a new code mailed."),
        "unverified_primary_email": _("Show that this address is yours before you make it the main one."),
    }

    def save_user(self, request: HttpRequest, user: Person, form: Any, commit: bool = True) -> Person:  # noqa: ANN401, FBT001, FBT002  - allauth's signature
        """Store somebody who signs up; the language of the screen becomes theirs."""
        user.email = form.cleaned_data["email"]
        user.language = getattr(request, "LANGUAGE_CODE", "en")[:2]
        if commit:
            person_register(user, at=_now(), actor=Actor.system("accounts.signup"), verified=False)
        return user

    def get_reauthentication_methods(self, user: Person) -> list[dict[str, Any]]:
        """Offer the passkey before the recovery code."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return sorted(methods, key=lambda method: "webauthn" not in method["id"])

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell somebody who signs up a second time that the account is there; the screen says nothing of it."""
        self.send_mail("account/email/account_already_exists", email, {})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue a mail of the sign-in library; what we do not name is not sent."""
        person = person_by_email(email)
        kind = template_prefix.removeprefix("account/email/").removeprefix("mfa/email/").replace("_", "-")
        message_queue(
            kind=f"signin-{kind}",
            key=f"signin:{new_id()}",
            recipient=email,
            language=person.language if person else getattr(self.request, "LANGUAGE_CODE", "en")[:2],
            context={
                "code": str(context.get("code", "")),
                "sign_in": reverse("account_login"),
                "sign_up": reverse("account_signup"),
                "deleted_email": str(context.get("deleted_email", "")),
                "to_email": str(context.get("to_email", "")),
            },
            at=_now(),
        )


class PasskeyAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Says our words about passkeys and recovery codes."""

    error_messages: ClassVar[dict[str, str | Promise]] = {
        **DefaultMFAAdapter.error_messages,
        "cannot_generate_recovery_codes": _("Add a passkey first; recovery codes stand in for it."),
        "incorrect_code": _("This does not match. Try again."),
        "unverified_email": _("Show that your address is yours before you add a passkey."),
    }


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  - this class is a door: the library calls it inside a request

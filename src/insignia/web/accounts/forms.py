"""Forms of sign-in and of one's own account."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from insignia.web.fields import JsonField, LineField

if TYPE_CHECKING:
    from insignia.accounts.models import Person

UNREADABLE = (
    forms.ValidationError,
    AttributeError,
    LookupError,
    RecursionError,
    struct.error,
    TypeError,
    ValueError,
)
"""What the library raises over an answer that is none."""
EMAIL_ERRORS = {
    "required": _("Enter your e-mail address."),
    "invalid": _("This is not an e-mail address. It looks like name@school.org."),
}


class NameForm(forms.Form):
    """Asks for the name a new person is shown by; the sign-in library puts its e-mail field beside it."""

    display_name = LineField(
        label=_("Your name"),
        help_text=_("As it should stand on your badges. You can change it later."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Enter your name as it should stand on your badges.")},
    )

    def signup(self, request: HttpRequest, user: Person) -> None:  # noqa: ARG002  - the library's own signature
        """Keep the name on the person who was just made."""
        user.display_name = self.cleaned_data["display_name"]
        user.save(update_fields=["display_name"])


def _sign_up_form() -> type[forms.Form]:
    from allauth.account.forms import SignupForm

    class SignUpForm(SignupForm):  # type: ignore[misc]  # allauth ships no types
        """Name, then address; our words."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  - the library's own signature
            super().__init__(*args, **kwargs)
            self.fields["email"].label = _("E-mail address")
            self.fields["email"].help_text = _("We mail you a code to sign in with. There is no password.")
            self.fields["email"].error_messages.update(EMAIL_ERRORS)
            self.order_fields(["display_name", "email"])

    return SignUpForm


def __getattr__(name: str) -> Any:  # noqa: ANN401  - a module's attribute can be anything
    """Make the sign-up form when it is asked for: the library's form imports this module for NameForm first."""
    if name == "SignUpForm":
        globals()[name] = _sign_up_form()
        return globals()[name]
    raise AttributeError(name)


class PasskeyField(JsonField):
    """What a browser's passkey answers. The library fails on another shape, so the shape is looked at here."""

    def __init__(self, shape: type[AuthenticationResponse | RegistrationResponse]) -> None:
        super().__init__(widget=forms.HiddenInput)
        self.shape = shape

    def to_python(self, value: Any) -> Any:  # noqa: ANN401  - JSON
        """Give the answer as it came, or refuse the field."""
        try:
            answer = super().to_python(value)
            if answer not in self.empty_values:
                self.shape.from_dict(answer)
        except UNREADABLE as broken:
            raise get_adapter().validation_error("incorrect_code") from broken
        return answer


class SignInPasskeyForm(LoginWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """Signs in with a passkey alone."""

    credential = PasskeyField(AuthenticationResponse)


class SecondPasskeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]  # as above
    """Asks for a passkey after a code, of those who have one."""

    credential = PasskeyField(AuthenticationResponse)


class ConfirmPasskeyForm(ReauthenticateWebAuthnForm):  # type: ignore[misc]  # as above
    """Asks for a passkey once more before something that matters."""

    credential = PasskeyField(AuthenticationResponse)


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # as above
    """A key is always a passkey here: it signs in by itself, after a finger, a face or a PIN."""

    credential = PasskeyField(RegistrationResponse)
    passwordless = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  - the library's own signature
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of this passkey")
        self.fields["name"].help_text = _("So that you know it again, such as “school laptop”.")


class ProfileForm(forms.Form):
    """The name a person is shown by."""

    display_name = LineField(
        label=_("Your name"),
        help_text=_("As it should stand on badges that are issued from now on."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Enter your name as it should stand on your badges.")},
    )


class BirthDateForm(forms.Form):
    """The day a person was born; three numbers, in the order the language writes dates."""

    born_on = forms.DateField(
        label=_("Your date of birth"),
        help_text=_("You can enter it once. We use it to protect minors, and show it to nobody."),
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"],
        error_messages={
            "required": _("Enter the day you were born, such as 29 February 2008."),
            "invalid": _("Enter the day you were born, such as 29 February 2008."),
        },
    )

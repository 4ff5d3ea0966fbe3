"""The form of an issuer's public profile. Shape only."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ProfileForm(forms.Form):
    """What the public Profile says from now on."""

    url = forms.URLField(
        label=_("Website"),
        help_text=_("Where readers learn who you are. Left empty: our own page about you."),
        required=False,
        max_length=500,
        assume_scheme="https",
        error_messages={"invalid": _("This is no web address. It starts with https://")},
    )
    email = forms.EmailField(
        label=_("Address for questions"),
        help_text=_("An office's address, not a person's. It is public."),
        required=False,
        error_messages={"invalid": _("This is not an e-mail address. It looks like name@school.org.")},
    )
    image = forms.URLField(
        label=_("Picture"),
        help_text=_("The address of your logo, starting with https://"),
        required=False,
        max_length=500,
        assume_scheme="https",
        error_messages={"invalid": _("This is no web address. It starts with https://")},
    )


class RotateForm(forms.Form):
    """Why keys change: as a habit, or because somebody else may hold them."""

    why = forms.ChoiceField(
        label=_("Why now?"),
        widget=forms.RadioSelect,
        choices=[
            ("habit", _("As a habit. Badges signed before stay valid.")),
            (
                "leak",
                _(
                    "Somebody else may hold the key. Badges signed with it check only here, by the record, "
                    "until you sign them again."
                ),
            ),
        ],
        initial="habit",
    )

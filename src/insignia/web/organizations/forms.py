"""Shapes of what people of an organization send: an invitation, roles, a guardian's name."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from insignia.web.fields import LineField

ROLE_CHOICES: tuple[tuple[str, Promise], ...] = (
    ("owner", _("Owner: gives roles, invites, and can do what authors and registrars do")),
    ("author", _("Badge author: makes badges and publishes them")),
    ("assessor", _("Assessor: judges what learners hand in")),
    ("registrar", _("Registrar: looks after awards, people and the issuer")),
)
ROLE_WORDS: Mapping[str, Promise] = {
    "owner": _("Owner"),
    "author": _("Badge author"),
    "assessor": _("Assessor"),
    "registrar": _("Registrar"),
}
SCOPE_CHOICES: tuple[tuple[str, Promise], ...] = (
    ("awards:read", _("Read awards: who was given what, and how it stands")),
    ("awards:write", _("Award badges, pause and revoke them")),
    ("badges:read", _("Read badges: their ids and names")),
)
SCOPE_WORDS: Mapping[str, Promise] = {
    "awards:read": _("read awards"),
    "awards:write": _("award and revoke"),
    "badges:read": _("read badges"),
}


class RolesForm(forms.Form):
    """The roles somebody has; none means learner."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        help_text=_("Learners need none."),
        choices=ROLE_CHOICES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose among the roles shown.")},
    )


class InvitationForm(RolesForm):
    """Whom to invite, and to what."""

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("We mail a link that works once, for 14 days."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Enter the e-mail address of the person you invite."),
            "invalid": _("This is not an e-mail address. It looks like name@school.org."),
            "max_length": _("This is too long for an e-mail address."),
        },
    )
    field_order = ("email", "roles")


class ConsentForm(forms.Form):
    """Who agreed to public pages."""

    given_by = LineField(
        label=_("Name of the guardian who agreed"),
        help_text=_("As on the form they signed. Only registrars and owners here see it."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Write the name of the guardian who agreed."),
            "max_length": _("A name of up to 200 letters is kept. Shorten it."),
        },
    )


class TokenForm(forms.Form):
    """What a token is for, what it may do and how long it works."""

    name = LineField(
        label=_("What is it for?"),
        help_text=_("The program that uses it, such as: student system."),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Write what the token is for."),
            "max_length": _("A name of up to 80 letters is kept. Shorten it."),
        },
    )
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"),
        help_text=_("As little as the program needs."),
        choices=SCOPE_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one thing that it may do."),
            "invalid_choice": _("Choose among what is shown."),
        },
    )
    days = forms.ChoiceField(
        label=_("How long does it work?"),
        choices=[("30", _("30 days")), ("90", _("90 days")), ("365", _("A year"))],
        initial="90",
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose how long it works."),
            "invalid_choice": _("Choose among what is shown."),
        },
    )

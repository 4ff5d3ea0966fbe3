"""The shape of a mail's own text."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from insignia.outbox.rules import BODY_LONGEST, SUBJECT_LONGEST


class TextForm(forms.Form):
    """A subject and a text; what may stand in braces is the domain's to judge."""

    subject = forms.CharField(label=_("Subject"), max_length=SUBJECT_LONGEST, required=False)
    body = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=2 * BODY_LONGEST,
        widget=forms.Textarea(attrs={"rows": 14}),
    )

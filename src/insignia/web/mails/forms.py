"""The shape of a mail's own text."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from insignia.web.mails.words import EMPTY


class TextForm(forms.Form):
    """A subject and a text in one language; their length, and what stands in braces, is the domain's to judge."""

    subject = forms.CharField(label=_("Subject"), error_messages={"required": EMPTY})
    body = forms.CharField(
        label=_("Text"), widget=forms.Textarea(attrs={"rows": 14}), error_messages={"required": EMPTY}
    )

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:  # noqa: ANN401  - what every form takes
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["lang"] = language  # a screen reader pronounces it by this, not by the page's

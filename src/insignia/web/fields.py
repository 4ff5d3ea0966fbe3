"""Form fields that more than one area uses."""

from __future__ import annotations

import re
from typing import Any

from django import forms

# Controls, and the signs that turn the direction of everything behind them: in a name they only mislead.
UNSEEN = re.compile(r"[\x01-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")


class JsonField(forms.JSONField):
    """JSON from a form. Django's own field fails on some of what is none: too many digits, too many brackets."""

    def to_python(self, value: Any) -> Any:  # noqa: ANN401  - any JSON
        """Give the value, or refuse the field."""
        try:
            return super().to_python(value)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error

    def bound_data(self, data: Any, initial: Any) -> Any:  # noqa: ANN401  - as above
        """Give what a page shows again; what cannot be read is not sent back."""
        try:
            return super().bound_data(data, initial)
        except (ValueError, RecursionError):
            return initial


class LineField(forms.CharField):
    """One line of text, such as a name: unseen signs are dropped, runs of spaces become one."""

    def to_python(self, value: Any) -> str:  # noqa: ANN401  - whatever the request held
        """Give the line as it will be shown."""
        text = super().to_python(value)
        return " ".join(UNSEEN.sub(" ", text).split()) if isinstance(text, str) else ""

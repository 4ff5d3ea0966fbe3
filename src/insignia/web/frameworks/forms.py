"""The form that takes a framework file. What is in the file, the domain judges."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from insignia.frameworks.source import MAX_BYTES


class FrameworkFileForm(forms.Form):
    """One file; `into` when it is a newer state of a framework that is here already."""

    file = forms.FileField(
        label=_("Framework file"),
        help_text=_("CASE package (JSON), OpenSALT table (CSV), CTDL-ASN or DigComp 3.0 (JSON-LD), up to 20 MB."),
        error_messages={
            "required": _("Choose the file to import."),
            "empty": _("This file has nothing in it. Choose another one."),
        },
    )
    into = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def clean_file(self) -> Any:  # noqa: ANN401  - Django's own signature
        """Refuse a file that is larger than any framework before it is read."""
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile) and (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(_("This file is larger than 20 MB. Split it into several frameworks."))
        return file

"""What can be given to the checker: a file, a pasted text, or an address. Shape only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

FILE_BYTES = 20 * 2**20
MIB = 2**20


class VerifyForm(forms.Form):
    """Three ways in, one is enough; what looks like a credential is one, in whichever field it was pasted."""

    file = forms.FileField(
        label=_("A file"),
        help_text=_("The badge's PNG, SVG or JSON file, up to 20 MiB. We keep no copy."),
        required=False,
        allow_empty_file=True,
        error_messages={"invalid": _("The file did not arrive whole. Choose it again.")},
    )
    url = forms.CharField(
        label=_("Or its address"),
        help_text=_("Such as https://school.org/awards/…"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    text = forms.CharField(
        label=_("Or its text"),
        help_text=_("The JSON of the credential, or a token that begins with eyJ."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off", "class": "mono"}),
    )
    use_required_attribute = False
    too_large = False

    def shown(self) -> VerifyForm:
        """Give the form as a page shows it: each of the three is enough, so none is called optional."""
        for field in self.fields.values():
            field.required = True
        return self

    def clean_file(self) -> UploadedFile[Any] | None:
        """Refuse a file beyond what is judged, with its size."""
        file: UploadedFile[Any] | None = self.cleaned_data.get("file")
        if file is not None and (file.size or 0) > FILE_BYTES:
            self.too_large = True
            raise forms.ValidationError(
                _("This file has %(size)s MiB; 20 are the limit. Choose the badge itself.")
                % {"size": -(-(file.size or 0) // MIB)}
            )
        return file

    def clean(self) -> dict[str, Any]:
        """Ask for something where nothing was given."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        url = str(given.get("url", ""))
        if url.startswith(("{", "eyJ")):
            given["text"], given["url"] = url, ""
        if not self.errors and not any(given.get(name) for name in ("file", "url", "text")):
            self.add_error("file", _("Choose a file, or paste an address or a text."))
        return given

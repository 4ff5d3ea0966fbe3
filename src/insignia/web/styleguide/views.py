"""Every component on one page, with the markup that makes it."""

from __future__ import annotations

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from insignia.web.templatetags.insignia import MARKS

SWATCHES = ["page", "card", "sunk", "tint", "line", "edge", "ink", "soft", "brand", "good", "warn", "bad", "idk"]


class SampleForm(forms.Form):
    """One field of each kind, two of them in need of mending."""

    name = forms.CharField(label=_("Name of the badge"), help_text=_("At most six words."))
    story = forms.CharField(label=_("You show that you can…"), widget=forms.Textarea, required=False)
    level = forms.ChoiceField(
        label=_("Level reached"),
        choices=[("1", _("Beginning")), ("2", _("Proficient")), ("3", _("Advanced"))],
        widget=forms.RadioSelect,
    )
    agree = forms.BooleanField(label=_("I made this work myself."), required=False)
    file = forms.FileField(label=_("Evidence"), required=False)


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component."""
    broken = SampleForm({"name": "", "level": ""})
    context = {
        "marks": list(MARKS),
        "swatches": SWATCHES,
        "form": SampleForm(prefix="fine", initial={"level": "2"}),
        "broken": broken,
        "page": Paginator(range(40), 10).page(2),
    }
    return render(request, "styleguide/styleguide.html", context)

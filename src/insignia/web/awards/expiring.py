"""The expiry board: what ends soon, what ended, on which days learners are told; act on several at once."""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from insignia.achievements.rules import Renewal
from insignia.audit.actor import Actor
from insignia.awards.errors import ExpiryDaysUnusable
from insignia.awards.register import ENDING_DAYS, ending_counts, ending_in
from insignia.awards.selection import may_be_renewed
from insignia.awards.selectors import expiry_days_of
from insignia.awards.services import expiry_days_set
from insignia.web.awards.words import in_words, worded
from insignia.web.organizations.access import Seat, seat_of

PER_PAGE = 50
ENDED = 0


class DaysForm(forms.Form):
    """On how many days before the end learners are told."""

    days = forms.CharField(
        label=_("Days before the end"),
        help_text=_("Up to eight numbers, such as 90, 60, 30, 7. Each learner gets one mail for each."),
        max_length=60,
        error_messages={"required": _("Write one to eight numbers of days, each from 1 to 365.")},
    )

    def clean_days(self) -> list[int]:
        """Read the numbers."""
        parts = str(self.cleaned_data["days"]).replace(",", " ").split()
        if not all(part.isdecimal() and len(part) < 5 for part in parts):
            raise forms.ValidationError(_("Write one to eight numbers of days, each from 1 to 365."))
        return [int(part) for part in parts]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@worded
def award_ending(request: HttpRequest, organization: str) -> HttpResponse:
    """Show what ends within the chosen days, or what ended; take the days on which learners are told."""
    seat = seat_of(request, organization, role="registrar")
    form = DaysForm(request.POST if request.method == "POST" else None, initial={"days": _days(seat)})
    if request.method == "POST" and form.is_valid() and _kept(seat, form):
        messages.success(request, str(_("Saved. Learners are told on these days.")))
        return HttpResponseRedirect(reverse("award_ending", args=[seat.organization.slug]), status=303)
    at, within = datetime.now(UTC), _within(request)
    rows = ending_in(organization=seat.organization, viewer=seat.person, on=at, days=within)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "school": seat.organization,
        "zone": seat.organization.time_zone,
        "within": within,
        "counts": ending_counts(organization=seat.organization, viewer=seat.person, on=at),
        "page": page,
        "rows": [
            (award, award.version.content.get("renewal") == Renewal.ATTESTATION, may_be_renewed(award, on=at))
            for award in page
        ],
        "query": f"within={within}&",
        "form": form,
    }
    return render(request, "awards/ending.html", context, status=422 if form.errors else 200)


def _within(request: HttpRequest) -> int:
    asked = request.GET.get("within", "")
    return int(asked) if asked in {str(days) for days in (*ENDING_DAYS, ENDED)} else ENDING_DAYS[0]


def _days(seat: Seat) -> str:
    return ", ".join(str(day) for day in expiry_days_of(seat.organization))


def _kept(seat: Seat, form: DaysForm) -> bool:
    """Keep the days; False where the form has to be shown again with what is wrong."""
    try:
        expiry_days_set(
            organization=seat.organization,
            days=form.cleaned_data["days"],
            actor=Actor.person(seat.person),
            at=datetime.now(UTC),
        )
    except ExpiryDaysUnusable as error:
        form.add_error("days", in_words(error))
        return False
    return True

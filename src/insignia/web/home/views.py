"""The start page: the right door for everybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from insignia.web.awards.latest import awards_latest
from insignia.web.home.doors import doors_for, next_three
from insignia.web.navigation import Shell
from insignia.web.visitor import person_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the sentence, the verify field, the search; signed in: the next three things to do."""
    person = person_of(request)
    shell = Shell(request)
    context = {
        "doors": doors_for(shell.acting),
        "next_three": next_three(person) if person else [],
        "awards": awards_latest(),
    }
    return render(request, "home/home.html", context)

"""A fresh proof of who is there, for what cannot be undone.

The sign-in library asks again only people who have a passkey; for somebody who signs in by mailed code its own
guard lets everything pass. Here everybody proves it anew: by passkey, or by signing in again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

Rest = ParamSpec("Rest")


def fresh_proof_required(
    view: Callable[Concatenate[HttpRequest, Rest], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]:
    """Let a view run only within ten minutes of a sign-in or another proof of the person."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponseBase:
        if is_fresh(request):
            return view(request, *args, **kwargs)
        if get_reauthentication_flows(request.user):
            raise ReauthenticationRequired
        return render(request, "issuing/prove.html", {"path": request.path}, status=403)

    return guarded


def is_fresh(request: HttpRequest) -> bool:
    """Say whether this person proved who they are within the time that the settings allow."""
    records = get_authentication_records(request, request.user)
    newest = max((float(record.get("at", 0)) for record in records), default=0.0)
    return time.time() - newest < float(app_settings.REAUTHENTICATION_TIMEOUT)

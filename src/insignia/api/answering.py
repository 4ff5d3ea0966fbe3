"""Answering a request that changes something: once for each key, and saying where the result is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse

from insignia.api.idempotency import Answer, answered_once, key_of, request_hash
from insignia.api.tokens import caller_of


def answer_once(request: HttpRequest, act: Callable[[], Answer], *, at: datetime) -> HttpResponse:
    """Act once for the request's key, if it has one, and answer."""
    answer = answered_once(
        organization=caller_of(request).organization,
        key=key_of(request),
        request_hash=request_hash(request, request.body),
        at=at,
        act=act,
    )
    return answer_given(answer)


def answer_given(answer: Answer) -> HttpResponse:
    """Write an answer; one that was given before says so."""
    response = JsonResponse(answer.body, status=answer.status)
    if answer.location:
        response.headers["Location"] = answer.location
    if answer.is_repeated:
        response.headers["Idempotency-Replayed"] = "true"
    return response

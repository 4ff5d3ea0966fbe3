"""The link at the end of a reminder. Opening it changes nothing, because mail scanners open links; a button does.

Mail programs post to it by themselves (RFC 8058), without a cookie or a form's token: the link is the proof. They
follow no redirect either, so a POST is answered with the page itself.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from insignia.outbox.rules import topic_of
from insignia.outbox.selectors import stop_link_read, topic_is_stopped
from insignia.outbox.services import topic_resume, topic_stop
from insignia.web.awards.words import worded
from insignia.web.mails.words import TOPIC_WORDS
from insignia.web.preferences.choices import language_asked_for
from insignia.web.rates import ANY_METHOD, rate_limited

OPENED_PER_MINUTE = 60  # a school sits behind one address
AGAIN = "again"


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@rate_limited("mail-stop", per_minute=OPENED_PER_MINUTE, methods=ANY_METHOD)
@worded
def mail_stop(request: HttpRequest, message_id: UUID, token: str) -> HttpResponseBase:
    """Show whether mails of a topic go to this address; POST turns them off, or on again with `do=again`.

    The page speaks the mail's language until another one is chosen on it.
    """
    message = stop_link_read(message_id=message_id, token=token)
    if request.method == "POST":
        if request.POST.get("do") == AGAIN:
            topic_resume(message_id=message_id, token=token)
        else:
            topic_stop(message_id=message_id, token=token, at=datetime.now(UTC))
    language = language_asked_for(request) or message.language
    with translation.override(language):
        answer = _page(request, TOPIC_WORDS[topic_of(message.kind)], is_stopped=topic_is_stopped(message))
    answer.headers["Content-Language"] = language
    return answer


def _page(request: HttpRequest, words: object, *, is_stopped: bool) -> HttpResponse:
    return render(request, "mails/stop.html", {"words": words, "is_stopped": is_stopped})

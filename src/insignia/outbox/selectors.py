"""Reading queued mails, for operators and for the demo's post room."""

from __future__ import annotations

from insignia.outbox.models import Message


def messages_newest(*, limit: int = 100) -> list[Message]:
    """List mails, newest first."""
    return list(Message.objects.select_related("data_key").order_by("-id")[:limit])

"""Taking mails to send: a hundred in one statement, never the same ones as another worker.

A claim moves the mail's next try ahead. A sender that dies gives its mails back when that moment passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from insignia.outbox.models import Allowance, Message

BATCH = 100
LEASE = timedelta(minutes=5)
ALL_WORKERS = "all"


def messages_claim(at: datetime) -> list[Message]:
    """Claim up to a batch of due mails, the longest waiting first, as far as the minute's allowance goes."""
    with transaction.atomic():
        allowance = _allowance_locked(at)
        room = BATCH if allowance is None else min(BATCH, settings.INSIGNIA_MAIL_PER_MINUTE - allowance.taken)
        claimed = _claimed(room, at=at) if room > 0 else []
        if allowance is not None and claimed:
            allowance.taken += len(claimed)
            allowance.save(update_fields=["minute", "taken"])
    rows = Message.objects.select_related("data_key").filter(pk__among=claimed)
    return list(rows.order_by("not_before", "pk"))


def messages_give_back(messages: Sequence[Message], *, until: datetime) -> None:
    """Put mails back that were claimed and not tried; that counts as no try."""
    rows = Message.objects.filter(pk__among=[message.pk for message in messages])
    rows.update(next_try_at=until, attempts=Greatest(F("attempts") - 1, Value(0)))


def _allowance_locked(at: datetime) -> Allowance | None:
    """Lock the count of this minute; nothing where no limit is set."""
    if not settings.INSIGNIA_MAIL_PER_MINUTE:
        return None
    minute = at.replace(second=0, microsecond=0)
    Allowance.objects.bulk_create([Allowance(name=ALL_WORKERS, minute=minute)], ignore_conflicts=True)
    row = Allowance.objects.select_for_update().get(name=ALL_WORKERS)
    if row.minute < minute:  # never back: a clock behind the others counts into their minute
        row.minute, row.taken = minute, 0
    return row


def _claimed(limit: int, *, at: datetime) -> list[int]:
    """Claim in one statement; PostgreSQL passes over the rows that another worker is claiming just now.

    The mails are picked before anything is compared with them: a plain subquery PostgreSQL may run anew for each
    row, and every time other mails are free.
    """
    table = connection.ops.quote_name(Message._meta.db_table)  # noqa: SLF001  - Django's documented door to the table
    skip = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    moment = Message._meta.get_field("next_try_at").get_db_prep_value  # noqa: SLF001  - as above
    now, lease = moment(at, connection), moment(at + LEASE, connection)
    statement = (
        f"WITH picked AS MATERIALIZED (SELECT id FROM {table}"  # noqa: S608  - our own names
        f" WHERE sent_at IS NULL AND abandoned_at IS NULL AND next_try_at <= %s"
        f" ORDER BY next_try_at, id LIMIT %s{skip})"
        f" UPDATE {table} SET next_try_at = %s, attempts = attempts + 1 WHERE id IN (SELECT id FROM picked)"
        f" RETURNING id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [now, limit, lease])
        return [row[0] for row in cursor.fetchall()]

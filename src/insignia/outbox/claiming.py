"""Taking mails to send: a hundred in one statement, never the same ones as another worker.

A claim moves the mail's next try ahead. A sender that dies gives its mails back when that moment passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from insignia.outbox.models import Allowance, Message
from insignia.outbox.rules import ASKED, LONGEST, OTHERS, others_share

BATCH = 100
LEASE = timedelta(minutes=5)
AHEAD = timedelta(minutes=2)
"""How much later than now a minute may be that workers count in: else a clock was wrong, and was set back."""
ALL_WORKERS = "all"


def messages_claim(at: datetime) -> list[Message]:
    """Claim up to a batch of due mails, as far as the minute's allowance goes.

    What somebody waits for at this moment goes first and has a share of the minute for itself: a code to sign in
    works for minutes, and a run's mails may take hours. Among equals the longest waiting goes first.
    """
    with transaction.atomic():
        allowance, limit = _allowance_locked(at), settings.INSIGNIA_MAIL_PER_MINUTE
        taken = allowance.taken if allowance else 0
        claimed = _claimed(ASKED, min(BATCH, limit - taken) if allowance else BATCH, at=at)
        room = BATCH - len(claimed)
        if allowance:
            room = min(room, others_share(limit) - taken - len(claimed))
        claimed += _claimed(OTHERS, room, at=at)
        if allowance and claimed:
            allowance.taken += len(claimed)
            allowance.save(update_fields=["minute", "taken"])
    rows = Message.objects.select_related("data_key").filter(pk__among=claimed)
    return list(rows.order_by("rank", "not_before", "pk"))


def messages_reach(at: datetime) -> None:
    """Make the mails due that a clock which was ahead put out of reach: no wait between two tries is that long.

    Mails that were to be late from the start are left as they are.
    """
    far = at + LONGEST + LEASE
    by_that_clock = Q(attempts__gt=0) | Q(next_try_at__gt=F("not_before")) | Q(created_at__gt=far)
    waiting = Message.objects.filter(rank__in=(ASKED, OTHERS), sent_at__isnull=True, abandoned_at__isnull=True)
    waiting.filter(by_that_clock, next_try_at__gt=far).update(next_try_at=at)


def messages_give_back(messages: Sequence[Message], *, until: datetime) -> None:
    """Put mails back that were claimed and not tried; that counts as no try."""
    rows = Message.objects.filter(pk__among=[message.pk for message in messages])
    rows.update(next_try_at=until, attempts=Greatest(F("attempts") - 1, Value(0)), may_be_out=False)


def _allowance_locked(at: datetime) -> Allowance | None:
    """Lock the count of this minute; nothing where no limit is set."""
    if not settings.INSIGNIA_MAIL_PER_MINUTE:
        return None
    minute = at.replace(second=0, microsecond=0)
    Allowance.objects.bulk_create([Allowance(name=ALL_WORKERS, minute=minute)], ignore_conflicts=True)
    row = Allowance.objects.select_for_update().get(name=ALL_WORKERS)
    # not back: a clock a little behind the others counts into their minute; one far behind them is the right one
    if row.minute < minute or row.minute > minute + AHEAD:
        row.minute, row.taken = minute, 0
    return row


def _claimed(rank: int, limit: int, *, at: datetime) -> list[int]:
    """Claim in one statement; PostgreSQL passes over the rows that another worker is claiming just now.

    One rank at a time: across ranks the index would be read through all the mails that are not due yet.

    The mails are picked before anything is compared with them: a plain subquery PostgreSQL may run anew for each
    row, and every time other mails are free.
    """
    if limit <= 0:
        return []
    table = connection.ops.quote_name(Message._meta.db_table)  # noqa: SLF001  - Django's documented door to the table
    skip = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    moment = Message._meta.get_field("next_try_at").get_db_prep_value  # noqa: SLF001  - as above
    now, lease = moment(at, connection), moment(at + LEASE, connection)
    statement = (
        f"WITH picked AS MATERIALIZED (SELECT id FROM {table}"  # noqa: S608  - our own names
        f" WHERE sent_at IS NULL AND abandoned_at IS NULL AND rank = %s AND next_try_at <= %s"
        f" ORDER BY next_try_at, id LIMIT %s{skip})"
        f" UPDATE {table} SET next_try_at = %s, attempts = attempts + 1, may_be_out = %s"
        f" WHERE id IN (SELECT id FROM picked)"
        f" RETURNING id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [rank, now, limit, lease, True])
        return [row[0] for row in cursor.fetchall()]

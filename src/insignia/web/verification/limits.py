"""How often one machine may have something checked: checking costs work, and asks other people's servers."""

from __future__ import annotations

from datetime import datetime

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

PER_MINUTE = 30


def checks_left(request: HttpRequest, *, at: datetime) -> bool:
    """Count one check of this machine in this minute; say whether it is within the limit."""
    machine = get_adapter(request).get_client_ip(request)
    key = f"verify:{machine}:{at:%Y%m%d%H%M}"
    cache.add(key, 0, timeout=120)
    return int(cache.incr(key)) <= PER_MINUTE

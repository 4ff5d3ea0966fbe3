"""What every template finds: the shell, and the policies htmx runs under."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from insignia.web.navigation import Shell

HTMX = json.dumps(
    {
        "includeIndicatorStyles": False,
        "allowEval": False,
        "allowScriptTags": False,
        "selfRequestsOnly": True,
        "defaultSettleDelay": 0,  # what an answer brings does its work at once
        "historyCacheSize": 0,
        "refreshOnHistoryMiss": True,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "409|422", "swap": True},
            {"code": "[45]..", "swap": False, "error": True},
        ],
    }
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Add `shell` (navigation, roles), `languages`, `theme`, `htmx_config`, `demo`; a page for many, its token."""
    token = getattr(request, "csrf_token", "")  # see insignia.web.crowd
    return ({"csrf_token": token} if token else {}) | {
        "shell": Shell(request),
        "languages": settings.LANGUAGES,  # each in its own words
        "theme": getattr(request, "theme", "auto"),
        "htmx_config": HTMX,
        "demo": settings.INSIGNIA_DEMO,
    }

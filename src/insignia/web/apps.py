"""The web shell as a Django app."""

from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class WebConfig(AppConfig):
    """Pages, templates, static files, and the Spanish catalogue, compiled here when a source is newer."""

    name = "insignia.web"
    label = "web"

    def ready(self) -> None:
        """Compile the catalogues before the first text is asked for."""
        from insignia.web.catalogues import catalogues_compile

        catalogues_compile(settings.INSIGNIA_CATALOGUES)
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)

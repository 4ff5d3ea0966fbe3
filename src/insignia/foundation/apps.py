from __future__ import annotations

from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "insignia.foundation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let columns be compared with many values at once."""
        from insignia.foundation.among import register  # models are not loaded before

        register()

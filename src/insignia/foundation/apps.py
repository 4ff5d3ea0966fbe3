from __future__ import annotations

from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "insignia.foundation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let columns be compared with many values at once; tell PostgreSQL what it cannot know of itself."""
        from insignia.foundation import among, planner  # models are not loaded before

        among.register()
        planner.register()

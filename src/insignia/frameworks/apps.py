from __future__ import annotations

from django.apps import AppConfig


class FrameworksConfig(AppConfig):
    name = "insignia.frameworks"
    default_auto_field = "django.db.models.BigAutoField"

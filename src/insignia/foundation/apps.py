from __future__ import annotations

from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "insignia.foundation"
    default_auto_field = "django.db.models.BigAutoField"

from __future__ import annotations

from django.apps import AppConfig


class IssuingConfig(AppConfig):
    name = "insignia.issuing"
    default_auto_field = "django.db.models.BigAutoField"

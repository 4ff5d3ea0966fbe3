from __future__ import annotations

from django.apps import AppConfig


class AwardsConfig(AppConfig):
    name = "insignia.awards"
    default_auto_field = "django.db.models.BigAutoField"

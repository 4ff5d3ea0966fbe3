"""The REST door as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """What programs ask and send; its one table remembers answers."""

    name = "insignia.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

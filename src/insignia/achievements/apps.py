from __future__ import annotations

from django.apps import AppConfig


class AchievementsConfig(AppConfig):
    name = "insignia.achievements"
    default_auto_field = "django.db.models.BigAutoField"

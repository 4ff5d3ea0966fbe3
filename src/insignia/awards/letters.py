"""What every mail about an award says, and days as people write them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils import formats, timezone, translation

if TYPE_CHECKING:
    from insignia.awards.models import Award
    from insignia.foundation.localized import Localized

LANGUAGES = ("en", "es")


def letter_context(award: Award, **more: Any) -> dict[str, Any]:  # noqa: ANN401  - any JSON value
    """Give what a mail about an award is written from: badge, organization, name, address, and more."""
    return {
        "badge": award.version.content["name"],
        "organization": award.organization.name,
        "name": award.recipient.shown_name,
        "award_path": f"/awards/{award.public_id}",
        **more,
    }


def day_in_words(at: datetime, *, time_zone: str) -> Localized:
    """Write the day of a moment, where the organization is, in every language that mails have."""
    day = timezone.localtime(at, ZoneInfo(time_zone)).date()
    return {language: _in(language, day) for language in LANGUAGES}


def _in(language: str, day: date) -> str:
    with translation.override(language):
        return formats.date_format(day, "DATE_FORMAT")

"""Where the demo's walk leads: addresses that depend on what was built."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from insignia.achievements.selectors import catalogue_list
from insignia.awards.selectors import awards_public_recent


@dataclass(frozen=True)
class Walk:
    """Paths on this server; empty where a thing is not there."""

    badge: str
    award: str
    picture: str


def flagship_addresses(slug: str, *, on: datetime) -> Walk:
    """Find the badge and the public award that the main job made."""
    badge = award = ""
    for version in catalogue_list().versions:
        if version.achievement.slug == slug:
            badge = f"/achievements/{version.achievement.public_id}/v{version.number}"
    for found in awards_public_recent(on=on, limit=20):
        if found.version.achievement.slug == slug:
            award = f"/awards/{found.public_id}"
    return Walk(badge, award, f"{award}.png" if award else "")

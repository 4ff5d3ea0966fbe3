"""The machine copies of an award: what each is called, and its bytes exactly as signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from insignia.awards.selectors import (
    AwardView,
    award_json,
    award_jwt,
    award_png,
    award_svg,
    document_numbered,
)

if TYPE_CHECKING:
    from insignia.web.awards.doors import Door

PAGE = "text/html"
# What a client may ask for at the plain address -> which copy it gets. The page comes first: */* is a browser.
ACCEPTED = {
    PAGE: "",
    "application/xhtml+xml": "",
    "application/vc+ld+json": "json",
    "application/vc": "json",
    "application/ld+json": "json",
    "application/json": "json",
    "application/vc+jwt": "jwt",
    "application/vc+ld+json+jwt": "jwt",
    "application/jwt": "jwt",
    "text/plain": "jwt",
    "image/png": "png",
    "image/svg+xml": "svg",
}
MEDIA_TYPES = {
    "json": "application/vc+ld+json",
    "jwt": "application/vc+jwt",
    "png": "image/png",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Copy:
    """One machine copy."""

    body: bytes
    media_type: str
    file_name: str


def copy_of(door: Door, kind: str, *, number: int | None = None) -> Copy:
    """Give a copy: json, jwt, png or svg; of one document of the chain, or of the current one.

    Raises:
        AwardNotFound, AchievementNotFound: there is no such document, or no picture of this kind.
    """
    view = door.view if number is None else document_numbered(door.view, number)
    name = f"badge-{str(view.award.public_id)[-8:]}.{kind}"
    return Copy(_body(view, kind), MEDIA_TYPES[kind], name)


def _body(view: AwardView, kind: str) -> bytes:
    if kind == "json":
        return award_json(view)
    if kind == "jwt":
        return award_jwt(view).encode()
    return award_png(view) if kind == "png" else award_svg(view)

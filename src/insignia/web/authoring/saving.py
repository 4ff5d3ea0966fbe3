"""Saving one screen: what was sent, whoever saved meanwhile, the draft, its alignments and its picture."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.http import QueryDict

from insignia.achievements.errors import AchievementNotFound, VersionMoved
from insignia.achievements.models import AchievementVersion
from insignia.achievements.selectors import alignments_of, image_get
from insignia.achievements.services import alignment_set, image_compose, version_save
from insignia.web.authoring.conflict import Difference, choices_applied, differences, merged
from insignia.web.authoring.draft import Lineage, content_from, data_of, draft_whole, languages_of
from insignia.web.authoring.paths import Json
from insignia.web.authoring.posted import part_of, posted
from insignia.web.authoring.rows import references_clean, row_change

if TYPE_CHECKING:
    from insignia.accounts.models import Person

ROW_VERBS = ("add", "remove", "up", "down")
ART = ("tincture", "metal", "symbol", "ribbon")
HOUR = 3600


@dataclass(frozen=True)
class Saved:
    """What became of it: where to look next, or what two authors left differently."""

    version: AchievementVersion
    data: Json
    focus: str = ""
    differences: tuple[Difference, ...] = ()
    aligned: bool = False


def desk_new() -> str:
    """Name one opened page: what it saved itself is not somebody else's change."""
    return secrets.token_urlsafe(9)


def screen_read(version: AchievementVersion, step: int, post: QueryDict) -> tuple[Json, str]:
    """Give the draft with what this screen sent, and where to look after a row was added or moved."""
    before = data_of(version)
    languages = languages_of(before)
    data = choices_applied(posted(post, step, before, languages), before, post)
    command = post.get("do", "")
    focus = row_change(data, command, languages) if command.partition(" ")[0] in ROW_VERBS else ""
    references_clean(data)
    return data, focus


def screen_save(
    lineage: Lineage, step: int, post: QueryDict, *, person: Person, at: datetime, shown_again: bool
) -> Saved:
    """Save one screen, unless somebody changed the same fields meanwhile.

    What only the other author changed is taken over if the page is `shown_again` after this; a page that stays
    would not show it, and its next save would undo it.

    Raises:
        ContentInvalid, ArtInvalid, AlignmentInvalid: what was sent cannot be kept as it is.
    """
    for _again in range(2):
        version = draft_whole(lineage, person)
        data, focus = screen_read(version, step, post)
        found = [one for one in _differences(version, step, post) if not one.alone]
        if shown_again and all(one.untouched for one in found):
            data, found = merged(data, found), []
        if found:
            return Saved(version, data, differences=tuple(found))
        aligned = step == 1 and _alignments_changed(version, data, post) is not None
        try:
            version = _write(version, step, data, post, person, at)
        except VersionMoved:  # somebody was faster by a moment: read again what they wrote
            continue
        return Saved(version, data, focus, aligned=aligned)
    raise VersionMoved("Somebody changed this meanwhile. Your text is kept; compare both.")


def _differences(version: AchievementVersion, step: int, post: QueryDict) -> list[Difference]:
    sent = _number(post.get("lock_version", ""))
    if sent == version.lock_version or _all_mine(version, sent, post.get("desk", "")):
        return []
    theirs = data_of(version)
    mine = posted(post, step, theirs, languages_of(theirs))
    return differences(part_of(mine, step), part_of(theirs, step), _base(post))


def _write(
    version: AchievementVersion, step: int, data: Json, post: QueryDict, person: Person, at: datetime
) -> AchievementVersion:
    """Write what changed, all or nothing. Where nothing did, nothing is locked: pages save often."""
    content = content_from(data)
    aligned = _alignments_changed(version, data, post) if step == 1 else None
    drawn = _choices_changed(version, post) if step == 3 else None
    if data == data_of(version) and aligned is None and drawn is None:
        return version
    with transaction.atomic():
        if data != data_of(version):
            version = version_save(
                version_id=version.public_id,
                content=content,
                credential_class=data["credential_class"],
                lock_version=version.lock_version,
                person=person,
                at=at,
            )
        if aligned is not None:
            alignment_set(version_id=version.public_id, alignments=aligned, person=person, at=at)
        if drawn is not None:
            image_compose(version_id=version.public_id, choices=drawn, person=person, at=at)
    cache.set(_own_key(version, version.lock_version), post.get("desk", ""), HOUR)
    return version


def _own_key(version: AchievementVersion, lock: int) -> str:
    return f"authoring:{version.public_id}:{lock}"


def _all_mine(version: AchievementVersion, sent: int, desk: str) -> bool:
    """Whether every save since the page was loaded came from this page itself (an autosave still under way)."""
    between = range(sent + 1, version.lock_version + 1)
    own = (cache.get(_own_key(version, lock)) == desk for lock in between)
    return bool(desk) and 0 < len(between) < 200 and all(own)


def _base(post: QueryDict) -> Json:
    try:
        return json.loads(post.get("base", "null"))
    except (ValueError, RecursionError):
        return None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def _alignments_changed(version: AchievementVersion, data: Json, post: QueryDict) -> list[tuple[UUID, str]] | None:
    """Give the items that are ticked now; None where the form has none, or they are those that are stored."""
    if "alignments" not in post:
        return None
    known = {"", *(row["id"] for row in data["outcomes"])}
    chosen = [pair for pair in pairs_read(post) if pair[1] in known]
    now = [(row.item.public_id, row.outcome_id) for row in alignments_of(version)]
    return chosen if sorted(chosen, key=str) != sorted(now, key=str) else None


def pairs_read(post: QueryDict) -> list[tuple[UUID, str]]:
    """Read the ticked items; each goes with the outcome chosen beside it."""
    pairs = []
    for value in post.getlist("items"):
        item = value.partition(":")[0]
        try:
            pairs.append((UUID(item), post.get(f"for:{value}", "")))
        except ValueError:
            continue
    return list(dict.fromkeys(pairs))


def _choices_changed(version: AchievementVersion, post: QueryDict) -> dict[str, str] | None:
    """Give what the picture is composed from now; None where that is so already, or an uploaded one stays."""
    chosen = {name: " ".join(post.get(f"art.{name}", "").split()) for name in ART}
    if post.get("picture") != "compose" or not chosen["symbol"] or chosen == art_now(version):
        return None
    return chosen


def art_now(version: AchievementVersion) -> dict[str, str] | None:
    """Give what the picture was composed from; None where there is none, or an uploaded one."""
    try:
        return image_get(version).art
    except AchievementNotFound:
        return None

"""The invariants of achievements: a published version still is what was published."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from insignia.achievements.errors import ContentInvalid
from insignia.achievements.models import AchievementImage, AchievementVersion
from insignia.achievements.selectors import content_of, hash_of
from insignia.achievements.services import columns_of
from insignia.foundation.checks import Check, Finding


def _hashes(_deep: bool) -> Iterable[Finding]:  # noqa: FBT001  - the shape of every check
    for version in AchievementVersion.objects.exclude(state="draft").order_by("id").iterator(chunk_size=200):
        subject = f"achievement version {version.public_id}"
        try:
            now = hash_of(version)
        except ContentInvalid as error:
            yield Finding("I6", subject, f"its content cannot be read any more: {', '.join(error.fields)}")
            continue
        if now != version.content_hash:
            yield Finding("I6", subject, "changed after it was published: awards point at something else now")


def _pictures(_deep: bool) -> Iterable[Finding]:  # noqa: FBT001  - the shape of every check
    for image in AchievementImage.objects.order_by("id").iterator(chunk_size=50):
        if hashlib.sha256(bytes(image.png)).hexdigest() != image.sha256:
            yield Finding("I6", f"achievement image {image.public_id}", "its bytes do not match their hash")


def _columns(_deep: bool) -> Iterable[Finding]:  # noqa: FBT001  - the shape of every check
    for version in AchievementVersion.objects.order_by("id").iterator(chunk_size=200):
        subject = f"achievement version {version.public_id}"
        try:
            expected = columns_of(content_of(version))
        except ContentInvalid as error:
            if version.state == "draft":  # the others are named by their hash
                yield Finding("I6", subject, f"its content cannot be read any more: {', '.join(error.fields)}")
            continue
        wrong = [name for name, value in expected.items() if getattr(version, name) != value]
        if wrong:
            yield Finding("I6", subject, f"search columns do not follow from the content: {', '.join(wrong)}")


CHECKS = (
    Check("I6", "published badges are what was published", _hashes),
    Check("I6", "pictures match their hashes", _pictures),
    Check("I6", "badges are found by what they say", _columns),
)

"""What can be wrong with achievements.

NotFound   AchievementNotFound
Conflict   AchievementSlugTaken, DraftExists, VersionFrozen, VersionMoved
Invalid    ContentInvalid, NotReadyToPublish, ArtInvalid, ImageRefused, AlignmentInvalid
"""

from __future__ import annotations

from insignia.foundation.errors import Conflict, Invalid, NotFound


class AchievementNotFound(NotFound):
    """No such achievement or version, or none the viewer may see."""

    code = "achievement-not-found"


class AchievementSlugTaken(Conflict):
    """Another achievement of this organization has this short name."""

    code = "achievement-slug-taken"


class DraftExists(Conflict):
    """A lineage has one draft at a time."""

    code = "draft-exists"


class VersionFrozen(Conflict):
    """The version is published or retired: it never changes again."""

    code = "version-frozen"


class VersionMoved(Conflict):
    """Somebody saved meanwhile; `data` has `content` (JSON) and `lock_version` as they stand now."""

    code = "version-moved"


class ContentInvalid(Invalid):
    """The content has the wrong shape; `fields` maps each path, such as `outcomes[2].statement.en`."""

    code = "content-invalid"


class NotReadyToPublish(Invalid):
    """Something is missing or blocks; `data` has `gaps` and `findings`, `fields` the sentences."""

    code = "not-ready-to-publish"


class AlignmentInvalid(Invalid):
    """An alignment names an outcome that the content does not have."""

    code = "alignment-invalid"


class ArtInvalid(Invalid):
    """The picture cannot be drawn from this specification."""

    code = "art-invalid"


class ImageRefused(Invalid):
    """An upload is unreadable, too large, or could act; `data["reason"]` says what."""

    code = "image-refused"

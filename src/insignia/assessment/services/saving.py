"""A learner saves a whole page at once: each part by itself, so that one that cannot be kept takes none along."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID

from insignia.assessment.errors import StaleVersion
from insignia.assessment.models import Attempt, EvidenceItem
from insignia.assessment.pieces import Authorship
from insignia.assessment.services.evidence import (
    authorship_save,
    evidence_add_file,
    evidence_add_link,
    evidence_add_text,
)
from insignia.foundation.errors import InsigniaError, Invalid

if TYPE_CHECKING:
    from insignia.accounts.models import Person

AUTHORSHIP = "authorship"


@dataclass(frozen=True)
class DraftChange:
    """What came from a page, by requirement id: texts and the statement each with the version they replace."""

    texts: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    files: tuple[tuple[str, str, BinaryIO], ...] = ()
    authorship: tuple[Authorship, int] | None = None


@dataclass
class DraftSaved:
    """What became of each part, as `text-<requirement>`, `link-...`, `file-...`, `authorship`.

    Attributes:
        refused: why a part could not be kept.
        versions: of texts and the statement as this very save left them; somebody may have saved again since.
    """

    refused: dict[str, InsigniaError] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)


def draft_save(*, submission_id: UUID, change: DraftChange, learner: Person, at: datetime) -> DraftSaved:
    """Save every part, each by itself.

    A text that was never there and is blank is left out: it is a box nobody wrote into.

    Raises:
        SubmissionNotFound, IllegalMove: no draft of theirs.
    """
    found = DraftSaved()
    for name, save in _parts(change):
        try:
            kept = save(submission_id=submission_id, learner=learner, at=at)
        except (Invalid, StaleVersion) as error:
            found.refused[name] = error
        else:
            found.versions[name] = kept.authorship_version if isinstance(kept, Attempt) else kept.lock_version
    return found


def _parts(change: DraftChange) -> Iterator[tuple[str, Callable[..., EvidenceItem | Attempt]]]:
    for name, (text, version) in change.texts.items():
        if text.strip() or version:
            yield f"text-{name}", partial(evidence_add_text, requirement_id=name, text=text, version=version)
    for name, url in change.links.items():
        if url.strip():
            yield f"link-{name}", partial(evidence_add_link, requirement_id=name, url=url)
    for name, shown, stream in change.files:
        yield f"file-{name}", partial(evidence_add_file, requirement_id=name, name=shown, source=stream)
    if change.authorship is not None:
        statement, version = change.authorship
        yield AUTHORSHIP, partial(authorship_save, authorship=statement, version=version)

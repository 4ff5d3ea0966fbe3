"""What the first person of a run will get, before anybody gets anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from insignia.awards.preview import award_preview
from insignia.runs.judging import sheet_of
from insignia.runs.rules import row_read
from insignia.runs.selectors import run_first_due
from insignia.runs.services.issuing import award_request

if TYPE_CHECKING:
    from insignia.awards.services import AwardRequest
    from insignia.runs.models import Run
    from insignia.vc.model.json import JsonObject


@dataclass(frozen=True)
class Preview:
    """One finished badge: which row, whom and what for, and the unsigned document."""

    number: int
    request: AwardRequest
    document: JsonObject


def run_preview(run: Run, *, at: datetime) -> Preview | None:
    """Write the badge of the first row that leads to one; None where no row does.

    Raises:
        IssuerMissing: the organization cannot sign yet.
        LintRefused: the document would break a rule of the specification.
    """
    row = run_first_due(run)
    if row is None:
        return None
    reading = row_read(row.values, sheet_of(run, at=run.checked_at or at))
    request = award_request(run, reading, row_id=row.public_id, known_as=row.person_key, start=at)
    document = award_preview(version=run.version, organization=run.organization, request=request, at=at)
    return Preview(row.number, request, document)

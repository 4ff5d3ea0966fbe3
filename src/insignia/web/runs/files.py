"""The rows of a run as a file: what became of each, or those to be corrected and sent again."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from insignia.runs.mapping import columns_own
from insignia.runs.selectors import has_text_beside, rows_all
from insignia.runs.table import BESIDE, guarded
from insignia.web.runs.access import desk_of, spoken
from insignia.web.runs.words import OUTCOMES, reason_sentence

if TYPE_CHECKING:
    from insignia.runs.models import Run

BOM = "\ufeff"
"""Without it a well-known spreadsheet takes UTF-8 for something else."""


class _Line:
    """Where a CSV writer writes, to give what it wrote."""

    def write(self, text: str) -> str:
        """Give the line back."""
        return text


@login_required
@require_safe
@spoken
def run_file(request: HttpRequest, organization: str, run_id: UUID) -> StreamingHttpResponse:
    """Give every row with its outcome, or with `only=faulty` those without a badge, as they came and why."""
    desk = desk_of(request, organization, run_id)
    only_faulty = request.GET.get("only") == "faulty"
    lines = (_faulty if only_faulty else _results)(desk.run, desk.seat.organization.time_zone)
    name = f"{'to-correct' if only_faulty else 'results'}-{desk.run.public_id}.csv"
    written = _written(lines, get_language() or "en")
    answer = StreamingHttpResponse(written, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _written(lines: Iterator[Sequence[str]], language: str) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield BOM
    with override(language):  # the answer is written when the request is over
        for line in lines:
            yield writer.writerow([guarded(cell) for cell in line])


def _faulty(run: Run, zone: str) -> Iterator[Sequence[str]]:
    """Give the columns as they came, so that the file can be corrected and sent back; the reason stands last.

    What stood beside the table gets a column before it. The reader knows both, and takes them for nothing else.
    """
    columns = [*columns_own(run.columns), *([BESIDE] if has_text_beside(run) else [])]
    yield [*columns, _("Why not")]
    for row in rows_all(run, only_faulty=True):
        yield [*(row.values.get(name, "") for name in columns), reason_sentence(row, zone)]


def _results(run: Run, zone: str) -> Iterator[Sequence[str]]:
    yield [_("Row"), *run.columns, _("Outcome"), _("Reason"), _("Award")]
    for row in rows_all(run):
        cells = [row.values.get(name, "") for name in run.columns]
        reason = reason_sentence(row, zone) if row.code else ""
        yield [str(row.number), *cells, str(OUTCOMES[row.outcome]), reason, str(row.award_id or "")]

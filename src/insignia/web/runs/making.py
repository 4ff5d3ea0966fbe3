"""Making a run: choose the badge and the table, then say what its columns mean."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from insignia.achievements.selectors import catalogue_list, version_by_id
from insignia.audit.actor import Actor
from insignia.foundation.errors import Conflict, InsigniaError, Invalid, NotFound
from insignia.foundation.localized import localized_pick
from insignia.organizations.selectors import groups_of
from insignia.runs.errors import RunKeyTaken
from insignia.runs.mapping import ColumnMapping
from insignia.runs.models import Run
from insignia.runs.readers import file_read, pasted_read
from insignia.runs.selectors import REGISTRAR, run_sample
from insignia.runs.services import run_check, run_create, run_from_group, run_map
from insignia.web.organizations.access import Seat, seat_of
from insignia.web.runs.access import Desk, desk_of, now, spoken
from insignia.web.runs.forms import EXAMS, ColumnsForm, RunForm
from insignia.web.runs.words import refusal

if TYPE_CHECKING:
    from insignia.organizations.models import Organization
    from insignia.runs.table import Table

BADGES = 500
SHOWN_COLUMNS = 8


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@spoken
def run_new(request: HttpRequest, organization: str) -> HttpResponse:
    """Ask for badge and table; nothing is given to anybody yet."""
    seat = seat_of(request, organization, role=REGISTRAR)
    badges, groups = _badges(seat.organization), groups_of(seat.organization)
    if request.method != "POST":
        initial = {"badge": request.GET.get("badge", ""), "group": request.GET.get("group", "")}
        return _form(request, seat, RunForm(initial=initial, badges=badges, groups=groups))
    form = RunForm(request.POST, request.FILES, badges=badges, groups=groups)
    if form.is_valid():
        try:
            run = _created(seat, form)
        except (Invalid, Conflict, NotFound) as error:
            form.add_error(_place(form, error), refusal(error))
            if isinstance(error, RunKeyTaken):
                form.draw_key()
        else:
            return _see("run" if run.source == Run.Source.GROUP else "run_columns", seat.organization, run)
    return _form(request, seat, form, status=422)


def _badges(organization: Organization) -> list[tuple[str, str]]:
    language = get_language() or "en"
    found = catalogue_list(organization=organization, per_page=BADGES).versions
    return [
        (str(version.public_id), _badge_name(version.content, version.credential_class, language))
        for version in found
    ]


def _badge_name(content: dict[str, Any], credential_class: str, language: str) -> str:
    name = localized_pick(content["name"], language)
    return f"{name} ({_('certifies application')})" if credential_class == "application" else name


def _created(seat: Seat, form: RunForm) -> Run:
    asked = form.cleaned_data
    version = version_by_id(UUID(asked["badge"]))
    actor, at, key = Actor.person(seat.person), now(), f"page:{asked['key']}"
    if asked.get("group"):
        run = run_from_group(
            organization=seat.organization, version=version, key=key, group=asked["group"], actor=actor, at=at
        )
        return run_check(run_id=run.public_id, actor=actor, at=at) if run.state == Run.State.DRAFT else run
    table, source, name = _table(asked)
    return run_create(
        organization=seat.organization,
        version=version,
        key=key,
        source=Run.Source.EXAMS if asked["kind"] == EXAMS else source,
        rows=table.rows,
        columns=table.columns,
        name=name,
        actor=actor,
        at=at,
    )


def _table(asked: dict[str, Any]) -> tuple[Table, str, str]:
    file = asked["file"]
    if isinstance(file, UploadedFile):
        return file_read(_bytes_of(file), filename=file.name or ""), Run.Source.FILE, file.name or ""
    return pasted_read(asked["pasted"]), Run.Source.PASTED, ""


def _bytes_of(file: UploadedFile[bytes]) -> Any:  # noqa: ANN401  - a stream of bytes, in memory or on disk
    return file.file if file.file is not None else io.BytesIO()


def _place(form: RunForm, error: InsigniaError) -> str | None:
    if error.code in {"badge-not-awardable", "achievement-not-found"}:
        return "badge"
    given = form.cleaned_data
    return next((name for name in ("file", "pasted", "group") if given.get(name)), None)


def _form(request: HttpRequest, seat: Seat, form: RunForm, *, status: int = 200) -> HttpResponse:
    context = {"seat": seat, "form": form, "school": seat.organization}
    return render(request, "runs/run_new.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@spoken
def run_columns(request: HttpRequest, organization: str, run_id: UUID) -> HttpResponse:
    """Show what we take the columns for beside the first rows; then look at every row."""
    desk = desk_of(request, organization, run_id)
    if desk.run.state not in {Run.State.DRAFT, Run.State.CHECKED} or desk.run.source == Run.Source.GROUP:
        return desk.see()
    mapping, exams = ColumnMapping.from_json(desk.run.mapping), desk.run.source == Run.Source.EXAMS
    given = request.POST if request.method == "POST" else None
    form = ColumnsForm(given, columns=desk.run.columns, exams=exams, mapping=mapping)
    if form.is_valid():
        try:
            run_map(run_id=run_id, mapping=form.mapping(), actor=desk.actor, at=now())
            run_check(run_id=run_id, actor=desk.actor, at=now())
        except Invalid as error:
            name = str(error.data.get("field", ""))
            form.add_error(name if name in form.fields else None, refusal(error))
        else:
            return desk.see()
    return _columns_page(request, desk, form)


def _columns_page(request: HttpRequest, desk: Desk, form: ColumnsForm) -> HttpResponse:
    columns = desk.run.columns[:SHOWN_COLUMNS]
    form.shown()
    rows = [(row.number, [row.values.get(name, "") for name in columns]) for row in run_sample(desk.run)]
    context = {
        "school": desk.seat.organization,
        "run": desk.run,
        "form": form,
        "fields": [form[name] for name in form.wanted],
        "columns": columns,
        "rows": rows,
        "hidden_columns": max(0, len(desk.run.columns) - SHOWN_COLUMNS),
    }
    return render(request, "runs/run_columns.html", context, status=422 if form.is_bound else 200)


def _see(page: str, organization: Organization, run: Run) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(page, args=[organization.slug, run.public_id]), status=303)

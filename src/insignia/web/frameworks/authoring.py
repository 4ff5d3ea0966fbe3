"""Importing frameworks, for badge authors: choose a file, read what it would do, import, read what it did."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from insignia.audit.actor import Actor
from insignia.frameworks.errors import FrameworkFileInvalid
from insignia.frameworks.selectors import framework_get, framework_imports, framework_list, import_get
from insignia.frameworks.services import framework_import, framework_preview
from insignia.organizations.models import Organization, Role
from insignia.organizations.selectors import organization_get, permission_require
from insignia.web.frameworks import words
from insignia.web.frameworks.forms import FrameworkFileForm
from insignia.web.frameworks.reports import preview_page, report_page
from insignia.web.frameworks.waiting import WaitingFile, waiting_drop, waiting_get, waiting_put
from insignia.web.visitor import person_of

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from insignia.accounts.models import Person
    from insignia.frameworks.rules import ImportReport


@login_required
@require_safe
def framework_manage(request: HttpRequest, organization: str) -> HttpResponse:
    """Show an organization's frameworks and what was imported when."""
    place = _place(request, organization)
    lines = framework_list(organization=place)
    context = {
        "organization": place,
        "frameworks": [(line, framework_imports(line.public_id)[:5]) for line in lines],
    }
    return render(request, "frameworks/manage.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def framework_import_page(request: HttpRequest, organization: str) -> HttpResponse:
    """Take a file and lead to what it would do; nothing is imported yet."""
    place = _place(request, organization)
    if request.method != "POST":
        form = FrameworkFileForm(initial={"into": request.GET.get("into", "")})
        return _form(request, place, form, request.GET.get("into", ""))
    form = FrameworkFileForm(request.POST, request.FILES)
    if form.is_valid():
        file: UploadedFile[bytes] = form.cleaned_data["file"]
        into: UUID | None = form.cleaned_data["into"]
        raw, filename = file.read(), file.name or ""
        try:
            _previewed(request, place, WaitingFile("", filename, raw, into))
        except FrameworkFileInvalid as error:
            form.add_error("file", _refusal(error))
        else:
            token = waiting_put(request.session, organization=place.slug, filename=filename, raw=raw, into=into)
            return _see("framework_preview", organization=place.slug, token=token)
    return _form(request, place, form, request.POST.get("into", ""), status=422)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def framework_preview_page(request: HttpRequest, organization: str, token: str) -> HttpResponse:
    """Show what the import of a waiting file would do; import it when told to."""
    place = _place(request, organization)
    file = waiting_get(request.session, token, organization=place.slug)
    if file is None:
        messages.warning(request, _("This file is no longer here. Choose it again; nothing was imported."))
        return _see("framework_import", organization=place.slug)
    if request.method != "POST":
        context = {"organization": place, "report": preview_page(_previewed(request, place, file)), "token": token}
        return render(request, "frameworks/preview.html", context)
    if "forget" in request.POST:
        waiting_drop(request.session, token)
        return _see("framework_manage", organization=place.slug)
    report = framework_import(
        organization=place, actor=_actor(request), at=_now(), raw=file.raw, filename=file.filename, into=file.into
    )
    waiting_drop(request.session, token)
    return _imported(request, place, report)


@login_required
@require_safe
def framework_report(request: HttpRequest, organization: str, report: UUID) -> HttpResponse:
    """Show what one import did."""
    place = _place(request, organization)
    found = import_get(report, organization=place)
    context = {"organization": place, "import": found, "report": report_page(found.report, planned=False)}
    return render(request, "frameworks/report.html", context)


def _place(request: HttpRequest, slug: str) -> Organization:
    """Find the organization if the viewer writes its badges: outsiders 404, other members 403."""
    organization = organization_get(slug)
    permission_require(person=_person(request), organization=organization, role=Role.AUTHOR)
    return organization


def _person(request: HttpRequest) -> Person:
    return cast("Person", person_of(request))


def _actor(request: HttpRequest) -> Actor:
    return Actor.person(_person(request))


def _now() -> datetime:
    return datetime.now(UTC)


def _previewed(request: HttpRequest, place: Organization, file: WaitingFile) -> ImportReport:
    return framework_preview(
        organization=place, actor=_actor(request), at=_now(), raw=file.raw, filename=file.filename, into=file.into
    )


def _imported(request: HttpRequest, place: Organization, report: ImportReport) -> HttpResponseRedirect:
    if report.outcome == "unchanged":
        messages.info(request, _("Nothing changed: this framework is imported already, as the file has it."))
        return _see("framework_manage", organization=place.slug)
    newest = framework_imports(UUID(report.framework_id))[0]
    return _see("framework_report", organization=place.slug, report=newest.public_id)


def _see(name: str, **kwargs: object) -> HttpResponseRedirect:
    answer = HttpResponseRedirect(reverse(name, kwargs=kwargs))
    answer.status_code = 303
    return answer


def _form(
    request: HttpRequest, place: Organization, form: FrameworkFileForm, into: str, *, status: int = 200
) -> HttpResponse:
    context = {"organization": place, "form": form, "framework": _target(place, into)}
    return render(request, "frameworks/import.html", context, status=status)


def _target(place: Organization, into: str) -> object:
    """Find the framework that is to be brought up to date, where the address names one of this organization."""
    try:
        framework = framework_get(UUID(into)) if into else None
    except ValueError:
        return None
    return framework if framework is not None and framework.organization_id == place.pk else None


def _refusal(error: FrameworkFileInvalid) -> str:
    """Say why a file cannot be taken: in English with its details, else in the reader's words for its code."""
    if (get_language() or "en").startswith("en"):
        return error.message
    return str(words.REFUSALS.get(error.code, error.message))

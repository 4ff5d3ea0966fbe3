"""Pages and files of badges; all public, none changes anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from insignia.achievements.models import AchievementVersion
from insignia.achievements.selectors import (
    PAGE,
    achievement_by_slug,
    achievement_get,
    achievement_json,
    alignments_of,
    catalogue_choices,
    catalogue_list,
    content_of,
    image_png,
    image_svg,
    version_current,
    version_get,
    versions_of,
)
from insignia.assessment.rules import State, takes_work
from insignia.assessment.selectors.learning import my_submissions
from insignia.issuing.errors import IssuerMissing
from insignia.issuing.selectors import issuer_addresses, issuer_of
from insignia.organizations.selectors import organization_get
from insignia.web.achievements import words
from insignia.web.achievements.filters import CatalogueForm
from insignia.web.achievements.sheet import sheet_of
from insignia.web.errors import wants_json
from insignia.web.visitor import person_of

if TYPE_CHECKING:
    from insignia.accounts.models import Person

SIZES = (32, 64, 128, 256, 512)
FOR_EVER = "public, max-age=31536000, immutable"
FRESH_SECONDS = 300
"""What the form for machines says follows from the issuer too, whose identity may come later."""
JSON_KINDS = ["application/ld+json", "application/json"]


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """Show what can be earned: search, filters, cards, pages."""
    form = CatalogueForm(request.GET, catalogue_choices())
    found = catalogue_list(**form.asked(), page=_number(request.GET.get("page", "")))
    query = form.query()
    context = {
        "form": form,
        "found": found,
        "chosen": list(form.chosen()),
        "narrowed": any(select.value() for select in form.selects),
        "page": Paginator(range(found.total), PAGE).get_page(found.number),
        "query": f"{query}&" if query else "",
        "classes": words.CLASSES,
        "meanings": words.CLASS_MEANINGS,
        "fields": words.FIELDS,
    }
    return render(request, "achievements/catalogue.html", context)


@require_safe
def badge(request: HttpRequest, organization: str, slug: str) -> HttpResponse:  # noqa: ARG001  - Django's signature
    """Lead from a name that can be said aloud to the permanent address of the newest version."""
    return _to_current(achievement_by_slug(slug, organization=organization_get(organization)).public_id)


@require_safe
def achievement(request: HttpRequest, lineage: UUID) -> HttpResponse:  # noqa: ARG001  - Django's signature
    """Lead from a lineage to its newest published version."""
    return _to_current(lineage)


@require_safe
def achievement_version(request: HttpRequest, lineage: UUID, number: int) -> HttpResponse:
    """Show one version, or give it as JSON where that is asked for. Retired ones stay; drafts are nowhere."""
    version = version_get(lineage, number)
    if wants_json(request):
        return _json(request, version)
    content = content_of(version)
    versions = versions_of(version.achievement)
    current = version_current(version.achievement)
    context = {
        "version": version,
        "versions": versions,
        "current": current,
        "sheet": sheet_of(version, content, alignments_of(version)),
        "meaning": words.CLASS_MEANINGS[version.credential_class],
        "sentence": words.CLASS_SENTENCES[version.credential_class],
        "start": _start(version, person_of(request)),
        "issuer_address": _issuer_address(version),
    }
    return render(request, "achievements/badge.html", context)


@require_safe
def achievement_json_page(request: HttpRequest, lineage: UUID, number: int) -> HttpResponse:
    """Give one version as an Open Badges 3.0 Achievement."""
    return _json(request, version_get(lineage, number))


@require_safe
def achievement_png(request: HttpRequest, lineage: UUID, number: int, pixels: int | None = None) -> HttpResponse:  # noqa: ARG001  - Django's signature
    """Give the picture as PNG: as it was published, or in one of the sizes pages use."""
    if pixels is not None and pixels not in SIZES:
        raise Http404
    version = version_get(lineage, number)
    return _picture(image_png(version, pixels=pixels or version.image.width), "image/png")


@require_safe
def achievement_svg(
    request: HttpRequest,  # noqa: ARG001  - Django's signature
    lineage: UUID,
    number: int,
    *,
    mono: bool = False,
) -> HttpResponse:
    """Give the picture as SVG: as it was published, or for a printer without colours."""
    return _picture(image_svg(version_get(lineage, number), mono=mono).encode(), "image/svg+xml")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _to_current(lineage: UUID) -> HttpResponseRedirect:
    version = version_current(achievement_get(lineage))
    return redirect("achievement_version", lineage=lineage, number=version.number)


def _json(request: HttpRequest, version: AchievementVersion) -> HttpResponse:
    try:
        issuer = issuer_of(version.organization)
        origin, did = issuer.origin, issuer_addresses(issuer).did
    except IssuerMissing:
        origin, did = version.organization.origin or settings.INSIGNIA_ORIGIN, ""
    document = achievement_json(version, origin=origin, issuer_id=did)
    kind = request.get_preferred_type(["application/json", "application/ld+json"])
    response = HttpResponse(
        json.dumps(document, ensure_ascii=False, indent=2),
        content_type=kind if kind in JSON_KINDS else "application/json",
    )
    response.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    patch_vary_headers(response, ["Accept"])
    return response


def _picture(body: bytes, kind: str) -> HttpResponse:
    """Answer with a file that never changes: a published version is frozen with its picture."""
    response = HttpResponse(body, content_type=kind)
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _start(version: AchievementVersion, person: Person | None) -> dict[str, str]:
    """Say what the button of the page does: begin, sign in to begin, go on with what was begun, or nothing."""
    if version.credential_class == "recognition":
        return {"kind": "given"}
    if person is not None and (own := _own_work(version, person)):
        return own
    if not takes_work(content_of(version), version.credential_class):
        return {"kind": "by-results"}
    address = _address("work_start", version_id=version.public_id)
    if version.state != "published" or not address:
        return {"kind": ""}
    if person is None:
        return {"kind": "sign-in", "address": f"{reverse('account_login')}?next={address}"}
    return {"kind": "start", "address": address}


def _own_work(version: AchievementVersion, person: Person) -> dict[str, str]:
    """Find the person's own work on this version; nothing where there is none."""
    own = (work for work in my_submissions(viewer=person) if work.version_id == version.pk)
    work = next(own, None)
    address = _address("work", submission_id=work.public_id) if work else ""
    if work is None or not address:
        return {}
    return {"kind": "done" if work.state == State.MET else "go-on", "address": address}


def _issuer_address(version: AchievementVersion) -> str:
    """Find the public page of whoever signs for the organization; none before its first key."""
    try:
        return _address("issuer", issuer_id=issuer_of(version.organization).public_id)
    except IssuerMissing:
        return ""


def _address(name: str, **kwargs: object) -> str:
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return ""

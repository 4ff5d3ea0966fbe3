"""An organization's badges as its authors see them: drafts, published, retired; versions of one badge."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from insignia.accounts.models import Person
from insignia.achievements.errors import AchievementNotFound
from insignia.achievements.models import AchievementVersion
from insignia.achievements.rules import AchievementContent, Field, content_id
from insignia.achievements.selectors import versions_for_authors
from insignia.achievements.services import (
    UNNAMED,
    achievement_create,
    readiness,
    version_discard,
    version_new_draft,
    version_retire,
)
from insignia.web.achievements.words import CLASSES
from insignia.web.authoring.draft import Lineage, lineage_of, workshop_of
from insignia.web.visitor import person_of

State = AchievementVersion.State


def author_of(request: HttpRequest) -> Person:
    """Give the signed-in person; every view here stands behind `login_required`."""
    person = person_of(request)
    assert person is not None  # noqa: S101  - as said above
    return person


def to(name: str, organization: str, lineage: UUID, **more: object) -> HttpResponseRedirect:
    """Lead on after a POST."""
    address = reverse(name, kwargs={"organization": organization, "lineage": lineage, **more})
    return HttpResponseRedirect(address, status=303)


@login_required
@require_safe
def badges(request: HttpRequest, organization: str) -> HttpResponse:
    """Show drafts, what is published, what is retired."""
    person = author_of(request)
    workshop = workshop_of(organization, person)
    versions = versions_for_authors(organization=workshop, viewer=person)
    published = {one.achievement_id for one in versions if one.state == State.PUBLISHED}
    retired = [one for one in versions if one.state == State.RETIRED and one.achievement_id not in published]
    context = {
        "workshop": workshop,
        "drafts": [(one, len(readiness(one)[0])) for one in versions if one.state == State.DRAFT],
        "published": _newest(one for one in versions if one.state == State.PUBLISHED),
        "retired": _newest(retired),
        "classes": CLASSES,
    }
    return render(request, "authoring/badges.html", context)


def _newest(versions: object) -> list[AchievementVersion]:
    """Keep the first of each lineage; they come newest first."""
    found: dict[int, AchievementVersion] = {}
    for one in versions:  # type: ignore[attr-defined]  # any iterable of versions
        found.setdefault(one.achievement_id, one)
    return list(found.values())


@login_required
@require_POST
def begin(request: HttpRequest, organization: str) -> HttpResponse:
    """Begin a badge in the organization's language and open its first screen."""
    person = author_of(request)
    workshop = workshop_of(organization, person)
    version = achievement_create(
        organization=workshop,
        slug=f"{UNNAMED}{content_id()}",
        content=AchievementContent(
            language=workshop.language,
            name={},
            description={},
            criteria={},
            achievement_type="MicroCredential",
            field=Field.ACADEMIC,
        ),
        credential_class="application",
        person=person,
        at=datetime.now(UTC),
    )
    return to("author_edit", organization, version.achievement.public_id, step=1)


@login_required
@require_safe
def badge(request: HttpRequest, organization: str, lineage: UUID) -> HttpResponse:
    """Show one badge: its draft, its versions, what can be done with each."""
    whole = lineage_of(organization, lineage, author_of(request))
    return render(request, "authoring/badge.html", {"whole": whole, "top": whole.versions[0]})


@login_required
@require_POST
def draft_begin(request: HttpRequest, organization: str, lineage: UUID) -> HttpResponse:
    """Begin the next version from the newest one, or go on with the draft there is."""
    person = author_of(request)
    whole = lineage_of(organization, lineage, person)
    if whole.draft is None:
        version_new_draft(achievement_id=lineage, person=person, at=datetime.now(UTC))
    return to("author_edit", organization, lineage, step=1)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, organization: str, lineage: UUID) -> HttpResponse:
    """Ask, then remove the draft for good."""
    person = author_of(request)
    whole = lineage_of(organization, lineage, person)
    if whole.draft is None:
        raise AchievementNotFound("This badge has no draft.")
    if request.method != "POST":
        return render(request, "authoring/discard.html", {"whole": whole, "version": whole.draft})
    version_discard(version_id=whole.draft.public_id, person=person, at=datetime.now(UTC))
    messages.success(request, _("The draft is gone."))
    if len(whole.versions) > 1:
        return to("author_badge", organization, lineage)
    address = reverse("author_badges", kwargs={"organization": organization})
    return HttpResponseRedirect(address, status=303)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def retire(request: HttpRequest, organization: str, lineage: UUID, number: int) -> HttpResponse:
    """Say what retiring means, then retire one version."""
    person = author_of(request)
    whole = lineage_of(organization, lineage, person)
    version = _published(whole, number)
    if request.method != "POST":
        return render(request, "authoring/retire.html", {"whole": whole, "version": version})
    reason = request.POST.get("reason", "").strip()
    version_retire(version_id=version.public_id, person=person, at=datetime.now(UTC), reason=reason)
    messages.success(request, _("Version %(number)d is retired.") % {"number": number})
    return to("author_badge", organization, lineage)


def _published(whole: Lineage, number: int) -> AchievementVersion:
    for version in whole.versions:
        if version.number == number and version.state == State.PUBLISHED:
            return version
    raise AchievementNotFound("There is no published version of this number here.")

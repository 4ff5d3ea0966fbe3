"""The editor: four screens, each one form; saving beside the typing, checking, publishing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from insignia.accounts.models import Person
from insignia.achievements.errors import ImageRefused, NotReadyToPublish
from insignia.achievements.models import AchievementVersion
from insignia.achievements.rules import DUPLICATE, Renewal, Rubric
from insignia.achievements.selectors import alignments_of, alikes_of, content_of
from insignia.achievements.services import image_upload, readiness, version_publish
from insignia.foundation.errors import Invalid
from insignia.frameworks.selectors import item_search, items_get
from insignia.web.achievements import words as badge_words
from insignia.web.achievements.sheet import sheet_of
from insignia.web.authoring import words
from insignia.web.authoring.draft import Lineage, data_of, draft_whole, lineage_of
from insignia.web.authoring.paths import html_id
from insignia.web.authoring.pictures import FIRST, SIZES, symbol_words, symbols_found
from insignia.web.authoring.posted import PARTS, part_of
from insignia.web.authoring.saving import ART, Saved, art_now, desk_new, pairs_read, screen_read, screen_save
from insignia.web.authoring.sheet import STEPS, Sheet
from insignia.web.authoring.views import author_of, to
from insignia.web.kept import keeps_text

SAVED = "authoring_saved"
ITEMS_FOUND = 12
FRAGMENTS = {(1, "found"): "authoring/found.html", (3, "symbols-found"): "authoring/symbols_found.html"}
"""What a search asks for by the element it swaps; the same address alone gives the whole page."""
NOT_SENT = ("csrfmiddlewaretoken", "lock_version", "base", "do", "go", "desk")


@keeps_text
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, organization: str, lineage: UUID, step: int) -> HttpResponse:
    """Show one screen of the draft; POST saves it, whatever else its button asks for."""
    if step not in STEPS:
        raise Http404
    person = author_of(request)
    whole = lineage_of(organization, lineage, person)
    if whole.draft is None:
        return to("author_badge", organization, lineage)
    if request.method == "POST" and PARTS[step]:
        return _save(request, whole, step)
    version = draft_whole(whole, person)
    sheet = _sheet(whole, version, step)
    sheet.saved = request.session.pop(SAVED, "")
    template = FRAGMENTS.get((step, request.headers.get("HX-Target", "")), f"authoring/screen{step}.html")
    return render(request, template, _context(request, sheet))


def _sheet(whole: Lineage, version: AchievementVersion, step: int) -> Sheet:
    gaps, findings = readiness(version)
    data = data_of(version)
    return Sheet(whole, version, step, data, gaps, findings, base=part_of(data, step))


def _save(request: HttpRequest, whole: Lineage, step: int) -> HttpResponse:
    person, at = author_of(request), datetime.now(UTC)
    try:
        typing = bool(request.headers.get("HX-Request"))
        saved = screen_save(whole, step, request.POST, person=person, at=at, shown_again=not typing)
        if not saved.differences and step == 3 and not typing:
            _upload(request, saved.version, at)
    except Invalid as error:
        return _refused(request, whole, step, error)
    if saved.differences:
        return _conflict(request, whole, step, saved)
    clock = f"{at.astimezone(ZoneInfo(whole.organization.time_zone)):%H:%M}"
    if request.headers.get("HX-Request"):
        sheet = _sheet(whole, _as_saved(whole, saved, person), step)
        sheet.saved = clock
        return render(request, "authoring/saved.html", {**_context(request, sheet), "aligned": saved.aligned})
    request.session[SAVED] = clock
    return HttpResponseRedirect(_next(request, whole, step, saved), status=303)


def _as_saved(whole: Lineage, saved: Saved, person: Person) -> AchievementVersion:
    """Load the draft with its picture as this save left it.

    Never as somebody left it since: the page has no place for their rows, and with their lock its next save would
    take them out.
    """
    now = draft_whole(whole, person)
    return now if now.lock_version == saved.version.lock_version else saved.version


def _upload(request: HttpRequest, version: AchievementVersion, at: datetime) -> None:
    """Take the picture that came with the form, if one did."""
    file = request.FILES.get("upload")
    if file is not None:
        image_upload(version_id=version.public_id, raw=file.read(), person=author_of(request), at=at)


def _next(request: HttpRequest, whole: Lineage, step: int, saved: Saved) -> str:
    """Say where a button leads: another screen, a search, the row that was moved, or this screen again."""
    go, do = request.POST.get("go", ""), request.POST.get("do", "")
    if go in {str(one) for one in STEPS}:
        return _address(whole, int(go))
    if step == 1 and request.POST.get("q", "").strip() and (not do or do == "search"):
        return f"{_address(whole, 1)}?{urlencode({'q': request.POST['q']})}#f-alignments"
    if do == "symbols":
        return f"{_address(whole, 3)}?{urlencode({'symbols': request.POST.get('symbols', '')})}#f-art-symbol"
    if do == "upload":
        return f"{_address(whole, 3)}#f-image"
    return f"{_address(whole, step)}{f'#{html_id(saved.focus)}' if saved.focus else ''}"


def _address(whole: Lineage, step: int) -> str:
    names = {"organization": whole.organization.slug, "lineage": whole.achievement.public_id, "step": step}
    return reverse("author_edit", kwargs=names)


def _refused(request: HttpRequest, whole: Lineage, step: int, error: Invalid) -> HttpResponse:
    """Show what was typed again, with what is wrong beside it; nothing was stored."""
    version = draft_whole(whole, author_of(request))
    sheet = _sheet(whole, version, step)
    if isinstance(error, ImageRefused):
        sheet.errors = {"image": words.picture_sentence(str(error.data.get("reason", "")))}
    else:
        sheet.data = screen_read(version, step, request.POST)[0]
        prefix = {name: f"art.{name}" for name in ART}
        sheet.errors = {
            prefix.get(path, path): words.refusal_sentence(sentence) for path, sentence in error.fields.items()
        }
    template = "authoring/unsaved.html" if request.headers.get("HX-Request") else f"authoring/screen{step}.html"
    return render(request, template, _context(request, sheet), status=422)


def _conflict(request: HttpRequest, whole: Lineage, step: int, saved: Saved) -> HttpResponse:
    """Show both texts of each field; what this author typed travels along."""
    sheet = _sheet(whole, saved.version, step)
    sent = [(name, value) for name, values in request.POST.lists() if name not in NOT_SENT for value in values]
    context = {**_context(request, sheet), "differences": saved.differences, "sent": sent}
    template = "authoring/moved.html" if request.headers.get("HX-Request") else "authoring/conflict.html"
    return render(request, template, context, status=409)


@login_required
@require_POST
def publish(request: HttpRequest, organization: str, lineage: UUID) -> HttpResponse:
    """Publish the draft as it was shown; not what somebody changed since."""
    person = author_of(request)
    whole = lineage_of(organization, lineage, person)
    if whole.draft is None:
        return to("author_badge", organization, lineage)
    version = draft_whole(whole, person)
    sheet = _sheet(whole, version, 4)
    if request.POST.get("lock_version") != str(version.lock_version):
        context = {**_context(request, sheet), "moved": True}
        return render(request, "authoring/screen4.html", context, status=409)
    try:
        version_publish(version_id=version.public_id, person=person, at=datetime.now(UTC))
    except NotReadyToPublish:
        context = {**_context(request, sheet), "refused": True}
        return render(request, "authoring/screen4.html", context, status=422)
    messages.success(request, _("Version %(number)d is published.") % {"number": version.number})
    return to("author_badge", organization, lineage)


def _context(request: HttpRequest, sheet: Sheet) -> dict[str, Any]:
    context: dict[str, Any] = {
        "sheet": sheet,
        "whole": sheet.lineage,
        "version": sheet.version,
        "base": json.dumps(sheet.base, ensure_ascii=False),
        "desk": request.POST.get("desk") or desk_new(),
        "words": badge_words,
        "here": _address(sheet.lineage, sheet.step),
    }
    more = {1: _certifies, 2: _judged, 3: _look, 4: _checked}
    return {**context, **more[sheet.step](request, sheet)}


def _certifies(request: HttpRequest, sheet: Sheet) -> dict[str, Any]:
    query = (request.POST.get("q") or request.GET.get("q", "")).strip()[:200]
    chosen = [(row.item, row.outcome_id) for row in alignments_of(sheet.version)]
    if request.method == "POST" and sheet.errors:
        pairs = pairs_read(request.POST)
        items = {item.public_id: item for item in items_get(item for item, _outcome in pairs)}
        chosen = [(items[item], outcome) for item, outcome in pairs if item in items]
    known = {item.public_id for item, _outcome in chosen}
    found = item_search(organization=None, query=query, limit=ITEMS_FOUND) if query else []
    return {
        "query": query,
        "chosen": chosen,
        "found": [one for one in found if one.item.public_id not in known],
        "already": sum(one.item.public_id in known for one in found),
        "tags": ", ".join(sheet.data["tags"]),
        "classes": [(name, f"{badge_words.CLASSES[name]}: {text}") for name, text in _class_sentences()],
        "fields": list(badge_words.FIELDS.items()),
    }


def _class_sentences() -> list[tuple[str, str]]:
    return [
        ("recognition", _("somebody took part; nobody judges how well.")),
        ("knowledge", _("somebody knows this, shown in an exam or a performance.")),
        ("application", _("somebody can do this; assessors judge their work by a rubric.")),
    ]


def _judged(request: HttpRequest, sheet: Sheet) -> dict[str, Any]:  # noqa: ARG001  - one shape for all screens
    outcomes = [
        (row["id"], f"{number}. {row['statement'].get(sheet.data['language'], '')[:80]}")
        for number, row in enumerate(sheet.data["outcomes"], start=1)
    ]
    return {
        "outcomes": [("", _("Choose an outcome")), *outcomes],
        "assessments": list(badge_words.ASSESSMENTS.items()),
        "supervisions": list(badge_words.SUPERVISION.items()),
        "kinds": list(badge_words.KINDS.items()),
    }


def _look(request: HttpRequest, sheet: Sheet) -> dict[str, Any]:
    stored = art_now(sheet.version)
    image = getattr(sheet.version, "image", None)
    chosen = dict(stored or FIRST)
    if request.method == "POST" and sheet.errors:
        chosen = {name: request.POST.get(f"art.{name}", chosen[name]) for name in ART}
    query = (request.GET.get("symbols") or request.POST.get("symbols", "")).strip()[:80]
    found = [one for one in symbols_found(query) if one[0] != chosen["symbol"]]
    base = reverse("author_picture", kwargs=_names(sheet))
    wanted = {"v": image.sha256[:12]} if image is not None else dict(FIRST)
    return {
        "art": chosen,
        "symbol_words": symbol_words(chosen["symbol"]),
        "symbol_query": query,
        "symbols": found,
        "tinctures": list(words.TINCTURES.items()),
        "metals": list(words.METALS.items()),
        "uploaded": image is not None and stored is None,
        "image": image,
        "pictures": [(size, f"{base}?{urlencode({**wanted, 'pixels': size})}") for size in SIZES],
        "prints": [(size, f"{base}?{urlencode({**wanted, 'pixels': size, 'mono': 1})}") for size in SIZES],
        "levels": [
            ("0", _("Not stated")),
            *((str(n), _("Level %(number)d") % {"number": n}) for n in range(1, 5)),
        ],
        "renewals": _renewals(),
        "participations": [("", _("Not stated")), *badge_words.PARTICIPATION.items()],
    }


def _renewals() -> list[tuple[str, Promise]]:
    """List how a badge can be renewed; nothing said means judged anew."""
    return [("" if code == Renewal.REASSESSMENT else code, said) for code, said in badge_words.RENEWALS.items()]


def _names(sheet: Sheet) -> dict[str, Any]:
    return {"organization": sheet.lineage.organization.slug, "lineage": sheet.lineage.achievement.public_id}


def _checked(request: HttpRequest, sheet: Sheet) -> dict[str, Any]:  # noqa: ARG001  - one shape for all screens
    version, content = sheet.version, content_of(sheet.version)
    judgeable = tuple(row for row in content.rubric.criteria if row.levels and row.required_level_id)
    content = replace(content, rubric=Rubric(content.rubric.title, judgeable))
    alikes = alikes_of(version)
    names = reverse("author_picture", kwargs=_names(sheet))
    return {
        "preview": sheet_of(version, content, alignments_of(version)),
        "picture": f"{names}?pixels=512" if getattr(version, "image", None) else "",
        "twins": [
            (one, sheet_of(one.version, content_of(one.version), [])) for one in alikes if one.score >= DUPLICATE
        ],
        "alikes": [one for one in alikes if one.score < DUPLICATE][:5],
        "previous": next((one for one in sheet.lineage.versions if one.number < version.number), None),
    }

"""Frameworks for everybody: the list, one as a tree, one skill with all around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from insignia.achievements.selectors import certifying_counts, versions_certifying
from insignia.foundation.localized import Localized
from insignia.frameworks.selectors import (
    ItemFound,
    Tie,
    framework_get,
    framework_list,
    framework_tree,
    item_search,
    item_story,
)
from insignia.organizations.models import Role
from insignia.organizations.rules import effective_roles
from insignia.organizations.selectors import memberships_of
from insignia.web.errors import refusal
from insignia.web.frameworks import words
from insignia.web.frameworks.tree import steps_of
from insignia.web.rates import within_rate
from insignia.web.visitor import person_of

if TYPE_CHECKING:
    from django.utils.functional import Promise

FOUND = 30
SEARCHES_PER_MINUTE = 60


@dataclass(frozen=True)
class TieLine:
    """One tie in words: to an item here by `address`, else to a web address, else to whatever it was called."""

    kind: str | Promise
    name: str
    address: str
    outside: bool


@dataclass(frozen=True)
class Own:
    """An organization the viewer writes badges for."""

    slug: str
    name: Localized


@require_safe
def framework_list_page(request: HttpRequest) -> HttpResponse:
    """Show every framework, and what a search finds in all of them."""
    query = _query(request)
    if query and not _may_search(request):
        return refusal(request, 429)
    context = {
        "frameworks": framework_list(),
        "query": query,
        "found": _reasons(item_search(organization=None, query=query, limit=FOUND)),
        "own": _own(request),
    }
    return render(request, "frameworks/list.html", context)


@require_safe
def framework_page(request: HttpRequest, framework: UUID) -> HttpResponse:
    """Show one framework as a tree, or what a search finds in it."""
    tree = framework_tree(framework)
    query = _query(request)
    if query and not _may_search(request):
        return refusal(request, 429)
    context = {
        "framework": tree.framework,
        "items": tree.items,
        "steps": steps_of(tree.top, certifying_counts(framework)),
        "query": query,
        "found": _reasons(item_search(organization=None, framework=tree.framework, query=query, limit=FOUND)),
    }
    return render(request, "frameworks/framework.html", context)


@require_safe
def framework_item(request: HttpRequest, framework: UUID, item: UUID) -> HttpResponse:
    """Show one skill: where it stands, what it is tied to, which badges certify it."""
    story = item_story(item)
    if story.item.framework.public_id != framework:
        raise Http404
    badges = certifying_counts(framework)
    context = {
        "framework": framework_get(framework),
        "story": story,
        "item": story.item,
        "ties": [_tie(tie) for tie in story.ties],
        "web_uri": _web(story.item.uri),
        "versions": versions_certifying(item),
        "children": [(child, badges.get(child.public_id, 0)) for child in story.children],
    }
    return render(request, "frameworks/item.html", context)


def _may_search(request: HttpRequest) -> bool:
    return within_rate(request, "framework-search", per_minute=SEARCHES_PER_MINUTE, at=datetime.now(UTC))


def _query(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "")[:200].strip()


def _reasons(found: list[ItemFound]) -> list[tuple[ItemFound, Promise]]:
    return [(one, words.MATCHES[one.match]) for one in found]


def _tie(tie: Tie) -> TieLine:
    kind = words.TIES.get(tie.kind, tie.kind)
    if tie.item is not None:
        name = f"{tie.item.code} {tie.item.label or tie.item.statement}".strip()
        return TieLine(
            kind, name, reverse("framework_item", args=[tie.framework_id, tie.item.public_id]), outside=False
        )
    return TieLine(kind, tie.title or tie.uri, _web(tie.uri), outside=True)


def _web(uri: str) -> str:
    """Give an address that may become a link: a framework's file may name any scheme."""
    return uri if urlsplit(uri).scheme in {"http", "https"} else ""


def _own(request: HttpRequest) -> list[Own]:
    """List the organizations whose frameworks this person may import."""
    person = person_of(request)
    if person is None:
        return []
    return [
        Own(membership.organization.slug, membership.organization.name)
        for membership in memberships_of(person)
        if Role.AUTHOR in effective_roles(held.role for held in membership.roles.all())
    ]

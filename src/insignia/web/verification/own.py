"""Our own addresses: answered from the database as the visitor may see them, never asked over the network."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from insignia.issuing.selectors import issuers_all
from insignia.verification.errors import AddressUnusable
from insignia.verification.selectors import OwnCopy
from insignia.web.awards.doors import award_door, share_door
from insignia.web.awards.formats import copy_of
from insignia.web.visitor import person_of

AWARD_PAGES = {"award", "award_copy", "award_checks", "award_document"}
SHARE_PAGES = {"share", "share_copy", "share_checks"}


def own_copy_for(request: HttpRequest, *, at: datetime) -> OwnCopy:
    """Give the function that answers our own addresses for this visitor."""

    def own_copy(url: str) -> bytes | None:
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}".lower() not in own_origins(request):
            return None
        return _copy_at(request, unquote(parts.path), at=at)

    return own_copy


def own_origins(request: HttpRequest) -> frozenset[str]:
    """Name the origins that are this installation, in lower case."""
    signed = {issuer.origin.lower() for issuer in issuers_all()}
    here = f"{request.scheme}://{request.get_host()}".lower()
    return frozenset(signed | {str(settings.INSIGNIA_ORIGIN).lower(), here})


def _copy_at(request: HttpRequest, path: str, *, at: datetime) -> bytes:
    try:
        match = resolve(path)
    except Resolver404 as error:
        raise _no_badge() from error
    kind = match.kwargs.get("kind", "json")
    if match.url_name in AWARD_PAGES:
        door = award_door(match.kwargs["award_id"], viewer=person_of(request), at=at)
        return copy_of(door, kind, number=match.kwargs.get("number")).body
    if match.url_name in SHARE_PAGES:
        return copy_of(share_door(match.kwargs["token"], at=at), kind).body
    raise _no_badge()


def _no_badge() -> AddressUnusable:
    text = "There is no badge at this address. A badge's address has /awards/ or /s/ in it."
    return AddressUnusable(text, fields={"url": text})

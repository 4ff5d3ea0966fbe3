"""Pictures of the designer: the draft's own at any size, one that is not chosen yet, single symbols."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from insignia.achievements import art
from insignia.achievements.errors import ArtInvalid
from insignia.achievements.models import AchievementVersion
from insignia.achievements.selectors import art_spec, image_get, image_png, image_svg
from insignia.foundation.search import folded
from insignia.web.authoring.draft import draft_whole, lineage_of
from insignia.web.authoring.words import SYMBOLS
from insignia.web.visitor import person_of

SIZES = (32, 128, 512)
FOUND = 24
FOR_EVER = "public, max-age=31536000, immutable"
FIRST = {"tincture": "azure", "metal": "argent", "symbol": "medal", "ribbon": ""}
"""What the designer begins with."""


@login_required
@require_safe
def picture(request: HttpRequest, organization: str, lineage: UUID) -> HttpResponse:
    """Show the draft's picture as a browser would at `pixels`; with `symbol`, what these choices would give."""
    person = person_of(request)
    assert person is not None  # noqa: S101  - login_required stands above
    version = draft_whole(lineage_of(organization, lineage, person), person)
    pixels = next((size for size in SIZES if request.GET.get("pixels") == str(size)), SIZES[-1])
    mono = "mono" in request.GET
    if "symbol" in request.GET:
        choices = art.choices_checked({name: request.GET.get(name, "") for name in FIRST})
        return _svg(art.compose(art_spec(version, choices), art.tier_for(pixels), mono=mono))
    return _stored(version, pixels, mono=mono)


def _stored(version: AchievementVersion, pixels: int, *, mono: bool) -> HttpResponse:
    if image_get(version).art is not None:
        return _svg(image_svg(version, tier=art.tier_for(pixels), mono=mono))
    return HttpResponse(image_png(version, pixels=pixels), content_type="image/png")


def _svg(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="image/svg+xml")


@require_safe
def symbol(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001  - Django's signature
    """Draw one symbol in ink, for choosing."""
    try:
        paths = art.symbol_paths(name)
    except ArtInvalid as error:
        raise Http404 from error
    drawn = "".join(f'<path d="{path}"/>' for path in paths)
    response = _svg(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256">{drawn}</svg>')
    response.headers["Cache-Control"] = FOR_EVER
    return response


def symbols_found(query: str) -> list[tuple[str, str]]:
    """Give symbols with their words: those of a query in either language, else a handful to begin with."""
    wanted = folded(query).split()
    if not wanted:
        return [(name, str(words)) for name, words in SYMBOLS.items()]
    meant = [name for name, words in SYMBOLS.items() if all(word in folded(str(words)) for word in wanted)]
    named = [name for name in art.symbols() if all(word in name for word in wanted)]
    found = list(dict.fromkeys([*meant, *named]))[:FOUND]
    return [(name, symbol_words(name)) for name in found]


def symbol_words(name: str) -> str:
    """Say what a symbol shows; most have only their own name."""
    return str(SYMBOLS.get(name, name.replace("-", " ")))

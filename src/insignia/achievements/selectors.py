"""Reading achievements. Published and retired versions are public; drafts are for the organization's authors."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from insignia.achievements import art
from insignia.achievements.document import VersionAddress, achievement_document, target_facts
from insignia.achievements.errors import AchievementNotFound
from insignia.achievements.models import Achievement, AchievementAlignment, AchievementImage, AchievementVersion
from insignia.achievements.rules import ALIKE, AchievementContent, content_from_json, content_hash, similarity
from insignia.achievements.uploads import png_resized
from insignia.foundation.localized import localized_pick
from insignia.foundation.search import folded
from insignia.organizations.models import Organization, Role
from insignia.organizations.selectors import permission_require, roles_of
from insignia.vc.codec import model_json
from insignia.vc.contexts import CREDENTIALS_V2, OB3_CONTEXT

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.vc.model import Achievement as AchievementDocument
    from insignia.vc.model.json import JsonObject

State = AchievementVersion.State
PUBLIC = (State.PUBLISHED, State.RETIRED)
PAGE = 24
COMPARED = 500
"""How many published badges a draft is compared with, newest first."""


@dataclass(frozen=True)
class CataloguePage:
    """One page of the catalogue: `versions` come with lineage, organization and picture (without its bytes)."""

    versions: tuple[AchievementVersion, ...]
    total: int
    number: int
    pages: int


@dataclass(frozen=True)
class CatalogueChoices:
    """What the catalogue can be narrowed to: only what at least one current badge has."""

    organizations: tuple[Organization, ...]
    languages: tuple[str, ...]
    levels: tuple[int, ...]


@dataclass(frozen=True)
class Alike:
    """A published version that resembles a draft, with a score from 0.5 to 1."""

    version: AchievementVersion
    score: float


def content_of(version: AchievementVersion) -> AchievementContent:
    """Read the content of a version."""
    return content_from_json(version.content)


def catalogue_list(
    *,
    query: str = "",
    field: str = "",
    credential_class: str = "",
    organization: Organization | None = None,
    language: str = "",
    level: int | None = None,
    hours_at_most: int | None = None,
    page: int = 1,
    per_page: int = PAGE,
) -> CataloguePage:
    """List what can be earned: the newest published version of each lineage, by name. Two queries.

    Every word of `query` has to occur in name, description, tags or outcomes, in any language; case and
    accents do not count. A page beyond the last one gives the last one.
    """
    found = _current()
    for word in folded(query)[:200].split():
        found = found.filter(search_text__contains=word)
    chosen = {"field": field, "credential_class": credential_class, "language": language}
    found = found.filter(**{name: value for name, value in chosen.items() if value})
    if organization is not None:
        found = found.filter(organization=organization)
    if level is not None:
        found = found.filter(level=level)
    if hours_at_most is not None:
        found = found.filter(notional_hours__lte=hours_at_most)
    total = found.count()
    pages = max(1, -(-total // per_page))
    number = min(max(1, page), pages)
    start = (number - 1) * per_page
    return CataloguePage(
        _listed(found.order_by("sort_name", "id")[start : start + per_page]), total, number, pages
    )


def catalogue_choices() -> CatalogueChoices:
    """List the organizations, languages and levels of what can be earned. Three queries."""
    current = _current()
    organizations = Organization.objects.filter(pk__in=current.values("organization")).order_by("slug")
    return CatalogueChoices(
        organizations=tuple(organizations),
        languages=tuple(current.order_by("language").values_list("language", flat=True).distinct()),
        levels=tuple(current.filter(level__gt=0).order_by("level").values_list("level", flat=True).distinct()),
    )


def versions_certifying(item_id: UUID) -> list[AchievementVersion]:
    """List the badges that can be earned now and certify this item of a framework, by name."""
    aligned = AchievementAlignment.objects.filter(version=OuterRef("pk"), item__public_id=item_id)
    return list(_listed(_current().filter(Exists(aligned)).order_by("sort_name", "id")))


def certifying_counts(framework_id: UUID) -> dict[UUID, int]:
    """Count the badges that can be earned now by the item they certify; items without one are left out."""
    rows = AchievementAlignment.objects.filter(
        item__framework__public_id=framework_id, version__in=_current().values("pk")
    )
    counted = rows.values("item__public_id").annotate(badges=Count("version", distinct=True))
    return {row["item__public_id"]: row["badges"] for row in counted.order_by("item__public_id")}


def versions_all() -> QuerySet[AchievementVersion]:
    """Give every version in any state, for questions about what was given by it."""
    return AchievementVersion.objects.all()


def versions_named(words: str) -> QuerySet[AchievementVersion]:
    """Find versions by a part of their name, in English or Spanish, in any state."""
    named = Q(content__name__en__icontains=words) | Q(content__name__es__icontains=words)
    return AchievementVersion.objects.filter(named)


def versions_in_use(organization: Organization) -> QuerySet[AchievementVersion]:
    """Give the versions that an organization awards now: the newest published one of each badge."""
    return _current().filter(organization=organization).select_related("achievement", "organization")


def _current() -> QuerySet[AchievementVersion]:
    newer = AchievementVersion.objects.filter(
        achievement=OuterRef("achievement"), state=State.PUBLISHED, number__gt=OuterRef("number")
    )
    return AchievementVersion.objects.filter(~Exists(newer), state=State.PUBLISHED)


def _listed(versions: QuerySet[AchievementVersion]) -> tuple[AchievementVersion, ...]:
    whole = versions.select_related("achievement", "organization", "image")
    return tuple(whole.defer("image__png", "image__svg"))


def achievement_get(public_id: UUID, *, viewer: Person | None = None) -> Achievement:
    """Find a lineage that has something the viewer may see.

    Raises:
        AchievementNotFound: none, or only a draft of somebody else's.
    """
    achievement = Achievement.objects.select_related("organization").filter(public_id=public_id).first()
    if achievement is None or not _may_see(achievement, viewer):
        raise AchievementNotFound("There is no such badge here.")
    return achievement


def achievement_by_slug(slug: str, *, organization: Organization | None = None) -> Achievement:
    """Find a published lineage by slug; the oldest where several organizations use it.

    Raises:
        AchievementNotFound: there is none.
    """
    found = Achievement.objects.select_related("organization").filter(slug=slug, versions__state__in=PUBLIC)
    if organization is not None:
        found = found.filter(organization=organization)
    achievement = found.order_by("id").first()
    if achievement is None:
        raise AchievementNotFound("There is no such badge here.")
    return achievement


def _may_see(achievement: Achievement, viewer: Person | None) -> bool:
    if achievement.versions.filter(state__in=PUBLIC).exists():
        return True
    return viewer is not None and _is_author(viewer, achievement.organization)


def _is_author(viewer: Person, organization: Organization) -> bool:
    return Role.AUTHOR in roles_of(person=viewer, organization=organization)


def _whole() -> QuerySet[AchievementVersion]:
    return AchievementVersion.objects.select_related("achievement", "organization", "image")


def version_get(achievement_id: UUID, number: int, *, viewer: Person | None = None) -> AchievementVersion:
    """Find a version by lineage and number, with lineage, organization and picture.

    Raises:
        AchievementNotFound: none, or a draft of somebody else's.
    """
    version = _whole().filter(achievement__public_id=achievement_id, number=number).first()
    return _shown(version, viewer)


def version_by_id(version_id: UUID, *, viewer: Person | None = None) -> AchievementVersion:
    """Find a version by its own public id.

    Raises:
        AchievementNotFound: none, or a draft of somebody else's.
    """
    return _shown(_whole().filter(public_id=version_id).first(), viewer)


def _shown(version: AchievementVersion | None, viewer: Person | None) -> AchievementVersion:
    if version is not None and version.state in PUBLIC:
        return version
    if version is None or viewer is None or not _is_author(viewer, version.organization):
        raise AchievementNotFound("There is no such badge here.")
    return version


def version_current(achievement: Achievement) -> AchievementVersion:
    """Find what the lineage's page shows: its newest published version, else its newest retired one.

    Raises:
        AchievementNotFound: nothing was ever published.
    """
    versions = {version.number: version for version in _whole().filter(achievement=achievement, state__in=PUBLIC)}
    published = [number for number, version in versions.items() if version.state == State.PUBLISHED]
    if not versions:
        raise AchievementNotFound("There is no such badge here.")
    return versions[max(published or versions)]


def versions_of(achievement: Achievement, *, viewer: Person | None = None) -> list[AchievementVersion]:
    """List the versions the viewer may see, newest first."""
    seen = AchievementVersion.objects.filter(achievement=achievement).order_by("-number")
    if viewer is None or not _is_author(viewer, achievement.organization):
        seen = seen.filter(state__in=PUBLIC)
    return list(_listed(seen))


def drafts_for(*, organization: Organization, viewer: Person) -> list[AchievementVersion]:
    """List the drafts of an organization, newest first.

    Raises:
        NotFound: the viewer is no member. NotAllowed: no author.
    """
    permission_require(person=viewer, organization=organization, role=Role.AUTHOR)
    drafts = AchievementVersion.objects.filter(organization=organization, state=State.DRAFT)
    return list(_listed(drafts.order_by("-created_at")))


def versions_for_authors(*, organization: Organization, viewer: Person) -> list[AchievementVersion]:
    """List every version of an organization, by name and newest first.

    Raises:
        NotFound: the viewer is no member. NotAllowed: no author.
    """
    permission_require(person=viewer, organization=organization, role=Role.AUTHOR)
    versions = AchievementVersion.objects.filter(organization=organization)
    return list(_listed(versions.order_by("sort_name", "achievement_id", "-number")))


def alignments_of(version: AchievementVersion) -> list[AchievementAlignment]:
    """List the alignments of a version with item and framework, in a stable order."""
    return list(version.alignments.select_related("item__framework").order_by("outcome_id", "id"))


def alikes_of(version: AchievementVersion) -> list[Alike]:
    """List published badges of other lineages that resemble this one, the closest first."""
    others = _current().exclude(achievement_id=version.achievement_id).order_by("-published_at")
    listed = _listed(others.prefetch_related("alignments")[:COMPARED])
    content, items = content_of(version), _item_ids(version.alignments.all())
    scores = (
        Alike(
            other,
            similarity(content, content_of(other), one_items=items, other_items=_item_ids(other.alignments.all())),
        )
        for other in listed
    )
    return sorted((alike for alike in scores if alike.score >= ALIKE), key=lambda alike: -alike.score)


def _item_ids(alignments: Iterable[AchievementAlignment]) -> frozenset[str]:
    return frozenset(str(alignment.item_id) for alignment in alignments)


def hash_of(version: AchievementVersion) -> str:
    """Compute what `content_hash` has to be: content, class, alignments and picture as they are stored now."""
    image = AchievementImage.objects.filter(version=version).values_list("sha256", flat=True).first()
    return content_hash(
        content_of(version),
        credential_class=version.credential_class,
        alignments=[
            (row.outcome_id, json.dumps(target_facts(row), sort_keys=True)) for row in alignments_of(version)
        ],
        image_sha256=image or "",
    )


def art_spec(version: AchievementVersion, choices: dict[str, str]) -> art.ArtSpec:
    """Put together what to draw: shape from the class, level and title from the content, the rest chosen.

    Raises:
        ArtInvalid: it cannot be drawn.
    """
    content = content_of(version)
    return art.ArtSpec(
        shape=art.shape_of(version.credential_class),
        tincture=art.Tincture(choices["tincture"]),
        metal=art.Metal(choices["metal"]),
        symbol=choices["symbol"],
        level=content.level,
        ribbon=choices["ribbon"],
        title=localized_pick(content.image_alt, content.language)
        or localized_pick(content.name, content.language),
    )


def image_get(version: AchievementVersion) -> AchievementImage:
    """Give the picture of a version.

    Raises:
        AchievementNotFound: it has none yet.
    """
    image = AchievementImage.objects.filter(version=version).first()
    if image is None:
        raise AchievementNotFound("This badge has no picture yet.")
    return image


def image_svg(version: AchievementVersion, *, tier: art.Tier = art.Tier.L, mono: bool = False) -> str:
    """Give the picture as SVG with as much detail as the tier allows; an uploaded SVG as it was cleaned.

    Raises:
        AchievementNotFound: no picture, or an uploaded PNG.
    """
    image = image_get(version)
    # The full picture is the stored one: what was published stays, even when we learn to draw better.
    if image.art is not None and (mono or tier is not art.Tier.L):
        return art.compose(art_spec(version, image.art), tier, mono=mono)
    if not image.svg:
        raise AchievementNotFound("This picture was uploaded as PNG; there is no SVG of it.")
    return image.svg


def image_png(version: AchievementVersion, *, pixels: int, mono: bool = False) -> bytes:
    """Give the picture as a PNG `pixels` wide; a composed one in the tier for that size.

    Raises:
        AchievementNotFound: it has none yet. ArtInvalid: a size outside 1 to 2048.
    """
    image = image_get(version)
    if pixels == image.width and not mono:
        return bytes(image.png)
    if image.art is not None:
        svg = art.compose(art_spec(version, image.art), art.tier_for(pixels), mono=mono)
        return art.render_png(svg, pixels)
    if image.svg:
        return art.render_png(image.svg, pixels)
    return png_resized(bytes(image.png), pixels)


def version_address(version: AchievementVersion, *, origin: str) -> VersionAddress:
    """Name where a version, its picture, criteria and levels live for ever."""
    return VersionAddress(origin, version.achievement.public_id, version.number)


def achievement_model(version: AchievementVersion, *, origin: str, issuer_id: str) -> AchievementDocument:
    """Write a version as an Open Badges 3.0 Achievement, as credentials carry it. One query.

    Args:
        version: with its lineage loaded.
        origin: scheme and host fixed with the organization's first key, without a slash at the end.
        issuer_id: the issuer's DID, who becomes the creator; "" leaves the creator out.
    """
    return achievement_document(
        content_of(version),
        address=version_address(version, origin=origin),
        alignments=alignments_of(version),
        creator=issuer_id,
    )


def achievement_json(version: AchievementVersion, *, origin: str, issuer_id: str) -> JsonObject:
    """Write the JSON that a version's address answers: the Achievement with the contexts that explain it."""
    document = model_json(achievement_model(version, origin=origin, issuer_id=issuer_id))
    return {"@context": [CREDENTIALS_V2, OB3_CONTEXT], **document}

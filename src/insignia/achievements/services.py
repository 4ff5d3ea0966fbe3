"""Writing achievements: drafts, pictures, alignments, publishing, retiring.

Everything needs the author's role (owners have it). What is published never changes: a change is a new version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.text import slugify

from insignia.achievements import art
from insignia.achievements.document import target_facts
from insignia.achievements.errors import (
    AchievementNotFound,
    AchievementSlugTaken,
    AlignmentInvalid,
    ContentInvalid,
    DraftExists,
    NotReadyToPublish,
    VersionFrozen,
    VersionMoved,
)
from insignia.achievements.models import Achievement, AchievementAlignment, AchievementImage, AchievementVersion
from insignia.achievements.rules import (
    FINDING_SENTENCES,
    GAP_SENTENCES,
    AchievementContent,
    CredentialClass,
    Finding,
    Gap,
    Severity,
    class_gaps,
    content_findings,
    content_hash,
    content_to_json,
)
from insignia.achievements.selectors import alignments_of, art_spec, content_of, hash_of
from insignia.achievements.uploads import png_clean, png_size, svg_clean, svg_rasterized, upload_kind
from insignia.audit.actor import Actor
from insignia.audit.services import audit_record
from insignia.foundation.localized import localized_pick
from insignia.foundation.search import folded
from insignia.frameworks.selectors import item_get
from insignia.organizations.models import Role
from insignia.organizations.selectors import permission_require

if TYPE_CHECKING:
    from insignia.accounts.models import Person
    from insignia.organizations.models import Organization

State = AchievementVersion.State
PNG_PIXELS = 512
MAX_ALIGNMENTS = 50
UNNAMED = "draft-"
"""How the short name of a lineage begins until its first publication names it after the badge."""
SLUG_TRIES = 5
"""How often another badge of the same name may be quicker."""


@transaction.atomic
def achievement_create(
    *,
    organization: Organization,
    slug: str,
    content: AchievementContent,
    credential_class: str,
    person: Person,
    at: datetime,
) -> AchievementVersion:
    """Begin a lineage with the draft of its first version.

    Raises:
        AchievementSlugTaken: the organization has a badge by this short name.
        NotFound, NotAllowed: no member, or no author.
    """
    permission_require(person=person, organization=organization, role=Role.AUTHOR)
    try:
        with transaction.atomic():
            achievement = Achievement.objects.create(organization=organization, slug=slug, created_at=at)
    except IntegrityError as error:
        raise AchievementSlugTaken(f"Another badge here is called {slug}. Choose another short name.") from error
    version = _draft_insert(achievement, 1, content, credential_class, at)
    _audit(version, "achievement.created", person, at, new={"slug": slug, "hash": content_hash(content)})
    return version


@transaction.atomic
def version_save(
    *,
    version_id: UUID,
    content: AchievementContent,
    credential_class: str,
    lock_version: int,
    person: Person,
    at: datetime,
) -> AchievementVersion:
    """Save a draft; a composed picture is drawn anew, since class, level and words are in it.

    Args:
        version_id: the draft's public id.
        content: the whole content.
        credential_class: recognition, knowledge or application.
        lock_version: the number the author began from.
        person: who saves.
        at: now.

    Raises:
        VersionMoved: somebody saved meanwhile; carries content and lock_version as they are.
        VersionFrozen: it is published.
    """
    version = _draft_locked(version_id, person)
    if version.lock_version != lock_version:
        raise VersionMoved(
            "Somebody changed this meanwhile. Your text is kept; compare both.",
            content=version.content,
            credential_class=version.credential_class,
            lock_version=version.lock_version,
        )
    old = {"hash": content_hash(content_of(version)), "class": version.credential_class}
    _write(version, content, credential_class)
    version.lock_version += 1
    version.save()
    _drop_lost_alignments(version, content)
    _redraw(version)
    new = {"hash": content_hash(content), "class": version.credential_class}
    _audit(version, "achievement.saved", person, at, old=old, new=new)
    return version


@transaction.atomic
def version_publish(*, version_id: UUID, person: Person, at: datetime) -> AchievementVersion:
    """Publish a draft for ever: from here on content, class, alignments and picture never change.

    Raises:
        NotReadyToPublish: gaps for its class, findings that block, or no picture; `data` lists them.
        VersionFrozen: it is published already.
    """
    version = _draft_locked(version_id, person)
    _require_ready(version)
    _settle_slug(version)
    _freeze_targets(version)
    version.state = State.PUBLISHED
    version.content_hash = hash_of(version)
    version.published_at = at
    version.published_by = person
    version.save(update_fields=["state", "content_hash", "published_at", "published_by"])
    new = {"state": "published", "number": version.number, "hash": version.content_hash}
    _audit(version, "achievement.published", person, at, old={"state": "draft"}, new=new)
    return version


@transaction.atomic
def version_retire(*, version_id: UUID, person: Person, at: datetime, reason: str = "") -> AchievementVersion:
    """Take a published version out of the catalogue. Its page and its awards stay as they are.

    Raises:
        VersionFrozen: it is not published, or retired already.
    """
    version = _locked(version_id, person)
    if version.state != State.PUBLISHED:
        raise VersionFrozen("Only a published badge can be retired.", state=version.state)
    version.state = State.RETIRED
    version.retired_at = at
    version.save(update_fields=["state", "retired_at"])
    new = {"state": "retired", "reason": reason[:500]}
    _audit(version, "achievement.retired", person, at, old={"state": "published"}, new=new)
    return version


@transaction.atomic
def version_new_draft(*, achievement_id: UUID, person: Person, at: datetime) -> AchievementVersion:
    """Begin the next version with everything the newest one says: content, alignments, picture.

    Raises:
        DraftExists: there is one already; `data["version_id"]` names it.
        AchievementNotFound: no such lineage.
    """
    achievement = (
        Achievement.objects.select_for_update(of=("self",))
        .select_related("organization")
        .filter(public_id=achievement_id)
        .first()
    )
    if achievement is None:
        raise AchievementNotFound("There is no such badge here.")
    permission_require(person=person, organization=achievement.organization, role=Role.AUTHOR)
    source = achievement.versions.order_by("-number")[0]
    if source.state == State.DRAFT:
        raise DraftExists("This badge has a draft already. Go on with that one.", version_id=source.public_id)
    highest = achievement.versions.aggregate(number=Max("number"))["number"]
    version = _draft_insert(achievement, highest + 1, content_of(source), source.credential_class, at)
    _copy_belongings(source, version)
    _audit(
        version, "achievement.drafted", person, at, old={"number": source.number}, new={"number": version.number}
    )
    return version


@transaction.atomic
def version_discard(*, version_id: UUID, person: Person, at: datetime) -> None:
    """Remove a draft for good, with its alignments and picture; a lineage that never had more goes with it.

    Raises:
        VersionFrozen: it is published; that is retired, never removed.
    """
    version = _draft_locked(version_id, person)
    old = {"slug": version.achievement.slug, "number": version.number, "hash": content_hash(content_of(version))}
    _audit(version, "achievement.discarded", person, at, old=old)
    achievement = version.achievement
    version.delete()
    if not achievement.versions.exists():
        achievement.delete()


@transaction.atomic
def alignment_set(
    *, version_id: UUID, alignments: Iterable[tuple[UUID, str]], person: Person, at: datetime
) -> list[AchievementAlignment]:
    """Align a draft to exactly these framework items.

    Args:
        version_id: the draft's public id.
        alignments: pairs of an item's public id and an outcome's id ("" for the whole badge).
        person: who aligns.
        at: now.

    Raises:
        AlignmentInvalid: an unknown outcome, or more than 50. NotFound: an unknown item.
    """
    version = _draft_locked(version_id, person)
    wanted = list(dict.fromkeys(alignments))
    outcomes = {"", *(outcome.id for outcome in content_of(version).outcomes)}
    unknown = [outcome for _item, outcome in wanted if outcome not in outcomes]
    if unknown or len(wanted) > MAX_ALIGNMENTS:
        sentence = f"Align at most {MAX_ALIGNMENTS} items, each to an outcome of this badge."
        raise AlignmentInvalid(sentence, fields={"alignments": sentence})
    old = _aligned(version)
    version.alignments.all().delete()
    AchievementAlignment.objects.bulk_create(
        AchievementAlignment(version=version, item=item_get(item_id), outcome_id=outcome)
        for item_id, outcome in wanted
    )
    _audit(version, "achievement.aligned", person, at, old={"items": old}, new={"items": _aligned(version)})
    return alignments_of(version)


@transaction.atomic
def image_compose(*, version_id: UUID, choices: dict[str, str], person: Person, at: datetime) -> AchievementImage:
    """Draw the picture of a draft from `{tincture, metal, symbol, ribbon}`; class and content give the rest.

    Raises:
        ArtInvalid: `fields` says what cannot be drawn.
    """
    version = _draft_locked(version_id, person)
    chosen = art.choices_checked(choices)
    image = _image_store(version, chosen, *_drawn(version, chosen))
    _audit(version, "achievement.pictured", person, at, new={"art": chosen, "sha256": image.sha256})
    return image


@transaction.atomic
def image_upload(*, version_id: UUID, raw: bytes, person: Person, at: datetime) -> AchievementImage:
    """Use an uploaded PNG or SVG as the picture of a draft, cleaned; it is neither cropped nor stretched.

    Raises:
        ImageRefused: `data["reason"]` says why.
    """
    version = _draft_locked(version_id, person)
    if upload_kind(raw) == "svg":
        svg = svg_clean(raw)
        png = svg_rasterized(svg)
    else:
        svg, png = "", png_clean(raw)
    image = _image_store(version, None, svg, png)
    _audit(version, "achievement.pictured", person, at, new={"art": None, "sha256": image.sha256})
    return image


def readiness(version: AchievementVersion) -> tuple[tuple[Gap, ...], tuple[Finding, ...]]:
    """List gaps and findings of a version as it is stored, for the editor's rail and before publishing."""
    content = content_of(version)
    aligned = set(version.alignments.values_list("outcome_id", flat=True))
    gaps = class_gaps(content, version.credential_class, aligned_outcomes=aligned)
    if not AchievementImage.objects.filter(version=version).exists():
        gaps = (*gaps, Gap("image", "image-missing"))
    return gaps, content_findings(content, version.credential_class)


def _require_ready(version: AchievementVersion) -> None:
    gaps, findings = readiness(version)
    blocking = tuple(finding for finding in findings if finding.severity is Severity.BLOCKS)
    if not gaps and not blocking:
        return
    fields = {finding.field: FINDING_SENTENCES[finding.code].format(**finding.data) for finding in blocking}
    fields |= {gap.field: GAP_SENTENCES[gap.message_code] for gap in gaps}
    count = len(gaps) + len(blocking)
    raise NotReadyToPublish(
        f"{count} {'thing is' if count == 1 else 'things are'} missing before this can be published.",
        fields=fields,
        gaps=gaps,
        findings=blocking,
    )


def _draft_insert(
    achievement: Achievement, number: int, content: AchievementContent, credential_class: str, at: datetime
) -> AchievementVersion:
    version = AchievementVersion(
        organization_id=achievement.organization_id, achievement=achievement, number=number, created_at=at
    )
    _write(version, content, credential_class)
    version.save()
    return version


def _write(version: AchievementVersion, content: AchievementContent, credential_class: str) -> None:
    """Put content into the row, and into the columns that follow from it."""
    if credential_class not in {one.value for one in CredentialClass}:
        sentence = "A badge is for recognition, knowledge or application."
        raise ContentInvalid(sentence, fields={"credential_class": sentence})
    version.content = content_to_json(content)
    version.credential_class = credential_class
    for name, value in columns_of(content).items():
        setattr(version, name, value)


def columns_of(content: AchievementContent) -> dict[str, Any]:
    """Derive the columns by which versions are found and sorted."""
    texts = [*content.name.values(), *content.description.values(), *content.tags]
    texts += [text for outcome in content.outcomes for text in outcome.statement.values()]
    return {
        "field": content.field.value,
        "language": content.language,
        "level": content.level,
        "notional_hours": content.notional_hours,
        "sort_name": folded(localized_pick(content.name, content.language))[:200],
        "search_text": folded(" ".join(texts)),
    }


def _locked(version_id: UUID, person: Person) -> AchievementVersion:
    version = (
        AchievementVersion.objects.select_for_update(of=("self",))
        .select_related("achievement", "organization")
        .filter(public_id=version_id)
        .first()
    )
    if version is None:
        raise AchievementNotFound("There is no such badge here.")
    permission_require(person=person, organization=version.organization, role=Role.AUTHOR)
    return version


def _draft_locked(version_id: UUID, person: Person) -> AchievementVersion:
    version = _locked(version_id, person)
    if version.state != State.DRAFT:
        raise VersionFrozen("A published badge does not change. Begin a new version.", state=version.state)
    return version


def _drop_lost_alignments(version: AchievementVersion, content: AchievementContent) -> None:
    kept = ["", *(outcome.id for outcome in content.outcomes)]
    version.alignments.exclude(outcome_id__in=kept).delete()


def _aligned(version: AchievementVersion) -> list[list[str]]:
    return [[alignment.item.identifier, alignment.outcome_id] for alignment in alignments_of(version)]


def _settle_slug(version: AchievementVersion) -> None:
    """Name a lineage that was begun without a name after its badge, once, before anybody can link to it."""
    achievement = version.achievement
    if not achievement.slug.startswith(UNNAMED) or achievement.versions.exclude(state=State.DRAFT).exists():
        return
    name = slugify(localized_pick(content_of(version).name, version.language))[:70].strip("-")
    for _try in range(SLUG_TRIES if name else 0):  # a name without one Latin letter keeps the short name it has
        achievement.slug, before = _free_slug(version.organization_id, name), achievement.slug
        try:
            with transaction.atomic():
                achievement.save(update_fields=["slug"])
        except IntegrityError:  # a badge of the same name was published meanwhile
            achievement.slug = before
        else:
            return


def _free_slug(organization_id: int, name: str) -> str:
    named = Achievement.objects.filter(organization_id=organization_id, slug__startswith=name)
    taken = set(named.values_list("slug", flat=True))
    free = (f"{name}-{number}" if number > 1 else name for number in range(1, len(taken) + 2))
    return next(slug for slug in free if slug not in taken)


def _freeze_targets(version: AchievementVersion) -> None:
    rows = alignments_of(version)
    for row in rows:
        row.target = target_facts(row)
    AchievementAlignment.objects.bulk_update(rows, ["target"])


def _drawn(version: AchievementVersion, choices: dict[str, str]) -> tuple[str, bytes]:
    svg = art.compose(art_spec(version, choices), art.Tier.L)
    return svg, art.render_png(svg, PNG_PIXELS)


def _redraw(version: AchievementVersion) -> None:
    image = AchievementImage.objects.filter(version=version).first()
    if image is not None and image.art is not None:
        _image_store(version, image.art, *_drawn(version, image.art))


def _image_store(
    version: AchievementVersion, choices: dict[str, str] | None, svg: str, png: bytes
) -> AchievementImage:
    width, height = png_size(png)
    image, _made = AchievementImage.objects.update_or_create(
        version=version,
        defaults={
            "art": choices,
            "svg": svg,
            "png": png,
            "sha256": hashlib.sha256(png).hexdigest(),
            "width": width,
            "height": height,
        },
    )
    return image


def _copy_belongings(source: AchievementVersion, target: AchievementVersion) -> None:
    AchievementAlignment.objects.bulk_create(
        AchievementAlignment(version=target, item_id=alignment.item_id, outcome_id=alignment.outcome_id)
        for alignment in source.alignments.all()
    )
    image = AchievementImage.objects.filter(version=source).first()
    if image is not None:
        _image_store(target, image.art, image.svg, bytes(image.png))


def _audit(
    version: AchievementVersion,
    action: str,
    person: Person,
    at: datetime,
    *,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
) -> None:
    audit_record(
        actor=Actor.person(person),
        at=at,
        action=action,
        subject=("achievement-version", version.public_id),
        organization_id=version.organization.public_id,
        old=old,
        new=new,
    )

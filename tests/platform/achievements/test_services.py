"""Drafting, publishing, retiring: who may, what is refused, what never changes."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, IntegrityError, connection, transaction
from PIL import Image

from insignia.accounts.models import Person
from insignia.achievements import checks, frozen
from insignia.achievements.errors import (
    AchievementNotFound,
    AchievementSlugTaken,
    AlignmentInvalid,
    ArtInvalid,
    DraftExists,
    ImageRefused,
    NotReadyToPublish,
    VersionFrozen,
    VersionMoved,
)
from insignia.achievements.models import Achievement, AchievementImage, AchievementVersion
from insignia.achievements.rules import Gap, Rubric, content_to_json
from insignia.achievements.selectors import content_of, hash_of, image_get, image_png, image_svg
from insignia.achievements.services import (
    achievement_create,
    alignment_set,
    image_compose,
    image_upload,
    readiness,
    version_discard,
    version_new_draft,
    version_publish,
    version_retire,
    version_save,
)
from insignia.audit.models import AuditEntry
from insignia.foundation.checks import Finding
from insignia.foundation.errors import NotFound
from insignia.organizations.errors import OrganizationNotFound, RoleMissing
from insignia.organizations.models import Organization
from insignia.organizations.selectors import memberships_of
from insignia.organizations.services import membership_end
from tests.platform.achievements.samples import (
    ART,
    application_content,
    make_draft,
    make_item,
    make_published,
    recognition_content,
)
from tests.platform.factories import AT, make_member, make_organization
from tests.platform.meanwhile import meanwhile

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


@pytest.fixture
def school() -> Organization:
    """A school."""
    return make_organization()


@pytest.fixture
def author(school: Organization) -> Person:
    """A badge author of it."""
    return make_member(school, "author")


def doctor() -> list[Finding]:
    """Run every check of the domain."""
    deep = True
    return [finding for check in checks.CHECKS for finding in check.run(deep)]


def save(version: AchievementVersion, author: Person, name: str, *, lock: int = 1) -> AchievementVersion:
    content = replace(content_of(version), name={"en": name})
    return version_save(
        version_id=version.public_id,
        content=content,
        credential_class="application",
        lock_version=lock,
        person=author,
        at=LATER,
    )


class TestAchievementCreate:
    def test_begins_with_a_draft_and_says_so_in_the_record(self, school: Organization, author: Person) -> None:
        version = make_draft(school, author)
        assert (version.number, version.state, version.lock_version) == (1, "draft", 1)
        assert content_of(version) == application_content()
        entry = AuditEntry.objects.get(action="achievement.created")
        assert (entry.subject_id, entry.actor_id) == (version.public_id, author.public_id)

    def test_refuses_a_slug_that_is_taken_here_but_not_elsewhere(
        self, school: Organization, author: Person
    ) -> None:
        make_draft(school, author)
        with pytest.raises(AchievementSlugTaken):
            make_draft(school, author)
        other = make_organization()
        assert make_draft(other, make_member(other, "author")).number == 1

    @pytest.mark.parametrize("roles", [(), ("assessor",), ("registrar",)])
    def test_is_for_authors(self, school: Organization, roles: tuple[str, ...]) -> None:
        with pytest.raises(RoleMissing):
            make_draft(school, make_member(school, *roles))

    def test_tells_strangers_nothing(self, school: Organization) -> None:
        with pytest.raises(OrganizationNotFound):
            make_draft(school, make_member(make_organization(), "owner"))

    def test_lets_owners(self, school: Organization) -> None:
        assert make_draft(school, make_member(school, "owner")).state == "draft"


class TestVersionSave:
    def test_counts_up_and_keeps_search_columns_in_step(self, school: Organization, author: Person) -> None:
        version = save(make_draft(school, author), author, "Économie")
        assert (version.lock_version, version.sort_name) == (2, "economie")
        assert not doctor()

    def test_gives_the_second_of_two_authors_what_the_first_one_saved(
        self, school: Organization, author: Person
    ) -> None:
        version = make_draft(school, author)
        save(version, author, "First")
        with pytest.raises(VersionMoved) as caught:
            save(version, author, "Second")
        assert caught.value.data["content"]["name"] == {"en": "First"}
        assert caught.value.data["lock_version"] == 2
        assert content_of(AchievementVersion.objects.get()).name == {"en": "First"}

    def test_draws_the_picture_anew(self, school: Organization, author: Person) -> None:
        version = make_draft(school, author)
        before = image_get(version)
        content = replace(content_of(version), level=4, image_alt={"en": "A new picture"})
        version_save(
            version_id=version.public_id,
            content=content,
            credential_class="knowledge",
            lock_version=1,
            person=author,
            at=LATER,
        )
        after = image_get(version)
        assert after.sha256 != before.sha256
        assert "<title>A new picture</title>" in after.svg

    def test_drops_alignments_of_outcomes_that_are_gone(self, school: Organization, author: Person) -> None:
        version = make_draft(school, author)
        content = replace(content_of(version), outcomes=content_of(version).outcomes[1:], rubric=Rubric())
        version_save(
            version_id=version.public_id,
            content=content,
            credential_class="application",
            lock_version=1,
            person=author,
            at=LATER,
        )
        assert not version.alignments.exists()

    def test_ends_with_the_membership(self, school: Organization, author: Person) -> None:
        version = make_draft(school, author)
        membership_end(membership_id=memberships_of(author)[0].public_id, person=author, at=AT)
        with pytest.raises(OrganizationNotFound):
            save(version, author, "Late")

    def test_knows_no_badge_that_is_not_there(self, author: Person) -> None:
        with pytest.raises(AchievementNotFound):
            version_publish(version_id=uuid4(), person=author, at=AT)


class TestVersionPublish:
    def test_freezes_content_class_alignments_and_picture(self, school: Organization, author: Person) -> None:
        version = make_published(school, author)
        assert version.content_hash == hash_of(version)
        assert (version.state, version.published_at, version.published_by) == ("published", AT, author)
        entry = AuditEntry.objects.get(action="achievement.published")
        assert entry.new["hash"] == version.content_hash

    @pytest.mark.parametrize("kind", ["knowledge", "application"])
    def test_lists_everything_that_is_missing(self, school: Organization, author: Person, kind: str) -> None:
        version = achievement_create(
            organization=school,
            slug="thin",
            content=recognition_content(),
            credential_class=kind,
            person=author,
            at=AT,
        )
        with pytest.raises(NotReadyToPublish) as caught:
            version_publish(version_id=version.public_id, person=author, at=AT)
        assert {"outcomes", "notional_hours", "image"} <= set(caught.value.fields)
        assert Gap("image", "image-missing") in caught.value.data["gaps"]
        assert all(sentence.endswith((".", "?")) for sentence in caught.value.fields.values())
        assert AchievementVersion.objects.get().state == "draft"

    def test_waits_for_what_blocks(self, school: Organization, author: Person) -> None:
        content = replace(application_content(), description={"en": "TBD"})
        version = make_draft(school, author, content=content)
        with pytest.raises(NotReadyToPublish) as caught:
            version_publish(version_id=version.public_id, person=author, at=AT)
        assert [finding.code for finding in caught.value.data["findings"]] == ["placeholder"]

    def test_takes_a_recognition_with_little(self, school: Organization, author: Person) -> None:
        version = make_published(school, author, content=recognition_content(), credential_class="recognition")
        assert version.state == "published"
        assert readiness(version) == ((), ())

    def test_happens_once(self, school: Organization, author: Person) -> None:
        version = make_published(school, author)
        with pytest.raises(VersionFrozen):
            version_publish(version_id=version.public_id, person=author, at=LATER)

    def test_refuses_every_change_afterwards(self, school: Organization, author: Person) -> None:
        version = make_published(school, author)
        with pytest.raises(VersionFrozen):
            save(version, author, "Changed")
        with pytest.raises(VersionFrozen):
            alignment_set(version_id=version.public_id, alignments=[], person=author, at=LATER)
        with pytest.raises(VersionFrozen):
            image_compose(version_id=version.public_id, choices=ART, person=author, at=LATER)
        with pytest.raises(VersionFrozen):
            image_upload(version_id=version.public_id, raw=b"", person=author, at=LATER)


class TestPublishedVersion:
    """What the database itself refuses, past every service."""

    @pytest.fixture
    def version(self, school: Organization, author: Person) -> AchievementVersion:
        """Publish one."""
        return make_published(school, author)

    @pytest.mark.parametrize(
        "change",
        [
            {"content": {}},
            {"credential_class": "knowledge"},
            {"content_hash": "0" * 64},
            {"number": 7},
            {"public_id": uuid4()},
        ],
    )
    def test_does_not_change(self, version: AchievementVersion, change: dict[str, object]) -> None:
        with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
            AchievementVersion.objects.filter(pk=version.pk).update(**change)

    def test_does_not_become_a_draft_again(self, version: AchievementVersion) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            AchievementVersion.objects.update(state="draft", content_hash="", published_at=None)

    def test_can_be_retired(self, version: AchievementVersion, author: Person) -> None:
        assert version_retire(version_id=version.public_id, person=author, at=LATER).state == "retired"

    def test_has_a_hash_and_a_time(self, version: AchievementVersion) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            AchievementVersion.objects.update(published_at=None)


class TestDoctor:
    """What it finds where the trigger was taken down."""

    @pytest.fixture(autouse=True)
    def trigger_is_down(self, school: Organization) -> None:
        """Let this test, and no other, change what is published."""
        with connection.cursor() as cursor:
            for statement in frozen.removal_statements(connection.vendor):
                cursor.execute(statement)

    def test_finds_a_changed_picture_and_a_changed_alignment(self, school: Organization, author: Person) -> None:
        version = make_published(school, author)
        version.alignments.all().delete()
        AchievementImage.objects.update(png=b"other")
        findings = doctor()
        assert {finding.invariant for finding in findings} == {"I6"}
        assert len(findings) == 2
        assert str(version.public_id) in findings[0].subject

    def test_finds_changed_content(self, school: Organization, author: Person) -> None:
        version = make_published(school, author)
        changed = content_to_json(replace(content_of(version), notional_hours=99))
        AchievementVersion.objects.update(content=changed, notional_hours=99)
        assert [finding.message[:7] for finding in doctor()] == ["changed"]

    def test_finds_unreadable_content(self, school: Organization, author: Person) -> None:
        make_published(school, author)
        AchievementVersion.objects.update(content={"broken": True})
        assert [finding.invariant for finding in doctor()] == ["I6"]


class TestVersionNewDraft:
    def test_begins_with_everything_the_newest_version_says(self, school: Organization, author: Person) -> None:
        first = make_published(school, author)
        second = version_new_draft(achievement_id=first.achievement.public_id, person=author, at=LATER)
        assert (second.number, second.state, second.content_hash) == (2, "draft", "")
        assert second.content == first.content
        assert image_get(second).sha256 == image_get(first).sha256
        published = version_publish(version_id=second.public_id, person=author, at=LATER)
        assert published.content_hash == first.content_hash
        assert AchievementVersion.objects.filter(state="published").count() == 2

    def test_is_one_at_a_time(self, school: Organization, author: Person) -> None:
        first = make_published(school, author)
        draft = version_new_draft(achievement_id=first.achievement.public_id, person=author, at=LATER)
        with pytest.raises(DraftExists) as caught:
            version_new_draft(achievement_id=first.achievement.public_id, person=author, at=LATER)
        assert caught.value.data["version_id"] == draft.public_id

    def test_leaves_the_published_one_as_it_was(self, school: Organization, author: Person) -> None:
        first = make_published(school, author)
        draft = version_new_draft(achievement_id=first.achievement.public_id, person=author, at=LATER)
        save(draft, author, "Second edition")
        image_compose(version_id=draft.public_id, choices=ART | {"tincture": "gules"}, person=author, at=LATER)
        alignment_set(version_id=draft.public_id, alignments=[], person=author, at=LATER)
        first.refresh_from_db()
        assert hash_of(first) == first.content_hash


class TestVersionRetire:
    def test_is_for_published_versions_and_happens_once(self, school: Organization, author: Person) -> None:
        with pytest.raises(VersionFrozen):
            version_retire(version_id=make_draft(school, author).public_id, person=author, at=AT)
        version = make_published(school, author, slug="other")
        assert version_retire(version_id=version.public_id, person=author, at=LATER).retired_at == LATER
        with pytest.raises(VersionFrozen):
            version_retire(version_id=version.public_id, person=author, at=LATER)


class TestVersionDiscard:
    def test_removes_a_lineage_that_was_never_published(self, school: Organization, author: Person) -> None:
        draft = make_draft(school, author)
        version_discard(version_id=draft.public_id, person=author, at=LATER)
        assert not AchievementVersion.objects.exists()
        assert not Achievement.objects.exists()
        assert not AchievementImage.objects.exists()
        entry = AuditEntry.objects.get(action="achievement.discarded")
        assert entry.old["slug"] == "data-visualization"

    def test_leaves_the_published_version_and_lets_a_new_draft_begin(
        self, school: Organization, author: Person
    ) -> None:
        first = make_published(school, author)
        draft = version_new_draft(achievement_id=first.achievement.public_id, person=author, at=LATER)
        version_discard(version_id=draft.public_id, person=author, at=LATER)
        assert list(AchievementVersion.objects.values_list("number", "state")) == [(1, "published")]
        again = version_new_draft(achievement_id=first.achievement.public_id, person=author, at=LATER)
        assert again.number == 2

    def test_never_removes_what_is_published_and_is_for_authors(
        self, school: Organization, author: Person
    ) -> None:
        published = make_published(school, author)
        with pytest.raises(VersionFrozen):
            version_discard(version_id=published.public_id, person=author, at=LATER)
        draft = version_new_draft(achievement_id=published.achievement.public_id, person=author, at=LATER)
        with pytest.raises(RoleMissing):
            version_discard(version_id=draft.public_id, person=make_member(school, "assessor"), at=LATER)


class TestShortName:
    def test_follows_the_name_at_the_first_publication_only(self, school: Organization, author: Person) -> None:
        make_published(school, author, slug="data-visualization")
        draft = make_draft(school, author, slug="draft-abc")
        second = version_publish(version_id=draft.public_id, person=author, at=LATER)
        assert second.achievement.slug == "data-visualization-2"

    def test_stays_where_the_name_has_no_latin_letter(self, school: Organization, author: Person) -> None:
        content = replace(application_content(), name={"en": "数据"})
        draft = make_draft(school, author, slug="draft-abc", content=content)
        assert version_publish(version_id=draft.public_id, person=author, at=LATER).achievement.slug == "draft-abc"


class TestAlignmentSet:
    def test_replaces_and_records(self, school: Organization, author: Person) -> None:
        version = make_draft(school, author)
        item = make_item(school, "MP.4")
        pairs = [(item.public_id, ""), (item.public_id, "o2"), (item.public_id, "o2")]
        assert len(alignment_set(version_id=version.public_id, alignments=pairs, person=author, at=AT)) == 2
        entry = AuditEntry.objects.filter(action="achievement.aligned").latest("id")
        assert (entry.old["items"], entry.new["items"]) == (
            [["item-MP.1", "o1"]],
            [["item-MP.4", ""], ["item-MP.4", "o2"]],
        )

    def test_refuses_unknown_outcomes_and_items(self, school: Organization, author: Person) -> None:
        version = make_draft(school, author)
        with pytest.raises(AlignmentInvalid):
            alignment_set(
                version_id=version.public_id,
                alignments=[(make_item(school, "X").public_id, "o9")],
                person=author,
                at=AT,
            )
        with pytest.raises(NotFound):
            alignment_set(version_id=version.public_id, alignments=[(uuid4(), "")], person=author, at=AT)
        assert version.alignments.count() == 1


class TestImages:
    def test_are_composed_from_choices_class_and_level(self, school: Organization, author: Person) -> None:
        version = make_draft(school, author)
        image = image_get(version)
        assert (image.width, image.height) == (512, 512)
        assert image.svg == image_svg(version)
        assert bytes(image.png) == image_png(version, pixels=512)
        assert Image.open(io.BytesIO(image_png(version, pixels=32))).size == (32, 32)

    def test_refuse_what_cannot_be_drawn_and_keep_the_old_one(self, school: Organization, author: Person) -> None:
        version = make_draft(school, author)
        for wrong in ({"symbol": "nothing"}, {"tincture": "pink"}, {"ribbon": "x" * 13}):
            with pytest.raises(ArtInvalid):
                image_compose(version_id=version.public_id, choices=ART | wrong, person=author, at=AT)
        assert image_get(version).art == ART

    def test_are_uploaded_as_png_or_svg(self, school: Organization, author: Person) -> None:
        version = make_draft(school, author)
        out = io.BytesIO()
        Image.new("RGB", (300, 200), (9, 90, 9)).save(out, "PNG")
        image = image_upload(version_id=version.public_id, raw=out.getvalue(), person=author, at=AT)
        assert (image.art, image.svg, image.width, image.height) == (None, "", 300, 200)
        assert Image.open(io.BytesIO(image_png(version, pixels=64))).size == (64, 43)
        with pytest.raises(AchievementNotFound):
            image_svg(version)
        raw = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0H9V9Z" fill="#0a0"/></svg>'
        image_upload(version_id=version.public_id, raw=raw, person=author, at=AT)
        assert image_svg(version).startswith("<svg")
        assert version_publish(version_id=version.public_id, person=author, at=AT).state == "published"

    def test_refuse_hostile_files_and_keep_the_old_one(self, school: Organization, author: Person) -> None:
        version = make_draft(school, author)
        raw = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>alert(1)</script></svg>'
        with pytest.raises(ImageRefused):
            image_upload(version_id=version.public_id, raw=raw, person=author, at=AT)
        assert image_get(version).art == ART


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_badges_of_one_name_are_published_together(self, settings: LazySettings) -> None:
        """The second takes the next number, as it would a moment later."""
        settings.INSIGNIA_WAKE = "worker"  # wakes must not run jobs inside the threads
        school = make_organization()
        author = make_member(school, "author")
        first, second = (make_draft(school, author, slug=f"draft-{number}") for number in (1, 2))
        meanwhile(
            lambda: version_publish(version_id=first.public_id, person=author, at=AT),
            lambda: version_publish(version_id=second.public_id, person=author, at=AT),
        )
        slugs = list(Achievement.objects.order_by("pk").values_list("slug", flat=True))
        assert slugs == ["data-visualization", "data-visualization-2"]

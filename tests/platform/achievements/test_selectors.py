"""Who sees which badge, how the catalogue filters, and how many queries it costs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from insignia.accounts.models import Person
from insignia.achievements.errors import AchievementNotFound
from insignia.achievements.models import AchievementVersion
from insignia.achievements.rules import Field
from insignia.achievements.selectors import (
    achievement_by_slug,
    achievement_get,
    alignments_of,
    alikes_of,
    catalogue_choices,
    catalogue_list,
    certifying_counts,
    content_of,
    drafts_for,
    version_by_id,
    version_current,
    version_get,
    versions_certifying,
    versions_for_authors,
    versions_of,
)
from insignia.achievements.services import alignment_set, version_new_draft, version_publish, version_retire
from insignia.organizations.errors import OrganizationNotFound, RoleMissing
from insignia.organizations.models import Organization
from tests.platform.achievements.samples import (
    application_content,
    make_draft,
    make_published,
    recognition_content,
)
from tests.platform.again import again
from tests.platform.factories import AT, make_member, make_organization

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)
Queries = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture
def school() -> Organization:
    """A school."""
    return make_organization()


@pytest.fixture
def author(school: Organization) -> Person:
    """A badge author of it."""
    return make_member(school, "author")


def slugs(**filters: Any) -> list[str]:  # noqa: ANN401  - handed on
    return [version.achievement.slug for version in catalogue_list(**filters).versions]


class TestCatalogueList:
    @pytest.fixture(autouse=True)
    def members(self) -> tuple[Organization, Person]:
        """A school and its author; three badges are published, one is a draft."""
        return again("four badges", self._badges)

    @pytest.fixture
    def school(self, members: tuple[Organization, Person]) -> Organization:
        """The school of three of the badges."""
        return members[0]

    @pytest.fixture
    def author(self, members: tuple[Organization, Person]) -> Person:
        """Its author."""
        return members[1]

    @staticmethod
    def _badges() -> tuple[Organization, Person]:
        school = make_organization()
        author = make_member(school, "author")
        make_published(school, author, slug="data", content=application_content("Data visualization"))
        civic = replace(
            recognition_content("Ágora ciudadana"), field=Field.CIVIC, language="es", level=1, tags=("vote",)
        )
        civic = replace(civic, name={"es": "Ágora ciudadana"})
        other = make_organization()
        make_published(
            other, make_member(other, "author"), slug="agora", content=civic, credential_class="recognition"
        )
        make_published(school, author, slug="mediation", content=application_content("Peer mediation"))
        make_draft(school, author, slug="draft", content=application_content("Draft"))
        return school, author

    def test_lists_what_is_published_by_name(self) -> None:
        assert slugs() == ["agora", "data", "mediation"]

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ({"query": "AGORA"}, ["agora"]),
            ({"query": "  datos  visualización "}, ["data", "mediation"]),
            ({"query": "vote"}, ["agora"]),
            ({"query": "peer zebra"}, []),
            ({"query": "%"}, []),
            ({"query": "limits lay"}, ["data", "mediation"]),
            ({"field": "civic"}, ["agora"]),
            ({"credential_class": "application"}, ["data", "mediation"]),
            ({"language": "es"}, ["agora"]),
            ({"level": 2}, ["data", "mediation"]),
            ({"hours_at_most": 9}, []),
            ({"hours_at_most": 10}, ["data", "mediation"]),
            ({"field": "nonsense"}, []),
        ],
    )
    def test_filters(self, filters: dict[str, Any], expected: list[str]) -> None:
        assert slugs(**filters) == expected

    def test_filters_by_organization(self, school: Organization) -> None:
        assert slugs(organization=school) == ["data", "mediation"]

    def test_pages_and_never_runs_past_the_end(self) -> None:
        page = catalogue_list(page=99, per_page=2)
        assert (page.total, page.pages, page.number, len(page.versions)) == (3, 2, 2, 1)
        assert catalogue_list(page=-5, per_page=2).number == 1

    def test_takes_two_queries_however_many_there_are(self, django_assert_num_queries: Queries) -> None:
        with django_assert_num_queries(2):
            page = catalogue_list(query="a")
            shown = [
                (
                    version.achievement.slug,
                    version.organization.name,
                    version.image.sha256,
                    content_of(version).name,
                )
                for version in page.versions
            ]
        assert len(shown) == 3

    def test_shows_the_newest_published_version_once(self, author: Person) -> None:
        first = AchievementVersion.objects.get(achievement__slug="data")
        draft = version_new_draft(achievement_id=first.achievement.public_id, person=author, at=LATER)
        version_publish(version_id=draft.public_id, person=author, at=LATER)
        page = catalogue_list(query="data visualization")
        assert [version.number for version in page.versions if version.achievement.slug == "data"] == [2]

    def test_leaves_out_what_is_retired(self, author: Person) -> None:
        version = AchievementVersion.objects.get(achievement__slug="data")
        version_retire(version_id=version.public_id, person=author, at=LATER)
        assert slugs() == ["agora", "mediation"]


class TestVisibility:
    def test_of_a_draft_ends_at_its_authors(self, school: Organization, author: Person) -> None:
        draft = make_draft(school, author)
        lineage = draft.achievement.public_id
        assert version_get(lineage, 1, viewer=author) == draft
        assert version_by_id(draft.public_id, viewer=make_member(school, "owner")) == draft
        assert achievement_get(lineage, viewer=author) == draft.achievement
        strangers = [
            None,
            make_member(school),
            make_member(school, "assessor"),
            make_member(make_organization(), "owner"),
        ]
        for viewer in strangers:
            with pytest.raises(AchievementNotFound):
                version_get(lineage, 1, viewer=viewer)
            with pytest.raises(AchievementNotFound):
                version_by_id(draft.public_id, viewer=viewer)
            with pytest.raises(AchievementNotFound):
                achievement_get(lineage, viewer=viewer)
        with pytest.raises(AchievementNotFound):
            achievement_by_slug(draft.achievement.slug)

    def test_of_what_was_published_has_no_end(self, school: Organization, author: Person) -> None:
        version = make_published(school, author)
        lineage = version.achievement.public_id
        version_new_draft(achievement_id=lineage, person=author, at=LATER)
        assert [found.number for found in versions_of(achievement_get(lineage))] == [1]
        assert [found.number for found in versions_of(achievement_get(lineage), viewer=author)] == [2, 1]
        version_retire(version_id=version.public_id, person=author, at=LATER)
        assert version_get(lineage, 1).state == "retired"
        assert version_current(achievement_by_slug("data-visualization")).state == "retired"
        with pytest.raises(AchievementNotFound):
            version_get(lineage, 2)
        with pytest.raises(AchievementNotFound):
            version_get(uuid4(), 1)

    def test_of_lists_for_authors(self, school: Organization, author: Person) -> None:
        draft = make_draft(school, author)
        assert drafts_for(organization=school, viewer=author) == [draft]
        assert versions_for_authors(organization=school, viewer=author) == [draft]
        with pytest.raises(RoleMissing):
            drafts_for(organization=school, viewer=make_member(school, "assessor"))
        with pytest.raises(OrganizationNotFound):
            drafts_for(organization=school, viewer=make_member(make_organization(), "owner"))


class TestAlikesOf:
    def test_finds_the_copy_and_not_itself(self, school: Organization, author: Person) -> None:
        make_published(school, author)
        copy = make_draft(school, author, slug="copy", content=application_content("Data visualisation"))
        other = replace(application_content("Knots"), criteria={"en": "Tie nine knots."}, outcomes=())
        make_published(school, author, slug="knots", content=replace(other, rubric=recognition_content().rubric),
                       credential_class="recognition")  # fmt: skip
        alikes = alikes_of(copy)
        assert [alike.version.achievement.slug for alike in alikes] == ["data-visualization"]
        assert alikes[0].score > 0.9

    def test_takes_three_queries(
        self, school: Organization, author: Person, django_assert_num_queries: Queries
    ) -> None:
        for number in range(3):
            make_published(school, author, slug=f"badge-{number}")
        draft = make_draft(school, author, slug="draft")
        with django_assert_num_queries(3):
            assert len(alikes_of(draft)) == 3


class TestAlignmentsOf:
    def test_brings_item_and_framework(
        self, school: Organization, author: Person, django_assert_num_queries: Queries
    ) -> None:
        version = make_published(school, author)
        with django_assert_num_queries(1):
            found = [(row.item.human_code, row.item.framework.title) for row in alignments_of(version)]
        assert found == [("MP.1", "Quillwater practices")]


class TestCatalogueChoices:
    def test_lists_only_what_a_current_badge_has(self, school: Organization, author: Person) -> None:
        other = make_organization()
        make_draft(other, make_member(other, "author"))
        assert (catalogue_choices().organizations, catalogue_choices().levels) == ((), ())
        version = make_published(school, author)
        choices = catalogue_choices()
        assert [row.slug for row in choices.organizations] == [school.slug]
        assert (choices.languages, choices.levels) == (("en",), (2,))
        version_retire(version_id=version.public_id, person=author, at=LATER)
        assert catalogue_choices().organizations == ()


class TestVersionsCertifying:
    def test_names_each_current_badge_once_and_no_older_version(
        self, school: Organization, author: Person
    ) -> None:
        first = make_published(school, author)
        item = alignments_of(first)[0].item
        assert [row.pk for row in versions_certifying(item.public_id)] == [first.pk]
        draft = version_new_draft(achievement_id=first.achievement.public_id, person=author, at=LATER)
        outcomes = [(item.public_id, outcome) for outcome in ("o1", "o2")]
        alignment_set(version_id=draft.public_id, alignments=outcomes, person=author, at=LATER)
        assert [row.pk for row in versions_certifying(item.public_id)] == [first.pk]
        newer = version_publish(version_id=draft.public_id, person=author, at=LATER)
        assert [row.pk for row in versions_certifying(item.public_id)] == [newer.pk]
        assert certifying_counts(item.framework.public_id) == {item.public_id: 1}
        assert versions_certifying(uuid4()) == []

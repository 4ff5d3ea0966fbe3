"""Reading frameworks: trees in two queries, searches in few, stories of items."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from insignia.frameworks.errors import FrameworkItemNotFound, FrameworkNotFound
from insignia.frameworks.models import FrameworkItem
from insignia.frameworks.searching import Match
from insignia.frameworks.selectors import (
    TreeNode,
    framework_get,
    framework_imports,
    framework_list,
    framework_tree,
    import_get,
    item_get,
    item_search,
    item_story,
    items_get,
)
from insignia.frameworks.services import framework_import
from insignia.organizations.models import Organization
from tests.platform.factories import AT, SETUP, make_organization
from tests.platform.frameworks.files import demo_file, item, package, real_file, tie, uuid_of

pytestmark = pytest.mark.django_db


def bring(raw: bytes, organization: Organization, filename: str = "skills.json", *, days: int = 0) -> UUID:
    report = framework_import(
        organization=organization, actor=SETUP, at=AT + timedelta(days=days), raw=raw, filename=filename
    )
    return UUID(report.framework_id)


def walked(nodes: tuple[TreeNode, ...]) -> Iterator[TreeNode]:
    for node in nodes:
        yield node
        yield from walked(node.children)


@pytest.fixture
def district() -> Organization:
    organization = make_organization()
    bring(demo_file(), organization)
    return organization


class TestFrameworkTree:
    def test_has_every_item_in_the_publishers_order(self, district: Organization) -> None:
        tree = framework_tree(framework_list(organization=district)[0].public_id)
        assert [node.item.code for node in tree.top] == ["QGS.SC", "QGS.CM", "QGS.DM", "QGS.CV", "QGS.WK"]
        codes = [node.item.code for node in tree.top[0].children]
        assert codes == [f"QGS.SC.{number}" for number in range(1, 8)]
        assert len(list(walked(tree.top))) == tree.items == FrameworkItem.objects.count()

    def test_takes_two_queries_however_large(self, django_assert_num_queries: Any) -> None:  # noqa: ANN401  - a fixture
        public_id = bring(real_file("digcomp_3_0.jsonld"), make_organization())
        with django_assert_num_queries(2):
            tree = framework_tree(public_id)
        assert len(list(walked(tree.top))) == 911

    def test_leaves_retired_items_out_unless_asked(self) -> None:
        organization = make_organization()
        bring(package([item(1), item(2), item(3)], [tie(2, 1), tie(3, 2)]), organization)
        public_id = bring(package([item(1)]), organization, days=1)
        assert framework_tree(public_id).items == 1
        whole = framework_tree(public_id, retired=True)
        assert [node.item.retired_at is not None for node in walked(whole.top)] == [False, True, True]

    def test_there_is_none_of_an_unknown_id(self) -> None:
        with pytest.raises(FrameworkNotFound):
            framework_tree(uuid4())


class TestFrameworkList:
    def test_counts_living_items(self) -> None:
        organization = make_organization()
        bring(package([item(1), item(2)]), organization)
        public_id = bring(package([item(1)]), organization, days=1)
        (line,) = framework_list(organization=organization)
        assert (line.public_id, line.title, line.items) == (public_id, "Test skills", 1)
        assert framework_get(public_id).title == "Test skills"
        assert [entry.report["outcome"] for entry in framework_imports(public_id)] == ["updated", "created"]

    def test_takes_one_query(self, district: Organization, django_assert_num_queries: Any) -> None:  # noqa: ANN401  - a fixture
        bring(package([item(1)]), district)
        with django_assert_num_queries(1):
            assert len(framework_list()) == 2


class TestItemSearch:
    @pytest.mark.parametrize(
        ("typed", "first", "match"),
        [
            ("QGS.SC.2", "QGS.SC.2", Match.CODE),
            ("qgs.cv", "QGS.CV", Match.CODE),
            ("sc2", "QGS.SC.2", Match.CODE_PART),
            ("scientific communication", "QGS.SC.2", Match.WORDS),
            ("python", "QGS.DM.1", Match.WORDS),
            ("first aid", "QGS.WK.2", Match.WORDS),
            ("peer mediaton", "QGS.CV.2", Match.CLOSE),
            ("comunity orgnizing", "QGS.CV.1", Match.CLOSE),
            ("interpretting", "QGS.CM.2", Match.CLOSE),
        ],
    )
    def test_finds_by_code_words_and_near_words(
        self, district: Organization, typed: str, first: str, match: Match
    ) -> None:
        hit = item_search(organization=district, query=typed)[0]
        assert (hit.item.human_code, hit.match) == (first, match)

    def test_shows_the_parents_from_the_top(self, district: Organization) -> None:
        hit = item_search(organization=district, query="QGS.SC.2.a")[0]
        assert [parent.code for parent in hit.parents] == ["QGS.SC", "QGS.SC.2"]

    def test_offers_the_skill_itself_before_those_below(self, district: Organization) -> None:
        codes = [hit.item.human_code for hit in item_search(organization=district, query="QGS.SC.2")]
        assert codes == ["QGS.SC.2", "QGS.SC.2.a", "QGS.SC.2.b"]

    def test_takes_few_queries(self, district: Organization, django_assert_num_queries: Any) -> None:  # noqa: ANN401  - a fixture
        with django_assert_num_queries(3):
            assert len(item_search(organization=district, query="QGS.SC")) > 5
        with django_assert_num_queries(4):
            assert item_search(organization=district, query="mediaton")
        with django_assert_num_queries(0):
            assert item_search(organization=district, query="  ") == []

    def test_looks_in_one_organization_or_all_and_skips_the_retired(self, district: Organization) -> None:
        other = make_organization()
        assert item_search(organization=other, query="QGS.SC.2") == []
        assert item_search(organization=None, query="QGS.SC.2")
        bring(package([item(1, humanCodingScheme="OLD.1"), item(2)]), other)
        bring(package([item(2)]), other, days=1)
        assert item_search(organization=other, query="OLD.1") == []

    def test_keeps_to_its_limit(self, district: Organization) -> None:
        assert len(item_search(organization=district, query="QGS", limit=4)) == 4
        assert item_search(organization=district, query="QGS", limit=0) == []

    def test_finds_an_exact_code_among_thousands_that_contain_it(self) -> None:
        organization = make_organization()
        raw = package(
            [item(number, humanCodingScheme=f"X{number}A") for number in range(1, 2_300)]
            + [item(9_000, humanCodingScheme="A")]
        )
        bring(raw, organization)
        assert item_search(organization=organization, query="A")[0].item.human_code == "A"

    @pytest.mark.parametrize(
        "typed", ["%", "_", "\\", "'; DROP TABLE x;--", "\x00", "ß", "🦆", "a" * 5_000, "1 " * 900]
    )
    def test_takes_whatever_is_typed(self, district: Organization, typed: str) -> None:
        assert len(item_search(organization=district, query=typed)) <= 20

    def test_finds_real_digital_competences(self) -> None:
        organization = make_organization()
        bring(real_file("digcomp_3_0.jsonld"), organization)
        assert item_search(organization=organization, query="1.2")[0].item.human_code == "1.2"
        hits = item_search(organization=organization, query="copyrigt licences")
        assert hits[0].item.human_code == "3.3"


class TestItem:
    def test_is_found_with_its_framework(self, district: Organization, django_assert_num_queries: Any) -> None:  # noqa: ANN401  - a fixture
        public_id = FrameworkItem.objects.get(human_code="QGS.DM.1").public_id
        with django_assert_num_queries(1):
            assert item_get(public_id).framework.title == "Quillwater Graduate Skills"

    def test_several_come_in_the_order_asked(self, district: Organization) -> None:
        ids = list(FrameworkItem.objects.order_by("-pk").values_list("public_id", flat=True)[:5])
        assert [found.public_id for found in items_get([*ids, uuid4()])] == ids

    def test_unknown_is_named_so(self) -> None:
        with pytest.raises(FrameworkItemNotFound):
            item_get(uuid4())

    def test_story_has_parents_children_and_ties_resolved_by_address(self, district: Organization) -> None:
        bring(demo_file("onet_basic_skills.ceasn.json"), district)
        story = item_story(FrameworkItem.objects.get(human_code="QGS.SC.2").public_id)
        assert [parent.code for parent in story.parents] == ["QGS.SC"]
        assert [child.code for child in story.children] == ["QGS.SC.2.a", "QGS.SC.2.b"]
        known = {shown.item.label: shown.kind for shown in story.ties if shown.item}
        assert known == {"Writing": "isRelatedTo", "Speaking": "isRelatedTo"}
        outside = [shown.title for shown in story.ties if shown.item is None]
        assert outside == ["DigComp 3.0 1.2 Evaluating information"]

    def test_story_resolves_ties_within_the_framework(self) -> None:
        bring(package([item(1), item(2)], [tie(1, 2, "precedes")]), make_organization())
        story = item_story(FrameworkItem.objects.get(identifier=uuid_of(1)).public_id)
        assert [shown.item.code for shown in story.ties if shown.item] == ["T.2"]


class TestImportGet:
    def test_gives_an_organizations_own_import_only(self, district: Organization) -> None:
        framework = framework_list(organization=district)[0]
        report = framework_imports(framework.public_id)[0]
        assert import_get(report.public_id, organization=district).framework.title == framework.title
        with pytest.raises(FrameworkNotFound):
            import_get(report.public_id, organization=make_organization())
        with pytest.raises(FrameworkNotFound):
            import_get(uuid4(), organization=district)


class TestSearchInOneFramework:
    def test_finds_nothing_of_another_framework(self, district: Organization) -> None:
        other = bring(package([item(1, fullStatement="Explain data under water")]), district, "other.json")
        found = item_search(organization=None, framework=framework_get(other), query="data")
        assert [one.item.full_statement for one in found] == ["Explain data under water"]

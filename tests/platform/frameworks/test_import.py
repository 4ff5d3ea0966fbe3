"""Importing: what is written, what a second import changes, who may."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from insignia.audit.actor import Actor
from insignia.audit.models import AuditEntry
from insignia.foundation.errors import NotAllowed, NotFound
from insignia.frameworks import services
from insignia.frameworks.checks import CHECKS
from insignia.frameworks.errors import FrameworkBusy, NotAFramework
from insignia.frameworks.models import Framework, FrameworkAssociation, FrameworkImport, FrameworkItem
from insignia.frameworks.rules import ImportReport, ItemState, findings_from_json, items_compared
from insignia.frameworks.services import framework_import, framework_preview
from insignia.organizations.models import Organization
from tests.examples import examples
from tests.platform.factories import AT, SETUP, make_member, make_organization, make_person
from tests.platform.frameworks.files import REAL_FILES, demo_file, item, package, real_file, tie, uuid_of

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=30)


def bring(raw: bytes, organization: Organization, *, filename: str = "skills.json", at: Any = AT) -> ImportReport:  # noqa: ANN401  - a time
    return framework_import(organization=organization, actor=SETUP, at=at, raw=raw, filename=filename)


def broken() -> list[str]:
    return [finding.message for check in CHECKS for finding in check.run(True)]  # noqa: FBT003  - deep


def everything() -> list[Any]:
    tables = (Framework, FrameworkItem, FrameworkAssociation, FrameworkImport, AuditEntry)
    return [list(table.objects.order_by("pk").values()) for table in tables]


class TestFrameworkImport:
    @pytest.mark.parametrize("name", REAL_FILES)
    def test_takes_each_real_file_and_the_second_time_changes_nothing(self, name: str) -> None:
        organization, raw = make_organization(), real_file(name)
        first = bring(raw, organization, filename=name)
        before = everything()
        second = bring(raw, organization, filename=name, at=LATER)
        assert (first.outcome, first.items, first.ties) == ("created", *REAL_FILES[name][1:])
        assert FrameworkItem.objects.count() == first.items
        assert second.outcome == "unchanged"
        assert second.sentence.startswith("Nothing changed")
        assert second.framework_id == first.framework_id
        assert everything() == before
        assert broken() == []

    def test_takes_the_demo_framework(self) -> None:
        report = bring(demo_file(), make_organization())
        skill = FrameworkItem.objects.get(human_code="QGS.SC.2")
        assert skill.parent is not None
        assert skill.parent.human_code == "QGS.SC"
        assert skill.ancestors == [skill.parent.identifier]
        assert report.sentence == f"Quillwater Graduate Skills is imported with {report.items} items."

    def test_reports_what_was_added_changed_moved_and_retired(self) -> None:
        organization = make_organization()
        bring(package([item(1), item(2), item(3)], [tie(1, 0), tie(2, 1), tie(3, 1)]), organization)
        kept = FrameworkItem.objects.get(identifier=uuid_of(2))
        newer = package(
            [item(1), item(2, fullStatement="Do it better"), item(4)], [tie(1, 0), tie(2, 0), tie(4, 1)]
        )
        report = bring(newer, organization, at=LATER)
        changes = report.changes
        assert report.outcome == "updated"
        assert [change.identifier for change in changes.added] == [uuid_of(4)]
        assert [(change.identifier, change.fields) for change in changes.changed] == [
            (uuid_of(2), ("full_statement",))
        ]
        assert [change.identifier for change in changes.moved] == [uuid_of(2)]
        assert [change.identifier for change in changes.retired] == [uuid_of(3)]
        assert report.sentence == "Test skills is up to date: 1 added, 1 changed, 1 moved, 1 retired."
        after = FrameworkItem.objects.get(pk=kept.pk)
        assert (after.public_id, after.full_statement, after.changed_at) == (kept.public_id, "Do it better", LATER)
        assert FrameworkItem.objects.get(identifier=uuid_of(3)).retired_at == LATER
        assert broken() == []

    def test_an_item_that_comes_back_is_the_same_item(self) -> None:
        organization = make_organization()
        whole, part = package([item(1), item(2)]), package([item(1)])
        bring(whole, organization)
        public_id = FrameworkItem.objects.get(identifier=uuid_of(2)).public_id
        bring(part, organization)
        report = bring(whole, organization, at=LATER)
        again = FrameworkItem.objects.get(identifier=uuid_of(2))
        assert [change.identifier for change in report.changes.returned] == [uuid_of(2)]
        assert (again.public_id, again.retired_at) == (public_id, None)

    def test_an_item_whose_time_has_ended_is_retired(self) -> None:
        organization = make_organization()
        raw = package([item(1, statusEndDate="2026-05-20"), item(2)])
        told = next(found for found in bring(raw, organization).findings if found.code == "status-ended")
        assert told.what == "The item is dated to end on 2026-05-20."
        assert told.done == "An import on or after that day shows it as retired; nothing changes by itself."
        assert FrameworkItem.objects.filter(retired_at__isnull=False).count() == 0
        assert bring(raw, organization, at=LATER).outcome == "updated"
        assert FrameworkItem.objects.get(identifier=uuid_of(1)).retired_at == LATER

    def test_ties_follow_the_file(self) -> None:
        organization = make_organization()
        bring(package([item(1), item(2)], [tie(1, 2, "isRelatedTo"), tie(1, 50, "exactMatchOf")]), organization)
        report = bring(
            package([item(1), item(2)], [tie(1, 2, "isRelatedTo"), tie(2, 50, "precedes")]), organization
        )
        assert (report.changes.ties_added, report.changes.ties_removed) == (1, 1)
        assert set(FrameworkAssociation.objects.values_list("kind", flat=True)) == {"isRelatedTo", "precedes"}

    def test_each_organization_has_its_own(self) -> None:
        one, other = make_organization(), make_organization()
        bring(package([item(1)]), one)
        report = bring(package([item(1), item(2)]), other)
        assert report.outcome == "created"
        assert FrameworkItem.objects.filter(organization=one).count() == 1

    def test_writes_one_audit_row_and_one_import_for_each_change(self) -> None:
        organization = make_organization()
        entries = AuditEntry.objects.filter(subject_kind="framework")
        report = bring(package([item(1)]), organization)
        bring(package([item(1)]), organization)
        bring(package([item(1), item(2)]), organization, at=LATER)
        assert list(entries.order_by("pk").values_list("action", flat=True)) == [
            "framework.imported",
            "framework.updated",
        ]
        assert {str(entry.subject_id) for entry in entries} == {report.framework_id}
        newest = FrameworkImport.objects.order_by("-pk")[0]
        assert newest.report["changed_counts"]["added"] == 1
        assert newest.report["outcome"] == "updated"

    def test_a_table_under_another_name_can_bring_its_framework_up_to_date(self) -> None:
        organization = make_organization()
        old = b"code,statement,is child of\nT,Top,\nT.1,One,T\n"
        report = bring(old, organization, filename="Our skills.csv")
        into = UUID(report.framework_id)
        newer = old + b"T.2,Two,T\n"
        again = framework_import(
            organization=organization, actor=SETUP, at=LATER, raw=newer, filename="export (3).csv", into=into
        )
        assert (again.outcome, again.title, again.framework_id) == ("updated", "Our skills", report.framework_id)
        assert [change.code for change in again.changes.added] == ["T.2"]
        assert (again.changes.moved, again.changes.retired) == ((), ())
        assert "parent-unknown" not in again.counts
        with pytest.raises(NotFound):
            framework_import(
                organization=make_organization(), actor=SETUP, at=AT, raw=old, filename="x.csv", into=into
            )

    def test_the_longest_texts_fit_every_column(self) -> None:
        # Four bytes each and hard to compress: PostgreSQL bounds the bytes of an indexed row.
        chance = random.Random(7)  # noqa: S311  - a fixed seed, no secret
        wide = "".join(chr(chance.randrange(0x1F300, 0x1F600)) for _ in range(9_500))
        raw = package(
            [
                item(
                    1, fullStatement=wide * 8, abbreviatedStatement=wide, humanCodingScheme=wide, CFItemType=wide
                ),
                item(2, uri="https://x.example/" + wide[:1900], notes=wide, identifier=wide[:200]),
                item(3, identifier=wide[:9_000], educationLevel=[wide] * 90),
            ],
            [
                tie(
                    1, 2, "exactMatchOf", destinationNodeURI={"identifier": wide[:255], "uri": wide, "title": wide}
                ),
                tie(1, 2, wide),
            ],
            title=wide,
            description=wide,
            version=wide,
            language=wide,
        )
        organization = make_organization()
        assert bring(raw, organization, filename=wide).outcome == "created"
        assert bring(raw, organization, filename=wide, at=LATER).outcome == "unchanged"

    def test_the_slower_of_two_first_imports_is_told_to_look_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        organization = make_organization()
        bring(package([item(1)]), organization)
        planned = services._planned

        def planned_before_the_other(*facts: Any) -> Any:  # noqa: ANN401  - handed on
            return replace(planned(*facts), framework=None, stored={}, ties_stored={})

        monkeypatch.setattr(services, "_planned", planned_before_the_other)
        with pytest.raises(FrameworkBusy, match="send the file again"):
            bring(package([item(1), item(2)]), organization)
        assert FrameworkItem.objects.count() == 1

    def test_stored_findings_read_back_as_they_were(self) -> None:
        report = bring(package([item(1, CFItemType=None)]), make_organization())
        assert findings_from_json(FrameworkImport.objects.get().report) == report.findings

    def test_notes_a_file_older_than_the_one_before(self) -> None:
        organization = make_organization()
        bring(package([item(1)], lastChangeDateTime="2026-02-01T00:00:00Z"), organization)
        report = bring(package([item(1)], lastChangeDateTime="2025-02-01T00:00:00+00:00"), organization)
        assert report.counts["older-than-stored"] == 1

    def test_an_author_and_an_owner_may_and_nobody_else(self) -> None:
        organization = make_organization()
        raw = package([item(1)])
        for role in ("author", "owner"):
            actor = Actor.person(make_member(organization, role))
            framework_import(organization=organization, actor=actor, at=AT, raw=raw, filename="x.json")
        for role in ("assessor", "registrar"):
            with pytest.raises(NotAllowed):
                framework_import(
                    organization=organization,
                    actor=Actor.person(make_member(organization, role)),
                    at=AT,
                    raw=raw,
                    filename="x.json",
                )
        with pytest.raises(NotFound):
            framework_import(
                organization=organization, actor=Actor.person(make_person()), at=AT, raw=raw, filename="x.json"
            )
        owner_elsewhere = Actor.person(make_member(make_organization(), "owner"))
        with pytest.raises(NotFound):
            framework_preview(organization=organization, actor=owner_elsewhere, at=AT, raw=raw, filename="x.json")

    def test_a_file_that_is_no_framework_leaves_nothing(self) -> None:
        before = everything()
        organization = make_organization()
        with pytest.raises(NotAFramework):
            bring(b"not a framework", organization)
        assert everything()[:4] == before[:4]

    def test_a_preview_says_the_same_and_writes_nothing(self) -> None:
        organization = make_organization()
        raw = package([item(1), item(2)], [tie(2, 1)])
        before = everything()[:4]
        preview = framework_preview(organization=organization, actor=SETUP, at=AT, raw=raw, filename="x.json")
        assert everything()[:4] == before
        report = bring(raw, organization, filename="x.json")
        assert (preview.outcome, preview.changes) == (report.outcome, report.changes)

    def test_a_change_of_one_item_among_many_writes_few_rows(self, django_assert_max_num_queries: Any) -> None:  # noqa: ANN401  - a fixture
        organization = make_organization()
        whole = json.loads(demo_file())
        bring(json.dumps(whole).encode(), organization)
        whole["CFItems"][3]["fullStatement"] += " And say so."
        with django_assert_max_num_queries(25):
            report = bring(json.dumps(whole).encode(), organization, at=LATER)
        assert [len(report.changes.changed), len(report.changes.moved)] == [1, 0]
        assert FrameworkItem.objects.filter(changed_at=LATER).count() == 1

    @examples(25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        versions=st.lists(
            st.lists(st.tuples(st.integers(1, 6), st.integers(0, 7), st.sampled_from("ab")), max_size=7),
            min_size=2,
            max_size=4,
        )
    )
    def test_any_history_of_files_keeps_every_item_and_a_whole_tree(
        self, versions: list[list[tuple[int, int, str]]]
    ) -> None:
        organization = make_organization()
        seen: dict[str, Any] = {}
        for edges in versions:
            numbers = sorted({origin for origin, _parent, _text in edges} | {9})
            texts = {origin: text for origin, _parent, text in edges}
            raw = package(
                [item(number, fullStatement=texts.get(number, "a")) for number in numbers],
                [tie(origin, parent) for origin, parent, _text in edges],
            )
            bring(raw, organization)
            rows = {
                row.identifier: row.public_id for row in FrameworkItem.objects.filter(organization=organization)
            }
            assert seen.items() <= rows.items()
            seen = rows
            live = FrameworkItem.objects.filter(organization=organization, retired_at__isnull=True)
            assert {row.identifier for row in live} == {uuid_of(number) for number in numbers}
            assert bring(raw, organization).outcome == "unchanged"
            assert broken() == []


class TestComparison:
    def test_says_nothing_of_equal_items(self) -> None:
        state = ItemState({"full_statement": "x"}, None, 0, retired=False)
        assert items_compared({"a": state}, {"a": state}).nothing

    def test_does_not_retire_twice(self) -> None:
        gone = ItemState({}, None, 0, retired=True)
        assert items_compared({"a": gone}, {}).nothing


class TestDoctor:
    def test_names_an_item_of_another_organization(self) -> None:
        bring(package([item(1)]), make_organization())
        FrameworkItem.objects.update(organization=make_organization())
        assert broken() == ["belongs to another organization"]

    def test_names_a_tree_that_was_changed_behind_our_back(self) -> None:
        bring(package([item(1), item(2)], [tie(2, 1)]), make_organization())
        FrameworkItem.objects.filter(identifier=uuid_of(2)).update(parent=None)
        assert len(broken()) == 1

    def test_names_a_tie_without_its_origin(self) -> None:
        bring(package([item(1), item(2)], [tie(2, 1, "precedes")]), make_organization())
        FrameworkAssociation.objects.update(origin_identifier="gone")
        assert broken() == ["starts at an item that is not there"]


@pytest.mark.parametrize(
    ("filename", "raw"),
    [
        ("x.csv", "identifier,fullStatement,humanCodingScheme,Grade band\n1,Do it,A,K-2\n".encode("utf-16-le")),
        ("x.csv", b"identifier,fullStatement,humanCodingScheme,Gra\x00de\n1,Do it,A,K-2\n"),
        ("x.json", json.dumps({
            "CFDocument": {"title": "t", "identifier": "d1"},
            "CFItems": [{"identifier": "a", "fullStatement": "x"}],
            "Ext\x00ra": [1],
        }).encode()),
    ],
    ids=["utf-16", "heading", "part"],
)  # fmt: skip
def test_what_is_quoted_of_a_file_can_be_stored(filename: str, raw: bytes) -> None:
    bring(raw, make_organization(), filename=filename)
    assert "\x00" not in json.dumps(FrameworkImport.objects.get().report, ensure_ascii=False)

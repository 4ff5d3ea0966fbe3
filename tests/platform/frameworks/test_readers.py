"""Reading framework files of every format, odd ones and hostile ones."""

from __future__ import annotations

import ast
import json
import re
import time
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.frameworks.errors import (
    FrameworkEmpty,
    FrameworkFileInvalid,
    FrameworkTooLarge,
    FrameworkUnreadable,
    NotAFramework,
)
from insignia.frameworks.findings import EXAMPLES_KEPT, KINDS, Findings
from insignia.frameworks.readers.sniffing import read_source
from insignia.frameworks.rules import arrange
from insignia.frameworks.source import MAX_BYTES, MAX_DEPTH, MAX_ITEMS, Source
from tests.examples import examples
from tests.platform.frameworks.files import (
    REAL_FILES,
    REPOSITORY,
    demo_file,
    item,
    package,
    real_file,
    tie,
    uuid_of,
)
from tests.shared_data import shared_json


def read(raw: bytes, filename: str = "skills.json") -> Source:
    return read_source(raw, filename=filename)


def codes(source: Source) -> dict[str, int]:
    arrange(source)
    return dict(source.findings.counts)


class TestRealFiles:
    @pytest.mark.parametrize("name", REAL_FILES)
    def test_each_is_read_whole(self, name: str) -> None:
        source = read(real_file(name), name)
        arrangement = arrange(source)
        assert (source.format, len(source.items), len(arrangement.ties)) == REAL_FILES[name]
        assert arrangement.places.keys() == {found.identifier for found in source.items}
        assert all(found.what and found.done for found in source.findings.examples)

    def test_opensalt_package_reports_what_its_schema_would_refuse(self) -> None:
        found = codes(read(real_file("opensalt_sample_ccss_math.case.json")))
        assert found["field-misspelt"] == 16
        assert found["number-as-text"] == 2
        assert found["definition-incomplete"] == 3
        assert found["association-outside"] == 21
        assert found["html-removed"] == 1

    def test_smarter_balanced_package_reports_rubric_rows_and_missing_codes(self) -> None:
        found = codes(read(real_file("smarter_balanced_mockPT.case.json")))
        assert found["rubric-rows-as-items"] == 70
        assert found["code-missing"] == 135
        assert found["association-outside"] == 58

    def test_broken_formulas_of_a_real_package_are_mended(self) -> None:
        source = read(real_file("smarter_balanced_mockHSMATH.case.json"))
        statements = " ".join(found.full_statement for found in source.items)
        assert codes(source)["latex-mended"] == 11
        assert r"$\frac{1}{x} = 5$" in statements
        assert "\x0c" not in statements

    def test_opensalt_table_keeps_parents_by_code_and_ties_to_addresses(self) -> None:
        source = read(real_file("opensalt_sample_case.csv"), "sample.csv")
        places = arrange(source).places
        names = {found.identifier: found.human_code for found in source.items}
        parents = {names[name]: names.get(place.parent or "") for name, place in places.items()}
        assert parents["M.F.1-2.S1a"] == "M.F.1-2.S1"
        assert parents["M.E.C1"] is None
        assert "http://asn.jesandco.org/resources/S1143417" in {tie.destination_uri for tie in source.associations}

    def test_onet_children_stand_in_the_order_their_parent_lists_them(self) -> None:
        source = read(real_file("onet_basic_skills.ceasn.json"))
        places = arrange(source).places
        top = [found.human_code for found in source.items if places[found.identifier].parent is None]
        assert sorted(top) == ["2.A.1", "2.A.2"]
        below = sorted(
            (places[found.identifier].position, found.human_code)
            for found in source.items
            if found.human_code.startswith("2.A.1.")
        )
        assert [code for _position, code in below] == [f"2.A.1.{letter}" for letter in "abcdef"]
        assert source.document.licence_title == "Creative Commons Attribution 4.0 International"

    def test_digcomp_outcomes_lie_under_competence_and_area(self) -> None:
        source = read(real_file("digcomp_3_0.jsonld"))
        places = arrange(source).places
        assert places["LearningOutcome/LO1.1.01"].ancestors == ("CompetenceArea/1", "Competence/1.1")
        outcome = next(found for found in source.items if found.identifier == "LearningOutcome/LO1.1.01")
        assert (outcome.human_code, outcome.education_levels) == ("LO1.1.01", ("Basic",))

    @pytest.mark.parametrize("name", REAL_FILES)
    def test_one_changed_byte_never_breaks_a_reader(self, name: str) -> None:
        raw = real_file(name)
        for place in range(0, len(raw), max(1, len(raw) // 12)):
            changed = raw[:place] + b"\xff" + raw[place + 1 :]
            survives(changed, name)


class TestDemoFramework:
    def test_is_read_without_a_single_oddity_but_its_outside_ties(self) -> None:
        source = read(demo_file())
        found = codes(source)
        assert set(found) == {"association-outside"}
        assert 40 <= len(source.items) <= 60
        assert source.document.licence_title == "Creative Commons Attribution 4.0 International"
        assert source.document.licence_text

    def test_is_valid_by_the_official_schema_of_packages(self) -> None:
        schema = shared_json("frameworks/schema/case-v1p0-cfpackage-schema.json")
        validator = jsonschema_rs.validator_for(schema)
        assert [str(error) for error in validator.iter_errors(json.loads(demo_file()))] == []
        assert not validator.is_valid(json.loads(real_file("opensalt_sample_ccss_math.case.json")))

    def test_ties_name_items_that_the_real_frameworks_have(self) -> None:
        known = {
            found.uri
            for name in REAL_FILES
            if name.startswith(("onet", "digcomp"))
            for found in read(real_file(name)).items
        }
        ties = [tie for tie in arrange(read(demo_file())).ties if tie.destination_uri]
        assert len(ties) > 50
        assert {tie.destination_uri for tie in ties} <= known

    @pytest.mark.parametrize("name", ["onet_basic_skills.ceasn.json", "onet_cross_functional_skills.ceasn.json"])
    def test_shipped_onet_files_are_read_with_their_licence(self, name: str) -> None:
        source = read(demo_file(name))
        assert source.document.licence_uri == "https://creativecommons.org/licenses/by/4.0/"
        assert codes(source) == {}


class TestCasePackage:
    def test_a_circle_of_parents_is_cut_and_reported(self) -> None:
        source = read(package([item(1), item(2), item(3)], [tie(1, 2), tie(2, 3), tie(3, 1)]))
        places = arrange(source).places
        assert source.findings.counts["parent-cycle"] == 1
        assert sum(place.parent is None for place in places.values()) == 1
        assert len(places) == 3

    def test_an_item_under_itself_stands_at_the_top(self) -> None:
        source = read(package([item(1)], [tie(1, 1)]))
        assert arrange(source).places[uuid_of(1)].parent is None
        assert source.findings.counts["parent-cycle"] == 1

    def test_an_orphan_stands_at_the_top_and_names_its_parent(self) -> None:
        source = read(package([item(1)], [tie(1, 99)]))
        arrange(source)
        found = next(finding for finding in source.findings.examples if finding.code == "parent-unknown")
        assert uuid_of(99) in found.what

    def test_a_second_parent_becomes_a_tie(self) -> None:
        source = read(package([item(1), item(2), item(3)], [tie(1, 0), tie(2, 0), tie(3, 1), tie(3, 2)]))
        arrangement = arrange(source)
        assert arrangement.places[uuid_of(3)].parent == uuid_of(1)
        assert [(kept.kind, kept.destination) for kept in arrangement.ties] == [("isChildOf", uuid_of(2))]
        assert source.findings.counts["second-parent"] == 1

    def test_a_known_parent_wins_over_one_outside(self) -> None:
        source = read(package([item(1), item(2)], [tie(1, 0), tie(2, 77), tie(2, 1)]))
        assert arrange(source).places[uuid_of(2)].parent == uuid_of(1)

    def test_doubled_items_keep_the_first(self) -> None:
        source = read(package([item(1, fullStatement="first"), item(1, fullStatement="second"), item(2)]))
        assert [found.full_statement for found in source.items] == ["first", "Do thing number 2"]
        assert source.findings.counts["duplicate-item"] == 1

    def test_missing_types_statements_and_identifiers_are_noted(self) -> None:
        raw = [
            item(1, CFItemType=None, CFItemTypeURI={"title": "Cluster"}),
            {**item(2), "CFItemType": None},
            item(3, fullStatement=None, abbreviatedStatement="Short"),
            item(4, identifier=None),
            {"identifier": uuid_of(5)},
            "nonsense",
            None,
        ]
        source = read(package(raw))
        found = codes(source)
        assert [kept.item_type for kept in source.items][:2] == ["Cluster", ""]
        assert source.items[2].full_statement == "Short"
        assert len(source.items) == 4
        expected = {
            "item-type-missing": 1,
            "statement-missing": 1,
            "identifier-missing": 1,
            "item-without-text": 1,
            "item-unreadable": 2,
        }
        assert {code: found[code] for code in expected} == expected

    def test_unknown_and_misspelt_association_types_are_reported(self) -> None:
        ties = [tie(1, 2, "ext:inspiredBy"), tie(2, 1, "ISRELATEDTO"), {"associationType": "isPeerOf"}, 7]
        arrangement = arrange(source := read(package([item(1), item(2)], ties)))
        assert {kept.kind for kept in arrangement.ties} == {"ext:inspiredBy", "isRelatedTo"}
        for code in (
            "association-type-unknown",
            "association-type-misspelt",
            "association-incomplete",
            "association-unreadable",
        ):
            assert source.findings.counts[code] == 1, code

    def test_siblings_follow_their_sequence_numbers_even_as_text(self) -> None:
        ties = [
            tie(1, 0, sequenceNumber="10"),
            tie(2, 0, sequenceNumber=9),
            tie(3, 0, sequenceNumber="2"),
            tie(4, 0),
        ]
        source = read(package([item(number) for number in (4, 1, 2, 3)], ties))
        places = arrange(source).places
        assert [places[uuid_of(number)].position for number in (3, 2, 1, 4)] == [0, 1, 2, 3]
        assert source.findings.counts["order-missing"] == 1

    def test_html_becomes_safe_text_and_mathematics_stays(self) -> None:
        hostile = (
            '<p>One</p><ul><li>Two</li></ul><script>alert(1)</script><a href="javascript:x()">three</a> &amp; 4'
        )
        source = read(
            package([item(1, fullStatement=hostile), item(2, fullStatement="if a<b and c>d then x < 5")])
        )
        assert source.items[0].full_statement == "One\n• Two\n\nthree & 4"
        assert source.items[1].full_statement == "if a<b and c>d then x < 5"
        assert source.findings.counts["html-removed"] == 1

    @pytest.mark.parametrize(
        "piece",
        [
            "<b a={}>",
            "<b a={} <",
            "<a x='",
            "<li ",
            "<!--",
            "&amp;",
            "<script>",
            "</p>",
            "=",
            "+1.",
            " ",
            "<b {}>",
        ],
    )
    def test_hostile_markup_takes_no_time(self, piece: str) -> None:
        text = "".join(piece.format(number) for number in range(20_000)) + "<p>"
        raw = package([item(number, fullStatement=text) for number in range(10)])
        started = time.perf_counter()
        read(raw)
        assert time.perf_counter() - started < 5

    def test_addresses_that_could_act_are_left_out(self) -> None:
        source = read(package([item(1, uri="javascript:alert(1)"), item(2, uri="https://ok.example/2")]))
        assert [found.uri for found in source.items] == ["", "https://ok.example/2"]

    def test_hidden_and_control_characters_are_removed(self) -> None:
        source = read(package([item(1, fullStatement="good \u202elanif\u202c \x00text\x07")]))
        assert source.items[0].full_statement == "good lanif text"
        assert source.findings.counts["characters-removed"] == 1

    def test_levels_are_read_however_they_are_written(self) -> None:
        raw = [
            item(1, educationLevel=["09", "10"]),
            item(2, educationLevel="09,10"),
            item(3, educationalLevel="11"),
        ]
        assert [found.education_levels for found in read(package(raw)).items] == [
            ("09", "10"),
            ("09", "10"),
            ("11",),
        ]

    def test_unknown_fields_are_kept(self) -> None:
        source = read(package([item(1, extensions={"x": 1}, conceptKeywords=["a"], huge=["x" * 9000] * 9)]))
        assert source.items[0].extra == {"extensions": {"x": 1}, "conceptKeywords": ["a"]}

    def test_endless_chains_are_cut_to_the_allowed_depth(self) -> None:
        count = MAX_DEPTH * 3
        raw = package([item(number) for number in range(1, count)], [tie(n, n - 1) for n in range(1, count)])
        source = read(raw)
        deepest = max(len(place.ancestors) for place in arrange(source).places.values())
        assert deepest < MAX_DEPTH
        assert source.findings.counts["too-deep"] == 2

    def test_a_wrapped_package_and_string_ends_are_read(self) -> None:
        inner = json.loads(package([item(1), item(2)]))
        inner["CFAssociations"] = [
            {
                "associationType": "isChildOf",
                "originNodeURI": f"https://x.example/CFItems/{uuid_of(2)}",
                "destinationNodeURI": uuid_of(1),
            }
        ]
        source = read(json.dumps({"CFPackage": inner}).encode())
        assert arrange(source).places[uuid_of(2)].parent == uuid_of(1)
        assert source.findings.counts["wrapper-removed"] == 1

    def test_licence_comes_from_the_definitions(self) -> None:
        inner = json.loads(package([item(1)], licenseURI={"identifier": uuid_of(8), "title": "CC"}))
        inner["CFDefinitions"] = {
            "CFLicenses": [
                {"identifier": uuid_of(7), "title": "Other", "licenseText": "no"},
                {"identifier": uuid_of(8), "title": "CC BY 4.0", "licenseText": "Credit us"},
            ]
        }
        document = read(json.dumps(inner).encode()).document
        assert (document.licence_title, document.licence_text) == ("CC BY 4.0", "Credit us")

    def test_findings_stay_small_however_odd_the_file(self) -> None:
        source = read(package([item(number, CFItemType=None) for number in range(1, 400)]))
        assert source.findings.counts["item-type-missing"] == 399
        kept = [found for found in source.findings.examples if found.code == "item-type-missing"]
        assert len(kept) == EXAMPLES_KEPT


class TestTable:
    HEADER = "Human Coding Scheme,Full Statement,Is Child Of,Sequence Number\n"

    @pytest.mark.parametrize(
        ("raw", "finding"),
        [
            (HEADER.encode() + "T.1,Añadir,,1\n".encode(), None),
            (b"\xef\xbb\xbf" + HEADER.encode() + "T.1,Añadir,,1\n".encode(), None),
            ((HEADER + "T.1,Añadir,,1\n").encode("cp1252"), "encoding-guessed"),
            (("\ufeff" + HEADER + "T.1,Añadir,,1\n").encode("utf-16-le"), "encoding-guessed"),
            ((HEADER + "T.1,Añadir,,1\n").replace(",", ";").encode(), None),
            ((HEADER + "T.1,Añadir,,1\n").replace(",", "\t").encode(), None),
            ((HEADER + "T.1,Añadir,,1\n").replace("\n", "\r\n").encode(), None),
        ],
    )
    def test_is_read_in_any_usual_dress(self, raw: bytes, finding: str | None) -> None:
        source = read(raw, "skills.csv")
        assert [(found.human_code, found.full_statement) for found in source.items] == [("T.1", "Añadir")]
        assert (finding in source.findings.counts) if finding else "encoding-guessed" not in source.findings.counts

    def test_formula_cells_stay_text(self) -> None:
        cells = ['=HYPERLINK("http://x.example","y")', "@SUM(A1)", "+cmd(1)", "- a list, not a formula"]
        rows = "".join(
            f'T.{number},"{cell.replace(chr(34), chr(34) * 2)}",,\n' for number, cell in enumerate(cells)
        )
        source = read((self.HEADER + rows).encode(), "skills.csv")
        assert [found.full_statement for found in source.items] == cells
        assert source.findings.counts["formula-cell"] == 3

    def test_rows_without_identifier_keep_the_same_one_every_time(self) -> None:
        raw = (self.HEADER + "T.1,One,,1\nT.2,Two,T.1,1\n").encode()
        first, second = read(raw, "my skills.csv"), read(raw, "my_skills.csv")
        assert [found.identifier for found in first.items] == [found.identifier for found in second.items]
        assert first.document.identifier == second.document.identifier
        assert arrange(first).places[first.items[1].identifier].parent == first.items[0].identifier

    def test_odd_rows_are_reported(self) -> None:
        raw = (self.HEADER + "T.1,One,,1,extra\n,,,\nT.2,Two,NOPE,x\n").encode()
        found = codes(read(raw, "skills.csv"))
        expected = ("row-too-long", "row-empty", "parent-unknown", "value-unusable", "document-missing")
        assert {code: found[code] for code in expected} == dict.fromkeys(expected, 1)

    def test_several_parents_and_ties_in_one_cell(self) -> None:
        raw = b"code,statement,is child of,isRelatedTo\nA,One,,\nB,Two,,\nC,Three,A|B,https://x.example/a,b; A\n"
        raw = raw.replace(b"https://x.example/a,b; A", b'"https://x.example/a,b; A"')
        arrangement = arrange(source := read(raw, "skills.csv"))
        names = {found.human_code: found.identifier for found in source.items}
        assert arrangement.places[names["C"]].parent == names["A"]
        assert {(kept.kind, kept.destination_uri or kept.destination) for kept in arrangement.ties} == {
            ("isChildOf", names["B"]),
            ("isRelatedTo", "https://x.example/a,b"),
            ("isRelatedTo", names["A"]),
        }


class TestRefusal:
    @pytest.mark.parametrize(
        ("raw", "error", "says"),
        [
            (b"", NotAFramework, "empty"),
            (b"   \n", NotAFramework, "empty"),
            (b"hello world", NotAFramework, "CASE packages"),
            (b"<html></html>", NotAFramework, "web page"),
            (b"PK\x03\x04rest", NotAFramework, "CSV"),
            (b"%PDF-1.7", NotAFramework, "PDF"),
            (b'{"name": "x"}', NotAFramework, "CASE packages"),
            (b"[1, 2]", NotAFramework, "CASE packages"),
            (b'{"CFItems": [', FrameworkUnreadable, "Export it again"),
            (b'{"CFItems": [], "CFItems": []}', FrameworkUnreadable, "twice"),
            (b"[" * 5000 + b"]" * 5000, FrameworkUnreadable, "deep"),
            (b'{"CFItems": []}', FrameworkEmpty, "not one item"),
            (b'{"@graph": [{"@type": "ceasn:CompetencyFramework"}]}', FrameworkEmpty, "competency"),
            (b"statement,code\n", FrameworkEmpty, "not one item"),
            (b'statement,code\n"' + b"x" * 200_000 + b'",1\n', FrameworkUnreadable, "Row"),
            (b"a" * (MAX_BYTES + 1), FrameworkTooLarge, "20 MB"),
        ],
    )
    def test_says_what_it_is_and_what_to_do(self, raw: bytes, error: type[Exception], says: str) -> None:
        with pytest.raises(error, match=says):
            read(raw)

    def test_refuses_more_items_than_it_takes(self) -> None:
        raw = json.dumps({"CFItems": [1] * (MAX_ITEMS + 1)}).encode()
        with pytest.raises(FrameworkTooLarge, match="20,000"):
            read(raw)

    def test_a_graph_of_many_loose_competencies_takes_no_time(self) -> None:
        nodes: list[dict[str, Any]] = [
            {"@type": "ceasn:Competency", "@id": f"ce-{number}", "ceasn:competencyText": "x"}
            for number in range(6_000)
        ]
        listing = [node["@id"] for node in nodes]
        nodes.append({"@type": "ceasn:CompetencyFramework", "@id": "ce-f", "ceasn:hasTopChild": listing})
        started = time.perf_counter()
        assert len(arrange(read(json.dumps({"@graph": nodes}).encode())).places) == 6_000
        assert time.perf_counter() - started < 8

    def test_takes_a_state_sized_package_in_a_few_seconds(self) -> None:
        count = 5_000
        raw = package(
            [item(number, fullStatement="Solve problems. " * 20) for number in range(1, count)],
            [tie(number, number // 10, sequenceNumber=number) for number in range(1, count)],
        )
        started = time.perf_counter()
        places = arrange(read(raw)).places
        assert len(places) == count - 1
        assert time.perf_counter() - started < 15


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = [
    "identifier", "uri", "fullStatement", "humanCodingScheme", "CFItemType", "CFItemTypeURI", "educationLevel",
    "associationType", "originNodeURI", "destinationNodeURI", "sequenceNumber", "title", "statusEndDate",
    "licenseURI", "notes",
    "@type", "@id", "ceasn:competencyText", "ceasn:isChildOf", "ceasn:hasChild", "name", "description",
    "competence_id", "four_levels_proficiency_name",
]  # fmt: skip
TYPES = [
    "ceasn:Competency",
    "ceasn:CompetencyFramework",
    "Competence",
    "CompetenceArea",
    "LearningOutcome",
    "isChildOf",
]
names = st.sampled_from([uuid_of(1), uuid_of(2), uuid_of(3), "ce-1", "https://x.example/ce-2"])
part = st.dictionaries(st.sampled_from(FIELDS), json_values | names | st.sampled_from(TYPES), max_size=8)
parts = st.lists(part | json_values, max_size=6)


def survives(raw: bytes, filename: str = "x") -> None:
    """Read anything: a framework with a sound tree, or a named refusal."""
    try:
        source = read(raw, filename)
    except FrameworkFileInvalid:
        return
    places = arrange(source).places
    assert places.keys() == {found.identifier for found in source.items}
    for identifier, place in places.items():
        above = places[place.parent] if place.parent else None
        assert place.ancestors == ((*above.ancestors, place.parent) if above else ())
        assert identifier not in place.ancestors
    for finding in source.findings.examples:
        assert finding.what.endswith(".")
        assert finding.done.endswith(".")
    fits_the_database(source)


def fits_the_database(source: Source) -> None:
    """PostgreSQL refuses what is too long for its column, and any NUL."""
    for found in source.items:
        assert 0 < len(found.identifier) <= 255
        assert found.full_statement
        assert max(len(found.human_code), len(found.item_type)) <= 255
        assert len(found.abbreviated_statement) <= 1000
        assert len(found.uri) <= 2000
        assert "\\u0000" not in json.dumps(
            [found.full_statement, found.notes, found.human_code, found.education_levels, found.extra]
        )
    for association in source.associations:
        assert 0 < len(association.kind) <= 60
        assert max(len(association.origin), len(association.destination)) <= 255
        assert len(association.destination_title) <= 500
    assert 0 < len(source.document.title) <= 500
    assert 0 < len(source.document.identifier) <= 255


class TestAnything:
    @given(st.binary(max_size=300))
    def test_any_bytes_are_read_or_refused_by_name(self, raw: bytes) -> None:
        survives(raw)

    @given(st.text(max_size=200))
    def test_any_table_is_read_or_refused_by_name(self, text: str) -> None:
        survives(("code,statement,is child of,sequence number,isRelatedTo\n" + text).encode(errors="replace"))

    @examples(150)
    @given(document=json_values | part, items=parts, ties=parts, definitions=json_values)
    def test_any_package_is_read_or_refused_by_name(
        self,
        document: Any,  # noqa: ANN401  - JSON
        items: Any,  # noqa: ANN401  - JSON
        ties: Any,  # noqa: ANN401  - JSON
        definitions: Any,  # noqa: ANN401  - JSON
    ) -> None:
        whole = {"CFDocument": document, "CFItems": items, "CFAssociations": ties, "CFDefinitions": definitions}
        survives(json.dumps(whole).encode())

    @examples(150)
    @given(parts)
    def test_any_graph_is_read_or_refused_by_name(self, graph: Any) -> None:  # noqa: ANN401  - JSON
        survives(json.dumps({"@graph": graph}).encode())

    @examples(150)
    @given(st.lists(st.tuples(st.integers(1, 8), st.integers(0, 9), st.none() | st.integers(0, 3)), max_size=20))
    def test_any_parents_make_one_sound_tree(self, edges: list[tuple[int, int, int | None]]) -> None:
        ties = [tie(origin, parent, sequenceNumber=number) for origin, parent, number in edges]
        survives(package([item(number) for number in range(1, 9)], ties))


class TestFindings:
    @pytest.mark.parametrize("code", KINDS)
    def test_each_has_two_short_sentences(self, code: str) -> None:
        for sentence in (KINDS[code].what, KINDS[code].done):
            assert sentence.endswith(".")
            assert len(sentence.split()) <= 20

    def test_each_is_noted_somewhere_with_the_values_its_sentences_name(self) -> None:
        noted: set[str] = set()
        for path in (REPOSITORY / "src" / "insignia" / "frameworks").rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Attribute)
                    and call.func.attr == "note"
                ):
                    given_values = {keyword.arg for keyword in call.keywords}
                    for code in (part.value for part in ast.walk(call.args[0]) if isinstance(part, ast.Constant)):
                        kind = KINDS[str(code)]
                        assert set(re.findall(r"{(\w+)}", kind.what + kind.done)) <= given_values, (path, code)
                        noted.add(str(code))
        assert noted == set(KINDS)

    def test_values_are_quoted_not_carried(self) -> None:
        findings = Findings()
        findings.note("column-unknown", "row 1", name="{where}" * 500)
        assert len(findings.examples[0].what) < 200

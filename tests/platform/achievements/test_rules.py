"""What content may look like, what each class asks for, what the live checks notice."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.achievements.errors import ContentInvalid
from insignia.achievements.rules import (
    DUPLICATE,
    FINDING_SENTENCES,
    GAP_SENTENCES,
    AchievementContent,
    AssessmentType,
    CredentialClass,
    Finding,
    Level,
    Rubric,
    Severity,
    class_gaps,
    content_findings,
    content_from_json,
    content_hash,
    content_to_json,
    similarity,
)
from insignia.achievements.rules.words import observable_verb, placeholder, vague_words
from tests.examples import examples
from tests.platform.achievements.samples import application_content, criterion, recognition_content
from tests.platform.achievements.strategies import contents

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


class TestContentCodec:
    @given(contents())
    @examples(60)
    def test_reads_back_what_it_wrote(self, content: AchievementContent) -> None:
        through = json.loads(json.dumps(content_to_json(content)))
        assert content_from_json(through) == content
        assert content_hash(content_from_json(through)) == content_hash(content)

    @given(JSON)
    @examples(150)
    def test_refuses_any_other_json_by_path(self, value: object) -> None:
        with pytest.raises(ContentInvalid) as caught:
            content_from_json(value)
        assert caught.value.fields

    @given(contents(), st.data())
    @examples(60)
    def test_never_stumbles_over_one_wrong_value(self, content: AchievementContent, data: st.DataObject) -> None:
        value = content_to_json(content)
        value[data.draw(st.sampled_from(sorted(value)))] = data.draw(JSON)
        with suppress(ContentInvalid):
            content_from_json(value)

    @pytest.mark.parametrize(
        ("path", "value", "named"),
        [
            (("name", "en"), "x" * 201, "name.en"),
            (("name", "en"), "tab\there", "name.en"),
            (("name", "en"), "right\u202eleft", "name.en"),
            (("name", "en"), "half\ud800", "name.en"),
            (("name", "not a language"), "x", "name"),
            (("criteria", "en"), "x" * 30_001, "criteria.en"),
            (("outcomes", 0, "id"), "o2", "outcomes"),
            (("outcomes", 1, "id"), "UPPER", "outcomes[1].id"),
            (("outcomes", 1, "statement"), "plain text", "outcomes[1].statement"),
            (("rubric", "criteria", 0, "outcome_id"), "o9", "rubric.criteria[0].outcome_id"),
            (("rubric", "criteria", 0, "required_level_id"), "c2l1", "rubric.criteria[0].required_level_id"),
            (("rubric", "criteria", 1, "levels", 0, "id"), "c1l0", "rubric.levels"),
            (("rubric", "criteria", 0, "levels", 0, "points"), True, "rubric.criteria[0].levels[0].points"),
            (("requirements", 0, "kinds", 0), "hologram", "requirements[0].kinds[0]"),
            (("assessment", "type"), "guess", "assessment.type"),
            (("notional_hours",), 0, "notional_hours"),
            (("level",), 5, "level"),
            (("achievement_type",), "Medal", "achievement_type"),
            (("field",), None, "field"),
            (("surprise",), 1, "surprise"),
        ],
    )
    def test_names_the_wrong_field(self, path: tuple[Any, ...], value: object, named: str) -> None:
        whole = content_to_json(application_content())
        target: Any = whole
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = value
        with pytest.raises(ContentInvalid) as caught:
            content_from_json(whole)
        assert named in caught.value.fields

    def test_refuses_more_text_than_a_badge_needs(self) -> None:
        long = dict.fromkeys(("en", "es", "fr", "de", "pt", "it"), "á" * 30000)
        assessment = replace(application_content().assessment, pass_rule={"en": "á" * 5_000})
        value = content_to_json(replace(application_content(), criteria=long, assessment=assessment))
        value["description"] = dict.fromkeys(long, "á" * 5000)
        value["outcomes"] = [{"id": f"x{n}", "statement": dict.fromkeys(long, "á" * 500)} for n in range(20)]
        value["rubric"] = None
        with pytest.raises(ContentInvalid) as caught:
            content_from_json(value)
        assert "content" in caught.value.fields


class TestContentHash:
    def test_covers_class_alignments_and_picture_besides_the_content(self) -> None:
        content = application_content()
        hashes = {
            content_hash(content),
            content_hash(content, credential_class="application"),
            content_hash(content, alignments=[("o1", "urn:item")]),
            content_hash(content, image_sha256="ab"),
            content_hash(replace(content, level=3)),
        }
        assert len(hashes) == 5

    def test_does_not_depend_on_the_order_of_alignments_or_languages(self) -> None:
        content = application_content()
        turned = replace(content, name=dict(reversed(content.name.items())))
        one = content_hash(content, alignments=[("o1", "a"), ("o2", "b")])
        assert one == content_hash(turned, alignments=[("o2", "b"), ("o1", "a")])


class TestClassGaps:
    def test_accept_a_complete_application(self) -> None:
        assert class_gaps(application_content(), "application", aligned_outcomes={"o1"}) == ()

    def test_ask_little_of_a_recognition(self) -> None:
        assert class_gaps(recognition_content(), "recognition") == ()
        codes = {gap.message_code for gap in class_gaps(recognition_content(), "application")}
        assert {"outcome-missing", "rubric-missing", "requirement-missing", "hours-missing"} <= codes

    def test_ask_a_knowledge_badge_for_an_exam_or_a_performance(self) -> None:
        content = application_content()
        assert {gap.message_code for gap in class_gaps(content, "knowledge")} == {"assessment-type-unfit"}
        exam = replace(content, assessment=replace(content.assessment, type=AssessmentType.EXAM))
        assert class_gaps(exam, "knowledge") == ()

    def test_ask_for_an_alignment(self) -> None:
        gaps = class_gaps(application_content(), "application", aligned_outcomes=())
        assert [gap.message_code for gap in gaps] == ["outcome-not-aligned"]

    def test_ask_for_a_required_criterion_of_each_outcome(self) -> None:
        content = application_content()
        one = replace(content, rubric=Rubric(content.rubric.title, content.rubric.criteria[:1]))
        assert [(gap.field, gap.message_code) for gap in class_gaps(one, "application")] == [
            ("outcomes[1]", "outcome-without-criterion")
        ]

    def test_ask_for_the_language_of_the_badge_in_every_text(self) -> None:
        content = replace(application_content(), description={"es": "Solo en español."})
        assert [(gap.field, gap.message_code) for gap in class_gaps(content, "application")] == [
            ("description", "text-missing-in-language")
        ]

    @given(contents(), st.sampled_from(CredentialClass))
    @examples(60)
    def test_have_a_sentence_each_and_none_twice(self, content: AchievementContent, kind: CredentialClass) -> None:
        gaps = class_gaps(content, kind, aligned_outcomes=())
        assert len(set(gaps)) == len(gaps)
        assert all(gap.message_code in GAP_SENTENCES for gap in gaps)

    @given(contents())
    @examples(40)
    def test_never_ask_less_of_a_higher_class(self, content: AchievementContent) -> None:
        low = set(class_gaps(content, "recognition"))
        middle = {gap for gap in class_gaps(content, "knowledge") if gap.message_code != "assessment-type-unfit"}
        assert low <= middle <= set(class_gaps(content, "application"))


def codes(content: AchievementContent, kind: str = "application") -> dict[str, Finding]:
    return {finding.code: finding for finding in content_findings(content, kind)}


class TestContentFindings:
    def test_find_nothing_in_a_careful_badge(self) -> None:
        assert content_findings(application_content(), "application") == ()

    @given(contents(), st.sampled_from(CredentialClass))
    @examples(60)
    def test_have_a_sentence_each(self, content: AchievementContent, kind: CredentialClass) -> None:
        for finding in content_findings(content, kind):
            assert FINDING_SENTENCES[finding.code].format(**finding.data)

    def test_block_an_outcome_that_nobody_can_see(self) -> None:
        outcome = replace(
            application_content().outcomes[0], statement={"en": "Understands statistics really well."}
        )
        content = replace(application_content(), outcomes=(outcome, application_content().outcomes[1]))
        assert codes(content)["outcome-vague"].severity is Severity.BLOCKS
        assert codes(content, "recognition")["outcome-vague"].severity is Severity.ADVICE

    def test_advise_where_a_vague_word_stands_beside_an_observable_one(self) -> None:
        outcome = replace(
            application_content().outcomes[0], statement={"en": "Explains what they know about graphs."}
        )
        content = replace(application_content(), outcomes=(outcome,))
        assert codes(content)["outcome-vague"].severity is Severity.ADVICE

    def test_block_text_that_is_still_to_be_written(self) -> None:
        content = replace(application_content(), description={"en": "TBD"})
        finding = codes(content)["placeholder"]
        assert (finding.field, finding.severity) == ("description.en", Severity.BLOCKS)

    def test_block_levels_that_read_the_same(self) -> None:
        row = criterion(1)
        low, middle, high = row.levels
        same = replace(middle, description={"en": low.description["en"].upper()})
        content = replace(
            application_content(), rubric=Rubric({}, (replace(row, levels=(low, same, high)), criterion(2)))
        )
        finding = codes(content)["levels-identical"]
        assert finding.field == "rubric.criteria[0].levels[1].description.en"
        assert finding.severity is Severity.BLOCKS

    def test_block_a_bar_that_everybody_clears(self) -> None:
        row = replace(criterion(1, critical=True), required_level_id="c1l0")
        content = replace(application_content(), rubric=Rubric({}, (row, criterion(2))))
        assert codes(content)["required-level-lowest"].severity is Severity.BLOCKS

    def test_advise_to_mark_a_critical_criterion(self) -> None:
        content = replace(application_content(), rubric=Rubric({}, (criterion(1), criterion(2))))
        assert codes(content)["no-critical-criterion"].severity is Severity.ADVICE

    def test_notice_short_criteria_and_points_that_fall(self) -> None:
        row = criterion(1, critical=True)
        fallen = tuple(replace(level, points=9 - level.points) for level in row.levels)
        content = replace(
            application_content(),
            criteria={"en": "Do it."},
            rubric=Rubric({}, (replace(row, levels=fallen), criterion(2))),
        )
        assert {"criteria-too-short", "points-not-rising"} <= set(codes(content))

    def test_put_what_blocks_first(self) -> None:
        row = replace(criterion(1), required_level_id="c1l0", levels=(*criterion(1).levels, Level("x", {}, {})))
        content = replace(application_content(), criteria={"en": "Do it."}, rubric=Rubric({}, (row, criterion(2))))
        severities = [finding.severity for finding in content_findings(content, "application")]
        assert severities == sorted(severities, key=lambda severity: severity is Severity.ADVICE)
        assert len(set(severities)) == 2


class TestWords:
    @pytest.mark.parametrize(
        "text",
        ["Design a survey", "Leads a meeting", "Mediates a dispute", "presenting data", "Resuelve un conflicto",
         "Explica cómo se mide", "Diseña una encuesta", "Dirige una reunión", "Mide la acidez"],
    )  # fmt: skip
    def test_see_what_an_assessor_can_see(self, text: str) -> None:
        assert observable_verb(text)
        assert not vague_words(text)

    @pytest.mark.parametrize(
        "text",
        [
            "Understands graphs",
            "Knows the causes",
            "Comprende los ciclos",
            "Conoce las leyes",
            "Is familiar with maps",
        ],
    )
    def test_see_what_nobody_can_see(self, text: str) -> None:
        assert vague_words(text)

    @pytest.mark.parametrize("text", ["TBD", "Criteria: to be determined.", "Lorem ipsum dolor", "Por definir"])
    def test_see_placeholders(self, text: str) -> None:
        assert placeholder(text)

    def test_leave_spanish_todo_alone(self) -> None:
        assert placeholder("Explica todo el proceso") == ""


class TestSimilarity:
    def test_says_that_a_copy_is_a_copy(self) -> None:
        content = application_content()
        assert similarity(content, content) == pytest.approx(1)
        assert similarity(content, replace(content, name={"en": "Data visualisation"})) >= DUPLICATE

    def test_tells_different_badges_apart(self) -> None:
        other = replace(
            application_content("Peer mediation"),
            criteria={"en": "Mediate three disputes between students and write down what both sides agreed."},
            outcomes=(),
        )
        assert similarity(application_content(), other) < DUPLICATE

    def test_counts_shared_items(self) -> None:
        one, other = (
            application_content(),
            replace(application_content(), criteria={"en": "Something else entirely."}),
        )
        apart = similarity(one, other, one_items={"a"}, other_items={"b"})
        assert similarity(one, other, one_items={"a"}, other_items={"a"}) == pytest.approx(apart + 0.35)

    @given(contents(), contents())
    @examples(40)
    def test_stays_between_nothing_and_everything(
        self, one: AchievementContent, other: AchievementContent
    ) -> None:
        assert 0 <= similarity(one, other, one_items={"a"}) <= 1

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.achievements.rules import Criterion, EvidenceKind, EvidenceRequirement, Level, Rubric
from insignia.assessment.errors import (
    CriterionFrozen,
    EvidenceUnusable,
    IllegalMove,
    LevelUnknown,
    LinkUnusable,
    NothingToJudgeBy,
    RatingIncomplete,
    TextTooLong,
)
from insignia.assessment.pieces import (
    Authorship,
    Piece,
    SnapshotPiece,
    authorship_checked,
    file_name_checked,
    link_checked,
    snapshot_hash,
    submission_gaps,
    text_checked,
)
from insignia.assessment.rules import (
    CODE_ALPHABET,
    TRANSITIONS,
    CarriedCriterion,
    DecisionFacts,
    Move,
    Outcome,
    State,
    carried_from_criteria,
    carried_from_json,
    carried_to_json,
    criteria_to_json,
    decide,
    due_on,
    feedback_missing,
    moved,
    pseudonym,
)
from insignia.foundation.errors import Conflict

ORDER = {Outcome.NOT_YET: 0, Outcome.ALMOST: 1, Outcome.MET: 2}


def criterion(name: str, *, levels: int = 3, bar: int = 1, critical: bool = False, weight: int = 1) -> Criterion:
    return Criterion(
        id=name,
        outcome_id="o1",
        title={"en": name},
        description={},
        critical=critical,
        weight=weight,
        levels=tuple(Level(id=f"{name}-{n}", title={}, description={}, points=n) for n in range(levels)),
        required_level_id=f"{name}-{bar}",
    )


def rubric(*criteria: Criterion) -> Rubric:
    return Rubric(title={"en": "Rubric"}, criteria=criteria)


@st.composite
def rated_rubrics(draw: st.DrawFn) -> tuple[Rubric, dict[str, int]]:
    """A rubric of 1 to 8 criteria, and the place of the level each one reached."""
    criteria, places = [], {}
    for number in range(draw(st.integers(1, 8))):
        levels = draw(st.integers(2, 5))
        row = criterion(
            f"c{number}",
            levels=levels,
            bar=draw(st.integers(0, levels - 1)),
            critical=draw(st.booleans()),
            weight=draw(st.integers(0, 1000)),
        )
        criteria.append(row)
        places[row.id] = draw(st.integers(0, levels - 1))
    return rubric(*criteria), places


def decided(marks: Rubric, places: dict[str, int]) -> DecisionFacts:
    return decide(marks, {name: f"{name}-{place}" for name, place in places.items()})


class TestDecide:
    @given(rated_rubrics(), st.data())
    def test_a_raised_level_never_worsens_the_outcome(
        self, rated: tuple[Rubric, dict[str, int]], data: st.DataObject
    ) -> None:
        marks, places = rated
        raised = dict(places)
        row = data.draw(st.sampled_from(marks.criteria))
        raised[row.id] = data.draw(st.integers(places[row.id], len(row.levels) - 1))
        assert ORDER[decided(marks, raised).outcome] >= ORDER[decided(marks, places).outcome]

    @given(rated_rubrics())
    def test_met_is_exactly_every_bar_reached_and_a_missed_critical_is_never_almost(
        self, rated: tuple[Rubric, dict[str, int]]
    ) -> None:
        marks, places = rated
        short = {row.id: [level.id for level in row.levels].index(row.required_level_id) for row in marks.criteria}
        missed = [row for row in marks.criteria if places[row.id] < short[row.id]]
        facts = decided(marks, places)
        assert (facts.outcome is Outcome.MET) == (not missed)
        assert facts.missing == tuple(row.id for row in missed)
        near = all(short[row.id] - places[row.id] == 1 and not row.critical for row in missed)
        assert (facts.outcome is Outcome.ALMOST) == (bool(missed) and len(missed) <= 2 and near)

    @given(rated_rubrics(), st.data())
    def test_weights_and_points_change_nothing(
        self, rated: tuple[Rubric, dict[str, int]], data: st.DataObject
    ) -> None:
        marks, places = rated
        heavy = [
            criterion(
                row.id,
                levels=len(row.levels),
                bar=[level.id for level in row.levels].index(row.required_level_id),
                critical=row.critical,
                weight=data.draw(st.integers(0, 1000)),
            )
            for row in marks.criteria
        ]
        assert decided(rubric(*heavy), places) == decided(marks, places)

    @given(rated_rubrics(), st.data())
    def test_what_was_met_stays_met_with_its_rater_over_attempts(
        self, rated: tuple[Rubric, dict[str, int]], data: st.DataObject
    ) -> None:
        marks, places = rated
        first = decided(marks, places)
        carried = carried_from_criteria(criteria_to_json(first, rated_by="first", attempt=1))
        assert carried_from_json(carried_to_json(carried)) == carried
        again = {
            row.id: f"{row.id}-{data.draw(st.integers(0, len(row.levels) - 1))}"
            for row in marks.criteria
            if row.id not in carried
        }
        second = decide(marks, again, carried)
        kept = {r.criterion_id: r for r in second.criteria}
        assert all(kept[name].met and kept[name].carried == value for name, value in carried.items())
        assert set(second.missing) <= set(first.missing)
        stored = {entry["criterion_id"]: entry for entry in criteria_to_json(second, rated_by="second", attempt=2)}
        for name, entry in stored.items():
            assert entry["rated_by"] == ("first" if name in carried else "second")
            assert entry["attempt"] == (1 if name in carried else 2)
            assert entry["carried"] == (name in carried)

    @pytest.mark.parametrize(
        ("places", "critical", "outcome"),
        [
            ([1, 1, 1], False, Outcome.MET),
            ([2, 2, 1], False, Outcome.MET),
            ([0, 1, 1], False, Outcome.ALMOST),
            ([0, 0, 1], False, Outcome.ALMOST),
            ([0, 0, 0], False, Outcome.NOT_YET),
            ([0, 1, 1], True, Outcome.NOT_YET),
        ],
    )
    def test_tells_met_almost_and_not_yet_apart(self, places: list[int], critical: bool, outcome: Outcome) -> None:
        marks = rubric(criterion("c0", critical=critical), criterion("c1"), criterion("c2"))
        assert decided(marks, {f"c{n}": place for n, place in enumerate(places)}).outcome is outcome

    def test_two_levels_below_is_not_yet(self) -> None:
        assert decided(rubric(criterion("c0", bar=2)), {"c0": 0}).outcome is Outcome.NOT_YET

    @pytest.mark.parametrize("carried", [{}, {"c0": CarriedCriterion("c0-1", "somebody", 1)}])
    def test_nothing_is_met_by_a_rubric_without_criteria(self, carried: dict[str, CarriedCriterion]) -> None:
        """Nobody judged anything then, and an award would follow."""
        with pytest.raises(NothingToJudgeBy):
            decide(rubric(), {}, carried)

    def test_names_each_criterion_without_a_level(self) -> None:
        with pytest.raises(RatingIncomplete) as caught:
            decide(rubric(criterion("c0"), criterion("c1"), criterion("c2")), {"c1": "c1-1"})
        assert set(caught.value.fields) == {"c0", "c2"}

    @pytest.mark.parametrize("levels", [{"c0": "c1-1"}, {"c9": "c0-1"}, {"c0": ""}])
    def test_refuses_levels_the_rubric_does_not_know(self, levels: dict[str, str]) -> None:
        with pytest.raises(LevelUnknown):
            decide(rubric(criterion("c0"), criterion("c1")), levels)

    def test_refuses_to_judge_a_carried_criterion_again(self) -> None:
        carried = {"c0": CarriedCriterion("c0-1", "somebody", 1)}
        with pytest.raises(CriterionFrozen):
            decide(rubric(criterion("c0")), {"c0": "c0-0"}, carried)

    def test_asks_for_words_where_something_is_missing(self) -> None:
        facts = decided(rubric(criterion("c0"), criterion("c1")), {"c0": 0, "c1": 1})
        assert feedback_missing(facts, {}) == ("c0",)
        assert feedback_missing(facts, {"c0": "  ", "c1": "fine"}) == ("c0",)
        assert feedback_missing(facts, {"c0": "name the unit"}) == ()
        assert feedback_missing(facts, {"": "look at units"}) == ()


class TestMoves:
    @pytest.mark.parametrize(("state", "move"), list(product(State, Move)))
    def test_every_step_outside_the_table_is_a_conflict(self, state: State, move: Move) -> None:
        if (state, move) in TRANSITIONS:
            assert moved(state, move) is TRANSITIONS[state, move]
            return
        with pytest.raises(IllegalMove) as caught:
            moved(state, move)
        assert isinstance(caught.value, Conflict)
        assert caught.value.code == "illegal-move"
        assert caught.value.data == {"state": state.value, "move": move.value}

    def test_met_and_withdrawn_are_ends(self) -> None:
        assert {state for state, _ in TRANSITIONS}.isdisjoint({State.MET, State.WITHDRAWN})

    def test_every_state_can_be_reached_from_a_draft(self) -> None:
        reached = {State.DRAFT}
        for _ in State:
            reached |= {target for (state, _), target in TRANSITIONS.items() if state in reached}
        assert reached == set(State)


def requirement(name: str, *, required: bool = True) -> EvidenceRequirement:
    kinds = (EvidenceKind.FILE, EvidenceKind.TEXT)
    return EvidenceRequirement(
        id=name, name={"en": name}, description={}, genre="Report", kinds=kinds, required=required
    )


class TestCompleteness:
    def test_names_what_is_missing_in_the_order_asked(self) -> None:
        wanted = [requirement("r1"), requirement("r2", required=False), requirement("r3")]
        gaps = submission_gaps(wanted, [Piece("r3", "text", 0)], None)
        assert [(gap.requirement_id, gap.code) for gap in gaps] == [
            ("r1", "evidence-missing"),
            ("r3", "evidence-missing"),
            ("authorship", "authorship-missing"),
        ]
        assert gaps[0].name == {"en": "r1"}

    def test_something_has_to_be_there_even_if_nothing_is_required(self) -> None:
        assert submission_gaps([requirement("r1", required=False)], [], Authorship("individual"))

    def test_is_complete_with_every_required_piece_and_a_statement(self) -> None:
        pieces = [Piece("r1", "file", 5)]
        assert submission_gaps([requirement("r1")], pieces, Authorship("individual")) == ()


class TestPieces:
    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\itzel\\tesis final.docx", "tesis final.docx"),
            ("a\r\nSet-Cookie: x=1.pdf", "a Set-Cookie: x=1.pdf"),
            ("invoice\u202efdp.exe", "invoicefdp.exe"),
            ("..", "file"),
            ("", "file"),
            ("\x00\u2066\ufeff", "file"),
            ("año 2026 ✓.png", "año 2026 ✓.png"),
        ],
    )
    def test_a_hostile_name_becomes_a_plain_one(self, name: str, shown: str) -> None:
        assert file_name_checked(name) == shown

    def test_a_name_of_10_kb_is_refused_by_name(self) -> None:
        with pytest.raises(TextTooLong) as caught:
            file_name_checked("a" * 10_240 + ".pdf")
        assert caught.value.code == "text-too-long"

    @given(st.text(max_size=400))
    def test_no_name_breaks_a_header_or_a_path(self, name: str) -> None:
        try:
            shown = file_name_checked(name)
        except TextTooLong:
            return
        assert 0 < len(shown) <= 200
        assert shown.isprintable()
        assert not set(shown) & set("/\\")
        assert shown not in {".", ".."}
        assert file_name_checked(shown) == shown

    @pytest.mark.parametrize(
        "url",
        [
            "http://example.org",
            "javascript:alert(1)",
            "https://",
            "https:///path",
            "https://user@example.org/",
            "https://user:secret@example.org/",
            "https://localhost/",
            "https://exa mple.org/",
            "https://example.org/\r\nX: 1",
            "https://example.org\\@evil.example/",
            "https://example.org:99999/",
            "https://[::1",
            'https://example.org/"onclick=',
            "data:text/html,x",
            "",
        ],
    )
    def test_only_plain_https_addresses_are_links(self, url: str) -> None:
        with pytest.raises(LinkUnusable):
            link_checked(url)

    def test_keeps_a_plain_address_as_it_is(self) -> None:
        assert link_checked(" https://example.org:8443/a?b=ñ#c ") == "https://example.org:8443/a?b=ñ#c"

    def test_a_link_of_10_kb_is_refused_by_name(self) -> None:
        with pytest.raises(TextTooLong):
            link_checked("https://example.org/" + "a" * 10_240)

    def test_text_is_bounded_in_bytes(self) -> None:
        assert text_checked("a\r\nb\rc ") == "a\nb\nc"
        assert len(text_checked("ñ" * 32_768).encode()) == 65_536
        with pytest.raises(TextTooLong):
            text_checked("ñ" * 32_769)

    def test_half_a_character_is_refused(self) -> None:
        with pytest.raises(EvidenceUnusable):
            text_checked("a\ud800b")

    def test_a_group_member_names_their_own_part(self) -> None:
        with pytest.raises(EvidenceUnusable) as caught:
            authorship_checked(Authorship("group", contribution=" "))
        assert "contribution" in caught.value.fields
        with pytest.raises(EvidenceUnusable):
            authorship_checked(Authorship("robot"))
        assert authorship_checked(Authorship("individual", tools=" a spell checker ")).tools == "a spell checker"

    @given(st.binary(min_size=5, max_size=5))
    def test_a_pseudonym_is_short_and_unambiguous(self, random: bytes) -> None:
        code = pseudonym(random)
        assert len(code) == 6
        assert code[2] == "-"
        assert set(code) <= set(CODE_ALPHABET) | {"-"}
        assert not set(CODE_ALPHABET) & set("01IOU")

    def test_a_snapshot_covers_every_fact_of_every_piece(self) -> None:
        piece = SnapshotPiece("p", "r1", 1, "file", "aa", "bb", 3, "text/plain")
        facts = {"attempt_id": "a", "content_hash": "c", "authorship_sha256": "s", "carried": {}}

        def hashed(*pieces: SnapshotPiece, **changed: str) -> str:
            return snapshot_hash(**{**facts, **changed}, pieces=pieces)  # type: ignore[arg-type]  # mixed values

        changes: list[dict[str, object]] = [
            {"public_id": "q"},
            {"requirement_id": "r2"},
            {"position": 2},
            {"kind": "text"},
            {"sha256": "ab"},
            {"shared_sha256": ""},
            {"byte_size": 4},
            {"media_type": "image/png"},
        ]
        others = [hashed(SnapshotPiece(**{**piece.__dict__, **change})) for change in changes]
        others += [hashed(), hashed(piece, piece), hashed(piece, attempt_id="b"), hashed(piece, content_hash="d")]
        assert len({hashed(piece), *others}) == len(others) + 1
        two = SnapshotPiece("p2", "r1", 2, "file", "aa", "bb", 3, "text/plain")
        assert hashed(piece, two) == hashed(two, piece)


@pytest.mark.parametrize(("handed_in", "due"), [("2026-02-28", "2026-03-14"), ("2026-10-25", "2026-11-08")])
def test_fourteen_days_are_fourteen_across_a_change_of_clocks(handed_in: str, due: str) -> None:
    late = datetime.fromisoformat(
        f"{handed_in}T23:30:00-07:00" if "02-" in handed_in else f"{handed_in}T00:30:00-06:00"
    )
    assert due_on(late.astimezone(UTC), "America/Denver").isoformat() == due

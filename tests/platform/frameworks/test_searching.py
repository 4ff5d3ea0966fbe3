"""Ranking what somebody typed: codes, then words, then words nearly spelt so."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from insignia.foundation.search import folded
from insignia.frameworks import searching
from insignia.frameworks.searching import (
    Entry,
    Match,
    close_words,
    code_key,
    query_of,
    rank,
    rank_close,
    search_text,
)

SKILLS = {
    "CCSS.Math.Content.4.NF.B.7": "Compare two decimals to hundredths by reasoning about their size.",
    "4.NF.7": "Compare decimals.",
    "QGS.SC.2": "Communicate science to two audiences.",
    "QGS.SC.2.a": "Summarize a published result in one page.",
    "QGS.CM.2": "Interpret between two languages.",
    "QGS.CV.1": "Organize a community around a shared concern.",
    "QGS.DM.1": "Program charts with Python that visualize data.",
    "": "Añadir fracciones con modelos visuales.",
}
ENTRIES = [Entry(code, code, search_text(text)) for code, text in SKILLS.items()]


def found(typed: str) -> list[str]:
    return [hit.key for hit in rank(query_of(typed), ENTRIES)]


def found_close(typed: str) -> list[str]:
    return [hit.key for hit in rank_close(query_of(typed), ENTRIES)]


entries = st.lists(
    st.tuples(st.from_regex(r"[A-Z]{1,3}(\.[A-Z0-9]{1,3}){0,3}", fullmatch=True), st.text(max_size=40)),
    max_size=12,
).map(lambda pairs: [Entry(number, code, search_text(text)) for number, (code, text) in enumerate(pairs)])


class TestCodeSearch:
    def test_finds_a_code_whatever_its_punctuation(self) -> None:
        assert found("4nf7")[0] == "4.NF.7"
        assert found("4-nf-7")[0] == "4.NF.7"
        assert found("qgs sc 2")[:2] == ["QGS.SC.2", "QGS.SC.2.a"]

    def test_finds_the_end_of_a_long_code(self) -> None:
        assert "CCSS.Math.Content.4.NF.B.7" in found("4.NF.B")
        assert found("SC.2") == ["QGS.SC.2", "QGS.SC.2.a"]

    def test_puts_the_whole_code_before_its_beginnings(self) -> None:
        assert found("QGS.SC.2")[0] == "QGS.SC.2"

    @given(entries, st.data())
    def test_finds_every_item_by_any_beginning_of_its_code(
        self, given_entries: list[Entry[int]], data: st.DataObject
    ) -> None:
        assume(given_entries)
        chosen = data.draw(st.sampled_from(given_entries))
        length = data.draw(st.integers(1, len(chosen.code)))
        typed = chosen.code[:length]
        hits = rank(query_of(typed), given_entries)
        hit = next(hit for hit in hits if hit.key == chosen.key)
        assert hit.match in {Match.CODE, Match.CODE_PREFIX}
        if code_key(typed) == code_key(chosen.code):
            assert hit.match is Match.CODE

    @given(entries, st.text(max_size=20))
    def test_orders_by_why_and_finds_each_once(self, given_entries: list[Entry[int]], typed: str) -> None:
        hits = rank(query_of(typed), given_entries)
        assert [hit.match for hit in hits] == sorted(hit.match for hit in hits)
        assert len({hit.key for hit in hits}) == len(hits)

    @given(st.text(max_size=400))
    def test_any_typing_gives_a_bounded_query(self, typed: str) -> None:
        query = query_of(typed)
        assert len(query.words) <= 12
        assert len(query.code) <= 255
        assert query.empty == (not rank(query, [Entry(1, query.code, " ".join(query.words))]))


class TestWordSearch:
    def test_needs_every_word_in_any_order(self) -> None:
        assert found("audiences science") == ["QGS.SC.2"]
        assert found("science languages") == []

    def test_finds_beginnings_of_words_and_ignores_accents(self) -> None:
        assert found("langu") == ["QGS.CM.2"]
        assert found("anadir FRACCIONES") == [""]

    def test_prefers_whole_words_near_the_beginning(self) -> None:
        texts = {"late": "one two three data", "early": "data one two three", "part": "datasets"}
        given_entries = [Entry(key, "", text) for key, text in texts.items()]
        assert [hit.key for hit in rank(query_of("data"), given_entries)] == ["early", "late", "part"]

    def test_prefers_the_short_statement(self) -> None:
        given_entries = [
            Entry("below", "", search_text("Perform first aid."), ""),
            Entry(
                "skill",
                "",
                search_text("Give first aid", "Secure the scene, then give first aid."),
                "Give first aid",
            ),
        ]
        assert [hit.key for hit in rank(query_of("first aid"), given_entries)] == ["skill", "below"]
        assert [hit.key for hit in rank_close(query_of("frist aid"), given_entries)] == ["skill", "below"]

    @given(entries)
    def test_finds_every_item_by_its_own_words(self, given_entries: list[Entry[int]]) -> None:
        for entry in given_entries:
            if query_of(entry.text).words and len(entry.text) <= 100 and len(entry.text.split()) <= 6:
                assert entry.key in [hit.key for hit in rank(query_of(entry.text), given_entries)]


class TestCloseSearch:
    def test_forgives_a_wrong_letter_in_each_word(self) -> None:
        assert found_close("comunity orgnize") == ["QGS.CV.1"]
        assert found_close("sience audiencs") == ["QGS.SC.2"]
        assert found_close("visualise pyton") == ["QGS.DM.1"]

    def test_finds_a_misspelt_beginning_while_somebody_types(self) -> None:
        assert "QGS.SC.2.a" in found_close("sumari")
        assert found_close("interprat langauges") == ["QGS.CM.2"]

    def test_does_not_find_what_is_not_alike(self) -> None:
        assert found_close("volleyball") == []
        assert found_close("zz") == []

    @given(
        st.text("abcdefghijklmnopqrstuvwxyz", min_size=5, max_size=14),
        st.data(),
    )
    def test_any_one_wrong_letter_is_forgiven(self, word: str, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(word) - 1))
        wrong = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
        typed = data.draw(
            st.sampled_from(
                [
                    word[:place] + wrong + word[place + 1 :],
                    word[:place] + wrong + word[place:],
                    word[:place] + word[place + 1 :],
                ]
            )
        )
        assert word in close_words(typed, ["unrelated", word, "zzzzzz"])

    @given(entries, st.text(max_size=20))
    def test_never_breaks(self, given_entries: list[Entry[int]], typed: str) -> None:
        hits = rank_close(query_of(typed), given_entries)
        assert len({hit.key for hit in hits}) == len(hits)
        assert all(folded(typed) for _hit in hits)

    def test_looks_through_twenty_thousand_items_in_a_moment(self) -> None:
        words = [f"word{number}" for number in range(3_000)]
        many = [Entry(number, "", " ".join(words[number % 2_900 :][:20])) for number in range(20_000)]
        started = time.perf_counter()
        assert rank_close(query_of("wrod1500 word1501"), many)
        assert time.perf_counter() - started < 5


def test_a_table_of_odd_words_is_compared_as_far_as_is_bearable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "CLOSE_VOCABULARY", 100)
    compared: list[int] = []
    near = searching.close_words

    def counted(word: str, vocabulary: Sequence[str]) -> dict[str, float]:
        compared.append(len(vocabulary))
        return near(word, vocabulary)

    monkeypatch.setattr(searching, "close_words", counted)
    odd = [Entry(str(number), "", f"teamwork q{number:05}z", "") for number in range(500)]
    assert rank_close(query_of("teamwrok teamwrok2 teamwrok3 teamwrok4 teamwrok5 teamwrok6"), odd)
    assert compared == [100] * searching.CLOSE_ASKED

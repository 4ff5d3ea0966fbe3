"""What templates do for each document, by Python and compiled: both against the plainest way to say it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from itertools import pairwise
from types import ModuleType
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.vc.canon import filling, quick

IMPLEMENTATIONS: list[ModuleType] = [filling]
if quick.COMPILED:
    from insignia.vc.canon import compiled

    IMPLEMENTATIONS.append(compiled)

both = pytest.mark.parametrize("made_by", IMPLEMENTATIONS, ids=lambda module: module.__name__.rpartition(".")[2])
short = st.binary(max_size=6)
Case: TypeAlias = tuple[list[bytes], list[int], list[bytes]]
ENDS = [b">", b'"']
BY_SHAPE = ["tests/vc/issue/test_shape.py", "tests/vc/verify/test_known.py"]


@st.composite
def fillings(draw: st.DrawFn) -> Case:
    texts = draw(st.lists(short | st.just(b"%b%%"), min_size=1, max_size=5))
    places = draw(st.lists(st.integers(0, len(texts) - 1), max_size=6))
    parts = draw(st.lists(short | st.just(b"50% %b"), min_size=len(places) + 1, max_size=len(places) + 1))
    return parts, places, texts


def put_together(parts: list[bytes], places: list[int], texts: list[bytes]) -> bytes:
    rest = zip(places, parts[1:], strict=True)
    return parts[0] + b"".join(texts[place] + part for place, part in rest)


@pytest.mark.skipif(os.environ.get("CI") != "true", reason="only where everything has to be there")
def test_the_compiled_module_is_there() -> None:
    assert quick.COMPILED


@both
class TestFilling:
    @given(case=fillings())
    def test_puts_texts_between_parts(self, made_by: ModuleType, case: Case) -> None:
        parts, places, texts = case

        assert made_by.Filling(parts, places).fill(texts) == put_together(parts, places, texts)

    @given(case=fillings(), head=st.binary(max_size=200))
    def test_hashes_on_from_a_beginning_again_and_again(
        self, made_by: ModuleType, case: Case, head: bytes
    ) -> None:
        parts, places, texts = case
        hashing = made_by.Hashing(hashlib.sha256(head), parts, places)
        wanted = hashlib.sha256(head + put_together(parts, places, texts)).digest()

        assert [hashing.digest(texts) for _ in range(2)] == [wanted, wanted]

    def test_takes_more_texts_than_it_needs_and_large_ones(self, made_by: ModuleType) -> None:
        texts = [b"a", b"x" * 100_000, b"c"]

        assert made_by.Filling([b"<", b">"], [1]).fill(texts) == b"<" + texts[1] + b">"

    @pytest.mark.parametrize("texts", [[], [b"only one"]])
    def test_too_few_texts_are_an_error(self, made_by: ModuleType, texts: list[bytes]) -> None:
        with pytest.raises(IndexError):
            made_by.Filling([b"", b"", b""], [0, 1]).fill(texts)

    @pytest.mark.parametrize("text", ["text", 1, None])
    def test_anything_but_bytes_is_an_error(self, made_by: ModuleType, text: object) -> None:
        with pytest.raises(TypeError):
            made_by.Filling([b"", b""], [0]).fill([text])

    @pytest.mark.parametrize(("parts", "places"), [([b""], [0]), ([b"", b""], []), ([b"", b""], [-1]), ([], [])])
    def test_parts_and_places_that_do_not_belong_together_are_an_error(
        self, made_by: ModuleType, parts: list[bytes], places: list[int]
    ) -> None:
        with pytest.raises(ValueError, match="There is one part more than places"):
            made_by.Filling(parts, places)


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[list[filling.Before], list[bytes]]:
    # letters on both sides of both ends, so that one text that begins another sorts either way
    texts = st.text('!."?>a~', max_size=3).map(str.encode)
    filled = draw(st.lists(texts, min_size=1, max_size=4))
    slot = st.integers(0, len(filled) - 1)
    pair = st.tuples(slot, slot | texts) | st.tuples(texts, slot)
    found = draw(st.lists(st.tuples(pair, st.sampled_from(ENDS)), max_size=4))
    return [(*pair, end) for pair, end in found], filled


@both
class TestNumbering:
    @given(case=comparisons())
    def test_fits_when_each_text_with_its_end_sorts_before_the_other(
        self, made_by: ModuleType, case: tuple[list[filling.Before], list[bytes]]
    ) -> None:
        wanted, texts = case

        def text(token: int | bytes) -> bytes:
            return token if isinstance(token, bytes) else texts[token]

        expected = all(text(first) + end < text(second) + end for first, second, end in wanted)
        numbering = made_by.Numbering(wanted, [])
        assert numbering.fits(texts) is expected
        assert numbering.order(texts) == (b"" if expected else None)

    @given(nodes=st.lists(st.integers(0, 12), max_size=12), filled=st.sets(st.integers(0, 11)))
    def test_orders_nodes_by_their_hashes_unless_two_are_alike(
        self, made_by: ModuleType, nodes: list[int], filled: set[int]
    ) -> None:
        hashes = [hashlib.sha256(b"%d" % content).digest() for content in nodes]
        given_or_made = [
            made_by.Hashing(hashlib.sha256(), [b"", b""], [place]) if place in filled else found
            for place, found in enumerate(hashes)
        ]
        order = made_by.Numbering([], given_or_made).order([b"%d" % content for content in nodes])

        if len(set(nodes)) < len(nodes):
            assert order is None
        else:
            assert all(hashes[first] < hashes[second] for first, second in pairwise(order))
            assert sorted(order) == list(range(len(nodes)))

    @pytest.mark.parametrize("comparison", [(b"a", b"b", b">"), (-1, b"a", b">"), (0, -3, b">"), (b"a", -2, b">")])
    def test_comparisons_of_nothing_that_is_filled_in_are_an_error(
        self, made_by: ModuleType, comparison: filling.Before
    ) -> None:
        with pytest.raises(ValueError, match="Two fixed texts"):
            made_by.Numbering([comparison], [])

    def test_too_few_texts_are_an_error(self, made_by: ModuleType) -> None:
        with pytest.raises(IndexError):
            made_by.Numbering([(1, b"z", b">")], []).fits([b"a"])


def test_shapes_say_the_same_without_the_compiled_module() -> None:
    """Run the tests of what is signed and checked by shape, as where no compiler was."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [
            sys.executable,
            *["-m", "pytest", "-q", "-p", "tests.vc.uncompiled", "-p", "no:cacheprovider"],
            *BY_SHAPE,
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_compiled_module_of_another_form_is_left_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "FORM", filling.FORM + 1)
    assert quick._compiled() is None

"""The file that remembers how far the counters got."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from insignia.issuing.mark import mark_advance, mark_path, mark_read
from insignia.issuing.rules import Mark


class TestMarkFile:
    def test_is_none_on_a_machine_that_never_signed(self) -> None:
        assert mark_read() is None

    def test_only_ever_rises(self) -> None:
        mark_advance(Mark({"set": 5}, {"list": 2}))
        mark_advance(Mark({"set": 3}, {"list": 7, "other": 1}))
        assert mark_read() == Mark({"set": 5}, {"list": 7, "other": 1})

    def test_loses_nothing_when_many_raise_it_at_once(self) -> None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: mark_advance(Mark({f"set{number % 10}": number})), range(100)))
        mark = mark_read()
        assert mark is not None
        assert mark.reserved == {f"set{number}": 90 + number for number in range(10)}

    def test_leaves_no_half_written_file(self) -> None:
        mark_advance(Mark({"set": 5}))
        assert json.loads(mark_path().read_text())["reserved"] == {"set": 5}
        assert [path.name for path in mark_path().parent.iterdir() if path.suffix == ".new"] == []

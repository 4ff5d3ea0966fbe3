"""`insignia doctor`: what it says while it looks, and at the end."""

from __future__ import annotations

import os
import pty
import sys
import time
from collections.abc import Iterator
from typing import IO

import pytest

from insignia.cli.doctor import look
from insignia.foundation.checks import Check, Finding

LOST = Finding("I5", "award 0197", "led to two")


def check(title: str, *found: Finding, invariant: str = "I5") -> Check:
    return Check(invariant, title, lambda _deep: found)


class TestLook:
    def test_says_each_answer_before_the_next_question(self, capsys: pytest.CaptureFixture[str]) -> None:
        said: list[str] = []

        def second(_deep: bool) -> Iterator[Finding]:
            said.append(capsys.readouterr().out)
            yield LOST

        asked = [check("the first"), Check("I5", "the second", second)]
        assert look(asked, deep=False) == [LOST]
        assert said == ["ok       I5  the first\n"]
        rest = capsys.readouterr().out.splitlines()
        assert rest == ["BROKEN   I5  the second", "             award 0197: led to two", "2 checks, 1 findings."]

    def test_says_nothing_beside_its_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert look([check("the first", LOST)], deep=False, says=False) == [LOST]
        assert capsys.readouterr().out == ""

    def test_asks_deeply_where_it_is_told_to(self) -> None:
        depths: list[bool] = []

        def deep_one(deep: bool) -> Iterator[Finding]:
            depths.append(deep)
            return iter(())

        for deep in (True, False):
            look([Check("I19", "every document", deep_one)], deep=deep)
        assert depths == [True, False]

    def test_shows_on_a_terminal_what_takes_long(
        self, monkeypatch: pytest.MonkeyPatch, terminal: tuple[int, IO[str]]
    ) -> None:
        reading, screen = terminal
        monkeypatch.setattr(sys, "stderr", screen)

        def slow(_deep: bool) -> Iterator[Finding]:
            time.sleep(1.3)
            return iter(())

        look([check("the first"), Check("I19", "every document", slow)], deep=True)
        screen.close()
        shown = "".join(iter(lambda: read(reading), ""))
        assert "2 of 2  every document, 1 s" in shown
        assert shown.endswith("\r\x1b[K"), "the line is empty again when it is over"


@pytest.fixture
def terminal() -> Iterator[tuple[int, IO[str]]]:
    """Open a pseudo-terminal: where to read what is shown, and the screen to write to."""
    reading, writing = pty.openpty()
    with os.fdopen(writing, "w") as screen:
        yield reading, screen
    os.close(reading)


def read(terminal: int) -> str:
    """Read what comes next; nothing once the screen is closed, which Linux reports as an error."""
    try:
        return os.read(terminal, 4_096).decode()
    except OSError:
        return ""

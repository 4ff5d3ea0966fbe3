"""How large things may grow before they are two things."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "insignia"
FILES = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)
LONGEST_FUNCTION = 80
USUAL_FUNCTION = 25


def functions(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (f"{path.relative_to(SOURCE)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    ]


class TestSize:
    @pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
    def test_no_file_is_two_things(self, path: Path) -> None:
        limit = 400 if "vc" in path.relative_to(SOURCE).parts[:1] else 500
        assert len(path.read_text().splitlines()) <= limit

    def test_no_function_is_over_eighty_lines(self) -> None:
        long = [found for path in FILES for found in functions(path) if found[1] > LONGEST_FUNCTION]
        assert long == []

    def test_nine_of_ten_functions_fit_in_twenty_five_lines(self) -> None:
        sizes = [size for path in FILES for _name, size in functions(path)]
        assert sum(size <= USUAL_FUNCTION for size in sizes) / len(sizes) >= 0.9

    def test_no_room_is_a_lumber_room(self) -> None:
        names = {"utils", "util", "common", "helpers", "misc"}
        assert [path for path in SOURCE.rglob("*") if path.stem in names] == []

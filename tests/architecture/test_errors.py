"""One error shape: a family, a stable code, one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from insignia.foundation.errors import (
    Conflict,
    Gone,
    InsigniaError,
    Invalid,
    NotAllowed,
    NotFound,
    TooLarge,
    TooOften,
    Unavailable,
    Unidentified,
    Unreadable,
    WrongKind,
)
from insignia.vc.errors import VcError

FAMILIES = (NotAllowed, NotFound, Conflict, Invalid, Unavailable)
WITHIN_FAMILIES = (Gone, TooLarge, TooOften, Unidentified, Unreadable, WrongKind)
SOURCE = Path(__file__).parents[2] / "src"


def load_every_errors_module() -> None:
    for path in SOURCE.glob("insignia/**/errors.py"):
        import_module(".".join(path.relative_to(SOURCE).with_suffix("").parts))


def below(root: type[Exception]) -> Iterator[type[Exception]]:
    for child in root.__subclasses__():
        yield child
        yield from below(child)


class TestErrors:
    def test_every_domain_error_belongs_to_a_family(self) -> None:
        load_every_errors_module()
        orphans = [error for error in below(InsigniaError) if not issubclass(error, FAMILIES)]
        assert orphans == []

    def test_every_error_has_its_own_kebab_code(self) -> None:
        load_every_errors_module()
        for root in (InsigniaError, VcError):
            errors = [error for error in below(root) if error not in (*FAMILIES, *WITHIN_FAMILIES)]
            codes = [error.__dict__.get("code") for error in errors]
            missing = [error.__qualname__ for error, code in zip(errors, codes, strict=True) if not code]
            assert missing == []
            assert [code for code in codes if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", str(code))] == []
            assert len(codes) == len(set(codes)), sorted(str(code) for code in codes)

    def test_every_error_says_in_its_docstring_what_happened(self) -> None:
        load_every_errors_module()
        silent = [
            error.__qualname__ for root in (InsigniaError, VcError) for error in below(root) if not error.__doc__
        ]
        assert silent == []

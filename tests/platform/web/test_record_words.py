"""Every change that the record names has words on the page of the record."""

from __future__ import annotations

import ast
from pathlib import Path

import insignia
from insignia.config.jobs import JOBS, LATE_VALUES
from insignia.web.organizations.telling import ACTIONS, SUBJECTS

ROOT = Path(insignia.__file__).parent
NO_CHANGES = {
    "audit-checkpoint.json",
    "runs.check",
    "awards.recovery",
    "awards.renewals-round",
}  # a file, actors, a lease
RECORDERS = {"audit_record", "audit_record_many", "run_audit", "_audit"}


def actions_recorded() -> dict[str, Path]:
    """Read, in modules that write into the record, every text that looks like the name of a change."""
    found: dict[str, Path] = {}
    for module in ROOT.rglob("*.py"):
        text = module.read_text()
        records = any(f"{name}(" in text for name in RECORDERS) or module.name == "rules.py"
        if not records or ROOT / "web" in module.parents:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_action(node.value):
                found[node.value] = module.relative_to(ROOT)
    return {name: module for name, module in found.items() if name not in {*JOBS, *LATE_VALUES, *NO_CHANGES}}


def _is_action(text: str) -> bool:
    subject, dot, change = text.partition(".")
    return bool(dot) and all(part.replace("-", "").replace("_", "").isalpha() for part in (subject, change))


def test_the_search_finds_what_is_recorded() -> None:
    assert {"award.issued", "run.started", "signing.intended", "membership.roles"} <= actions_recorded().keys()


def test_every_change_has_words() -> None:
    assert {name: module for name, module in actions_recorded().items() if name not in ACTIONS} == {}


def test_every_subject_is_offered_by_the_filter_once() -> None:
    kinds = [kind for _words, kinds in SUBJECTS.values() for kind in kinds]
    assert len(kinds) == len(set(kinds))
    assert {"run", "mass-change", "reservation", "award"} <= set(kinds)

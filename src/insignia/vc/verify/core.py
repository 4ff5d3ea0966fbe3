"""The checks that any secured credential goes through, badge or status list, in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from insignia.vc.errors import VcError
from insignia.vc.verify.checks import context, controller, dates, expiry, key, proof, signature, terms, types
from insignia.vc.verify.report import CheckResult, Outcome
from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from insignia.vc.verify.subject import Subject

Run: TypeAlias = Callable[["Subject"], CheckResult]
Results: TypeAlias = dict[str, CheckResult]


@dataclass(frozen=True)
class Step:
    """One check, and the checks that must have passed for it to make sense."""

    check: Check
    run: Run
    needs: tuple[str, ...] = ()
    needs_for_embedded: tuple[str, ...] = ()


CORE = (
    Step(context.CHECK, context.check),
    Step(terms.CHECK, terms.check, needs=("context",)),
    Step(types.CHECK, types.check),
    Step(dates.CHECK, dates.check),
    Step(proof.CHECK, proof.check),
    Step(key.CHECK, key.check),
    Step(controller.CHECK, controller.check),
    Step(signature.CHECK, signature.check, needs_for_embedded=("context", "terms")),
    Step(expiry.CHECK, expiry.check, needs=("dates",)),
)

LEARNED_FROM = ("terms", "proof", "controller", "signature")
"""What the general path must have found good of a document whose shape is learned."""


def run_steps(steps: tuple[Step, ...], subject: Subject, before: Mapping[str, CheckResult]) -> Results:
    """Run checks in order; one whose needs did not pass is skipped and says which."""
    results: Results = dict(before)
    for step in steps:
        results[step.check.check_id] = _run(step, subject, results)
    return results


def _run(step: Step, subject: Subject, results: Results) -> CheckResult:
    needs = step.needs + (() if subject.token else step.needs_for_embedded)
    blocking = [name for name in needs if results[name].outcome is not Outcome.PASSED]
    if blocking:
        return step.check.skipped(f"Not checked, because {blocking[0]} did not pass.", "not-reached")
    try:
        return step.run(subject)
    except VcError as error:
        return step.check.of_error(error)


def run_core(subject: Subject) -> Results:
    """Run the core. A document of an older standard ends at its context, by name."""
    first = run_steps(CORE[:1], subject, {})
    if first["context"].data.get("code") in set(context.OLDER_CODES):
        reached = "Not checked: the document follows an older standard."
        return first | {step.check.check_id: step.check.skipped(reached, "not-reached") for step in CORE[1:]}
    results = run_steps(CORE[1:], subject, first)
    if all(results[name].outcome is Outcome.PASSED for name in LEARNED_FROM):
        subject.learn()
    return results

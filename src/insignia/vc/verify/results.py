"""Making check results, and putting several into one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from insignia.vc.errors import ContextInline, ContextUnknown, LimitExceeded, Unreachable, Unsupported, VcError
from insignia.vc.verify.report import CheckResult, Outcome

if TYPE_CHECKING:
    from insignia.vc.model.json import Json

WORST_FIRST = (Outcome.FAILED, Outcome.UNDETERMINED, Outcome.PASSED, Outcome.SKIPPED)
# what these say is about us or the network, not about the document
CANNOT_TELL = (LimitExceeded, Unreachable, Unsupported, ContextUnknown, ContextInline)


class Check:
    """One named check with the clause it comes from; makes its results."""

    def __init__(self, check_id: str, spec: str) -> None:
        self.check_id = check_id
        self.spec = spec

    def passed(self, message: str, **data: Json) -> CheckResult:
        """Say that it holds."""
        return CheckResult(self.check_id, Outcome.PASSED, message, self.spec, data)

    def failed(self, code: str, message: str, **data: Json) -> CheckResult:
        """Say that it does not hold."""
        return CheckResult(self.check_id, Outcome.FAILED, message, self.spec, {"code": code, **data})

    def undetermined(self, code: str, message: str, **data: Json) -> CheckResult:
        """Say that it cannot be told."""
        return CheckResult(self.check_id, Outcome.UNDETERMINED, message, self.spec, {"code": code, **data})

    def skipped(self, message: str, code: str = "not-applicable") -> CheckResult:
        """Say that there was nothing to check, or no point in checking."""
        return CheckResult(self.check_id, Outcome.SKIPPED, message, self.spec, {"code": code})

    def of_error(self, error: VcError) -> CheckResult:
        """Turn an error into a result: what we cannot judge is undetermined, everything else failed."""
        make = self.undetermined if isinstance(error, CANNOT_TELL) else self.failed
        return make(error.code, error.message)

    def worst(self, results: Iterable[CheckResult], *, none: str) -> CheckResult:
        """Give the worst of several results of this check, or SKIPPED with `none` as message."""
        ranked: Sequence[CheckResult] = sorted(results, key=lambda result: WORST_FIRST.index(result.outcome))
        return ranked[0] if ranked else self.skipped(none)

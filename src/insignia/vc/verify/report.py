"""What a verification says: named checks, each with an outcome, and the verdict that follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from insignia.vc.model.json import Json, JsonObject


class Outcome(StrEnum):
    """How one check ended. UNDETERMINED: it could not be told, which is neither good nor bad."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    UNDETERMINED = "UNDETERMINED"


class Verdict(StrEnum):
    """What the required checks add up to."""

    VALID = "VALID"
    INVALID = "INVALID"
    UNDETERMINED = "UNDETERMINED"


@dataclass(frozen=True)
class CheckResult:
    """One named check. `data` holds values for translation; `data["code"]` says why it did not pass."""

    check_id: str
    outcome: Outcome
    message: str
    spec: str
    data: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class CredentialSummary:
    """Who says what of whom, as far as the document says it; nothing here is trusted by itself."""

    id: str | None
    name: str | None
    issuer: str | None
    recipient: str | None = None


@dataclass(frozen=True)
class Report:
    """The verdict, every check in its order, what was verified."""

    verdict: Verdict
    checks: tuple[CheckResult, ...]
    credential: CredentialSummary
    document: JsonObject | None = None

    def check(self, check_id: str) -> CheckResult:
        """Find one check by id.

        Raises:
            KeyError: there is none.
        """
        for result in self.checks:
            if result.check_id == check_id:
                return result
        raise KeyError(check_id)

    def to_json(self) -> JsonObject:
        """Write the report in the shape that `insignia verify --json` prints."""
        credential: JsonObject = {
            "id": self.credential.id,
            "name": self.credential.name,
            "issuer": self.credential.issuer,
        }
        if self.credential.recipient is not None:
            credential["recipient"] = self.credential.recipient
        return {
            "verdict": str(self.verdict),
            "checks": [
                {
                    "check_id": result.check_id,
                    "outcome": str(result.outcome),
                    "message": result.message,
                    "spec": result.spec,
                }
                for result in self.checks
            ],
            "credential": credential,
        }

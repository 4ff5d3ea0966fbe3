"""What a verifier demands: which checks must hold, which algorithms count, whom it trusts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from insignia.vc.keys import Algorithm
from insignia.vc.limits import DEFAULT_LIMITS, Limits
from insignia.vc.proofs import vc_jwt
from insignia.vc.verify.report import Outcome, Verdict

if TYPE_CHECKING:
    from insignia.vc.verify.report import CheckResult

REQUIRED = frozenset(
    {
        "readable",
        "context",
        "terms",
        "types",
        "dates",
        "proof",
        "key",
        "controller",
        "signature",
        "expiry",
        "status.revocation",
        "status.suspension",
        "status.other",
    }
)
"""Required unless a policy says otherwise. Superseded (status.refresh) is news, not a flaw."""


@dataclass(frozen=True)
class Policy:
    """A verifier's demands, composed by the caller.

    Attributes:
        required: ids of the checks that decide the verdict; all others inform.
        key_algorithms: kinds of key that count for embedded proofs.
        jwt_algorithms: JOSE names that count for tokens; `none` and HS* cannot be named.
        trusted_issuers: issuer ids for the check `issuer-trust`; None means that nobody was named.
        trusted_list_signers: who besides the credential's issuer may sign its status list.
        limits: the largest input that is judged.
    """

    required: frozenset[str] = REQUIRED
    key_algorithms: frozenset[Algorithm] = frozenset(
        {Algorithm.ED25519, Algorithm.P256, Algorithm.P384, Algorithm.RSA}
    )
    jwt_algorithms: frozenset[str] = frozenset(vc_jwt.ALGORITHMS)
    trusted_issuers: frozenset[str] | None = None
    trusted_list_signers: frozenset[str] = frozenset()
    limits: Limits = DEFAULT_LIMITS

    @classmethod
    def default(cls) -> Policy:
        """Give the policy for badges from anywhere."""
        return cls()

    def verdict(self, results: Iterable[CheckResult]) -> Verdict:
        """Add the required checks up: one FAILED is INVALID, else one UNDETERMINED is UNDETERMINED, else VALID."""
        outcomes = {result.outcome for result in results if result.check_id in self.required}
        if Outcome.FAILED in outcomes:
            return Verdict.INVALID
        return Verdict.UNDETERMINED if Outcome.UNDETERMINED in outcomes else Verdict.VALID

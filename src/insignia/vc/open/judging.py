"""Judging: any bytes in, a report out. Input that cannot be read is a report too."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from insignia.vc.errors import LimitExceeded, Unsupported, VcError
from insignia.vc.open.opening import open_bytes
from insignia.vc.verify import Policy, unjudged, unreadable, verify, verify_jwt

if TYPE_CHECKING:
    from insignia.vc.verify import Report, Sources


def judge(raw: bytes, *, at: datetime, sources: Sources, policy: Policy | None = None) -> Report:
    """Find the credential in any bytes and verify it as of `at` (aware).

    What is too large to judge, or of a kind that we do not judge, is UNDETERMINED by `readable`; what is no
    credential is INVALID by it. Nothing is raised for what the bytes say.
    """
    policy = policy or Policy.default()
    try:
        opened = open_bytes(raw, limits=policy.limits)
    except (LimitExceeded, Unsupported) as error:
        return unjudged(error.code, error.message, policy=policy)
    except VcError as error:
        return unreadable(error.code, error.message, policy=policy)
    if opened.form == "jwt":
        return verify_jwt(opened.secured.decode("ascii"), at=at, sources=sources, policy=policy)
    return verify(opened.secured, at=at, sources=sources, policy=policy)

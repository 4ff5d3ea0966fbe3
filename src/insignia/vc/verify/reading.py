"""Reading documents as JSON-LD compacts them: one value or an array of one mean the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from insignia.vc.verify.report import CredentialSummary

if TYPE_CHECKING:
    from insignia.vc.model.json import Json, JsonObject


def values(value: Json) -> list[Json]:
    """List the values of a member: none, one, or all of an array."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def texts(value: Json) -> tuple[str, ...]:
    """List the values of a member that are text."""
    return tuple(item for item in values(value) if isinstance(item, str))


def objects(value: Json) -> tuple[JsonObject, ...]:
    """List the values of a member that are objects."""
    return tuple(item for item in values(value) if isinstance(item, dict))


def single(value: Json) -> Json:
    """Give the one value of a member, unwrapped from an array of one."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def id_of(value: Json) -> str | None:
    """Give the id of an object, or the text that stands for one."""
    found = single(value)
    name = found.get("id") if isinstance(found, dict) else found
    return name if isinstance(name, str) and name else None


def has_type(holder: Mapping[str, Json], *names: str) -> bool:
    """Say whether one of the names is among the object's types."""
    return not set(names).isdisjoint(texts(holder.get("type")))


def host_of(identifier: str) -> str | None:
    """Give the host that answers for an https address."""
    try:
        parts = urlsplit(identifier)
        return parts.netloc.lower() if parts.scheme == "https" and parts.netloc else None
    except ValueError:
        return None


def label(value: Json) -> str | None:
    """Give the text of a name, also when it is a language value or several."""
    for item in values(value):
        found = item.get("@value") if isinstance(item, dict) else item
        if isinstance(found, str):
            return found
    return None


def summary(document: JsonObject) -> CredentialSummary:
    """Sum up who says what of whom."""
    issuer, subject = single(document.get("issuer")), single(document.get("credentialSubject"))
    subject = subject if isinstance(subject, dict) else {}
    achievement = single(subject.get("achievement"))
    named = achievement if isinstance(achievement, dict) else {}
    issuer_name = label(issuer.get("name")) if isinstance(issuer, dict) else None
    return CredentialSummary(
        id=id_of(document.get("id")),
        name=label(document.get("name")) or label(named.get("name")),
        issuer=issuer_name or id_of(issuer),
        recipient=_recipient(subject),
    )


def _recipient(subject: JsonObject) -> str | None:
    for entry in objects(subject.get("identifier")):
        if entry.get("identityType") == "name" and entry.get("hashed") is False:
            return label(entry.get("identityHash"))
    return label(subject.get("name")) or id_of(subject)

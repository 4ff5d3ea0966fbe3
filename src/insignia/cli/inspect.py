"""`insignia inspect`: what a credential says, in words, without judging whether it is true."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click

from insignia.cli.reading import ACCEPT, is_link, new_fetcher, read_file
from insignia.cli.terminal import plain, say, say_columns
from insignia.vc.limits import parse_object
from insignia.vc.model.json import Json, JsonObject
from insignia.vc.open import Opened, open_bytes
from insignia.vc.proofs import vc_jwt

FORMS = {
    "json": "JSON",
    "jwt": "a token (VC-JWT)",
    "png": "a PNG picture with a credential inside",
    "svg": "an SVG picture with a credential inside",
}
Fact = tuple[str, str]


@click.command()
@click.argument("credential", metavar="FILE|URL|-")
@click.option("--json", "as_json", is_flag=True, help="Print the credential itself, indented.")
def inspect(*, credential: str, as_json: bool) -> None:
    """Show what a credential says. Nothing is checked: use `insignia verify` for that."""
    raw = new_fetcher().fetch(credential, ACCEPT) if is_link(credential) else read_file(credential)
    opened = open_bytes(raw)
    document, header = _read(opened)
    if as_json:
        print(json.dumps(document, indent=2))
        return
    say_columns([("form", 14)], FORMS[opened.kind])
    for label, value in (*facts(document), *_security(document, header)):
        say_columns([(label, 14)], plain(value))
    say()
    say("Nothing was checked. To check it: insignia verify")


def _read(opened: Opened) -> tuple[JsonObject, JsonObject | None]:
    if opened.form == "jwt":
        token = vc_jwt.parse(opened.secured.decode("ascii"))
        return token.document, token.header
    return parse_object(opened.secured), None


def facts(document: JsonObject) -> Iterator[Fact]:
    """List what the document says, in the order of a reader's questions; what it leaves out is left out."""
    subject = _object(document.get("credentialSubject"))
    achievement = _object(subject.get("achievement"))
    yield from _texts("name", document.get("name") or achievement.get("name"))
    yield from _texts("description", achievement.get("description"))
    yield from _texts("type", document.get("type"))
    yield from _thing("issuer", document.get("issuer"))
    yield from _recipient(subject)
    for label, name in (("valid from", "validFrom"), ("valid until", "validUntil"), ("awarded", "awardedDate")):
        yield from _texts(label, document.get(name))
    yield from _texts("criteria", _object(achievement.get("criteria")).get("narrative"))
    yield from _thing("achievement", achievement)
    for alignment in _objects(achievement.get("alignment")):
        yield from _texts("aligned to", alignment.get("targetName") or alignment.get("targetUrl"))
    yield from _results(subject, achievement)
    for evidence in _objects(document.get("evidence")):
        yield from _thing("evidence", evidence)
    yield from _texts("id", document.get("id"))


def _security(document: JsonObject, header: JsonObject | None) -> Iterator[Fact]:
    for status in _objects(document.get("credentialStatus")):
        where = status.get("statusListCredential") or status.get("id")
        yield "status", " ".join(str(part) for part in (status.get("statusPurpose"), where) if part)
    if header is not None:
        yield "signed", f"{header.get('alg')} by {header.get('kid') or 'the key in its header'}"
    for proof in _objects(document.get("proof")):
        suite = proof.get("cryptosuite") or proof.get("type")
        yield "signed", f"{suite} by {proof.get('verificationMethod')}, {proof.get('created', 'no date')}"
    if header is None and not _objects(document.get("proof")):
        yield "signed", "no"


def _recipient(subject: JsonObject) -> Iterator[Fact]:
    for identity in _objects(subject.get("identifier")):
        hashed = " (hashed)" if identity.get("hashed") is True else ""
        yield "recipient", f"{identity.get('identityType')}: {identity.get('identityHash')}{hashed}"
    yield from _texts("recipient id", subject.get("id"))


def _results(subject: JsonObject, achievement: JsonObject) -> Iterator[Fact]:
    """Give each result under the names that the achievement has for its criterion and level."""
    described = _objects(achievement.get("resultDescription"))
    levels = [level for criterion in described for level in _objects(criterion.get("rubricCriterionLevel"))]
    names = {str(part.get("id")): str(part.get("name")) for part in (*described, *levels) if part.get("name")}
    for result in _objects(subject.get("result")):
        reached = result.get("achievedLevel") or result.get("value") or result.get("status")
        parts = [str(part) for part in (result.get("resultDescription"), reached) if part]
        yield "result", ": ".join(names.get(part, part) for part in parts)


def _thing(label: str, value: Json) -> Iterator[Fact]:
    """Give name and id of a thing that may be written as its id alone."""
    for item in _values(value):
        if isinstance(item, dict):
            parts = [str(part) for part in (item.get("name"), item.get("id")) if isinstance(part, str)]
            yield label, "  ".join(parts) or "(no name)"
        elif isinstance(item, str):
            yield label, item


def _texts(label: str, value: Json) -> Iterator[Fact]:
    found = [item for item in _values(value) if isinstance(item, str) and item]
    if found:
        yield label, ", ".join(found)


def _values(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _objects(value: Json) -> list[JsonObject]:
    return [item for item in _values(value) if isinstance(item, dict)]


def _object(value: Json) -> JsonObject:
    return next(iter(_objects(value)), {})

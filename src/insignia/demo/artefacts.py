"""The files the demo leaves, so that anyone can check them with other software."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from insignia.accounts.models import Person
from insignia.awards.models import Award
from insignia.awards.selectors import award_json, award_jwt, award_png, award_public, award_svg
from insignia.issuing.models import Issuer, Purpose
from insignia.issuing.selectors import did_document, lists_of, status_document

LIST_FILES = {
    Purpose.REVOCATION: "status-list.json",
    Purpose.SUSPENSION: "status-list-suspension.json",
    Purpose.REFRESH: "status-list-refresh.json",
}


def artefacts_write(folder: Path, *, award: Award, viewer: Person, issuer: Issuer, at: datetime) -> list[Path]:
    """Write the badge in its forms, a changed copy, the issuer's DID document and its status lists."""
    view = award_public(award_id=award.public_id, viewer=viewer, on=at)
    signed = award_json(view)
    found = {
        "badge.json": signed,
        "badge.jwt": award_jwt(view).encode(),
        "badge.png": award_png(view),
        "badge.svg": award_svg(view),
        "tampered.json": one_letter_changed(signed),
        "did.json": json.dumps(did_document(issuer), ensure_ascii=False, indent=1).encode(),
    }
    for row in lists_of(issuer):
        found[LIST_FILES[Purpose(row.purpose)]] = status_document(row.public_id)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in found.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in found]


def one_letter_changed(signed: bytes) -> bytes:
    """Change a single byte inside the badge's name, as a forger might."""
    name = json.loads(signed)["credentialSubject"]["achievement"]["name"].encode()
    forged = name[:-1] + bytes([name[-1] ^ 1])
    return signed.replace(name, forged, 1)

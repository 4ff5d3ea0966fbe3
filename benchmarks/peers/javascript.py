"""The Digital Bazaar JavaScript stack, which the specification's authors maintain, run by Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import Effort, Samples
from benchmarks.sample import AT, ISSUER, METHOD, Issuer
from insignia.vc.keys.encoding import base58_encode
from insignia.vc.model.json import JsonObject
from insignia.vc.model.moments import moment_write

SOURCE = Path(__file__).parent / "js"
INSTALLED = Path("build/bench/js")
DID_CONTEXT, MULTIKEY_CONTEXT = "https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"
ED25519_SECRET = b"\x80\x26"
CREDENTIALS = 50


class NodeMissing(Exception):
    """The JavaScript peer cannot run here; the message is one line for people."""


@dataclass(frozen=True)
class Rates:
    """What Node.js measured, and the proof values of the credentials it signed."""

    proofs: tuple[str, ...]
    sign: Samples
    verify: Samples


def measure(issuer: Issuer, effort: Effort) -> Rates:
    """Let Node.js sign and verify the same credentials.

    Raises:
        NodeMissing: no node or npm, or the packages cannot be installed.
    """
    _install()
    job = {**_job(issuer), "rounds": effort.rounds, "seconds": effort.seconds}
    command = [_tool("node"), "measure.mjs"]
    finished = subprocess.run(
        command, check=True, cwd=INSTALLED, input=json.dumps(job), stdout=subprocess.PIPE, text=True
    )
    found = json.loads(finished.stdout)
    return Rates(tuple(found["proofs"]), Samples(tuple(found["sign"])), Samples(tuple(found["verify"])))


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise NodeMissing(f"{name} is not installed: sudo apt-get install nodejs npm")
    return found


def _install() -> None:
    """Bring the locked packages into the build directory, once."""
    npm = _tool("npm")
    lock = (SOURCE / "package-lock.json").read_bytes()
    INSTALLED.mkdir(parents=True, exist_ok=True)
    (INSTALLED / "measure.mjs").write_bytes((SOURCE / "measure.mjs").read_bytes())
    copy = INSTALLED / "package-lock.json"
    if copy.exists() and copy.read_bytes() == lock and (INSTALLED / "node_modules").exists():
        return
    for name in (".npmrc", "package.json"):
        (INSTALLED / name).write_bytes((SOURCE / name).read_bytes())
    copy.write_bytes(lock)
    try:
        subprocess.run([npm, "ci", "--silent"], check=True, cwd=INSTALLED)
    except subprocess.CalledProcessError as error:
        copy.unlink()
        raise NodeMissing(f"npm could not install the packages of {SOURCE}") from error


def _job(issuer: Issuer) -> dict[str, object]:
    credentials = issuer.documents(CREDENTIALS)
    multikey = {
        "@context": MULTIKEY_CONTEXT,
        "id": METHOD,
        "type": "Multikey",
        "controller": ISSUER,
        "publicKeyMultibase": issuer.ed25519.public.multibase,
    }
    controller = {
        "@context": [DID_CONTEXT, MULTIKEY_CONTEXT],
        "id": ISSUER,
        "assertionMethod": [METHOD],
        "verificationMethod": [multikey],
    }
    secret = "z" + base58_encode(ED25519_SECRET + issuer.ed25519.private_bytes)
    return {
        "credentials": credentials,
        "created": moment_write(AT),
        "key": {**multikey, "secretKeyMultibase": secret},
        "documents": {METHOD: multikey, ISSUER: controller, **_contexts(issuer, credentials[0])},
    }


def _contexts(issuer: Issuer, document: JsonObject) -> dict[str, JsonObject]:
    urls = document["@context"]
    names = [str(url) for url in urls] if isinstance(urls, list) else [str(urls)]
    return {url: issuer.loader.body(url) for url in names}

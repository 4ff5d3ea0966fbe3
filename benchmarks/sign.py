"""Signing, per core: an award's values in, the signed badge's bytes out.

What came out is compared first: all implementations have to give the same proof, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measuring import Samples, Task, one_core, rates
from benchmarks.options import Options
from benchmarks.peers import javascript, openbadges, raw
from benchmarks.results import RAW_SIGNING, Line
from benchmarks.sample import AT, KID, METHOD, SLOTS, Issuer, credential, rows
from insignia.vc.issue import CredentialShape
from insignia.vc.limits import parse_object
from insignia.vc.proofs.vc_jwt import assemble

EDDSA, TOKEN = "sign.eddsa-rdfc-2022", "sign.vc-jwt"
GENERAL = f"{EDDSA}.general-path"
OPENBADGESLIB, JAVASCRIPT = "sign.openbadgeslib", "sign.digitalbazaar-js"
PYNACL, CRYPTOGRAPHY, ES256 = "sign.raw.pynacl", "sign.raw.cryptography", "sign.raw.es256"


class ProofsDiffer(Exception):
    """An implementation gives another proof than the others: its speed says nothing."""


def measure(options: Options) -> Iterator[Line]:
    """Measure ours, the peers and the bare arithmetic in turns."""
    issuer = Issuer.fixed()
    proofs_compare(issuer)
    with one_core():
        found = rates(_contenders(issuer, options.inputs), options.effort)
        raw_rate = found[PYNACL].median
        for name, samples in found.items():
            yield _line(name, samples, raw_rate)
        try:
            theirs = javascript.measure(issuer, options.effort)
        except javascript.NodeMissing as error:
            print(f"{JAVASCRIPT}: left out, {error}")
            return
    _require(theirs.proofs[0], our_proof(issuer), "The JavaScript stack")
    yield _line(JAVASCRIPT, theirs.sign, raw_rate)


def _line(name: str, samples: Samples, raw_rate: float) -> Line:
    return Line(name, samples.median, "1/s", RAW_SIGNING, raw_rate, samples.spread)


def raw_rate(options: Options) -> float:
    """Measure only what others are compared with."""
    with one_core():
        return rates({PYNACL: raw.pynacl_signing()}, options.effort)[PYNACL].median


def _contenders(issuer: Issuer, count: int) -> dict[str, Task]:
    return {
        EDDSA: eddsa_signing(issuer, count),
        GENERAL: general_signing(issuer, count),
        TOKEN: token_signing(issuer, count),
        OPENBADGESLIB: openbadges.signing(issuer, count),
        PYNACL: raw.pynacl_signing(),
        CRYPTOGRAPHY: raw.cryptography_signing(),
        ES256: es256_signing(issuer),
    }


def shape_of(issuer: Issuer) -> CredentialShape:
    """Compile the sample's shape."""
    return CredentialShape.compile(
        credential(), SLOTS, verification_method=METHOD, jwt_kid=KID, created=AT, loader=issuer.loader
    )


def eddsa_signing(issuer: Issuer, count: int) -> Task:
    """Sign with a compiled shape: each row passes the lint of its slots, as it does when awards are made."""
    shape, values, key = shape_of(issuer), rows(count), issuer.ed25519

    def sign(number: int) -> bytes:
        prepared = shape.prepare(values[number % count], created=AT)
        return prepared.with_proof(key.sign(prepared.data_integrity_input))

    return sign


def general_signing(issuer: Issuer, count: int) -> Task:
    """Sign by the general path: lint, rehearsal with throwaway keys, both secured forms."""
    documents = issuer.documents(count)
    return lambda number: issuer.sign(documents[number % count])


def token_signing(issuer: Issuer, count: int) -> Task:
    """Sign the other secured form, with a compiled shape."""
    shape, values, key = shape_of(issuer), rows(count), issuer.p256

    def sign(number: int) -> str:
        token = shape.prepare(values[number % count], created=AT).jwt_signing_input
        return assemble(token, key.sign(token))

    return sign


def es256_signing(issuer: Issuer) -> Task:
    """Sign 64 bytes with P-256, deterministically: what bounds the token."""
    data, key = raw.inputs(), issuer.p256
    return lambda number: key.sign(data[number % raw.INPUTS])


def our_proof(issuer: Issuer) -> str:
    """Give the proof of the first credential by the general path."""
    return _proof_of(issuer.sign(issuer.documents(1)[0]).json_bytes)


def proofs_compare(issuer: Issuer) -> None:
    """Hold the compiled shape and openbadgeslib against the general path.

    Raises:
        ProofsDiffer: one of them says something else.
    """
    wanted = our_proof(issuer)
    compiled = eddsa_signing(issuer, 1)(0)
    assert isinstance(compiled, bytes)
    _require(_proof_of(compiled), wanted, "The compiled shape")
    _require(openbadges.proof_value(issuer), wanted, "openbadgeslib")


def _proof_of(raw_bytes: bytes) -> str:
    proof = parse_object(raw_bytes)["proof"]
    return str(proof["proofValue"]) if isinstance(proof, dict) else ""


def _require(found: str, wanted: str, who: str) -> None:
    if found != wanted:
        raise ProofsDiffer(f"{who} gives another proof of the same credential: {found}, not {wanted}.")

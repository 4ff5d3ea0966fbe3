"""The published vectors of W3C and 1EdTech: hashes, signatures and verdicts, byte by byte."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from insignia.vc.contexts import ContextLoader
from insignia.vc.did import ChainResolver, KeyResolver, SuppliedResolver
from insignia.vc.errors import SignatureMismatch
from insignia.vc.keys import Algorithm, LocalSigner, PublicKey
from insignia.vc.keys.encoding import base58_decode
from insignia.vc.model.json import JsonObject
from insignia.vc.proofs import data_integrity
from insignia.vc.verify import NoStatusLists, Outcome, Report, Sources, Verdict, verify
from tests.shared_data import STANDARDS, VECTORS, needs_shared

pytestmark = needs_shared
EDDSA, ECDSA, ONE_EDTECH = VECTORS / "vc-di-eddsa", VECTORS / "vc-di-ecdsa", VECTORS / "ob3-clr2-spec"
AT = datetime(2026, 5, 14, tzinfo=UTC)
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"

HASHED = [
    (EDDSA / "eddsa-rdfc-2022", "DataInt"),
    (ECDSA / "ecdsa-rdfc-2019-p256", "ECDSAP256"),
    (ECDSA / "ecdsa-rdfc-2019-p384", "ECDSAP384"),
]
# These use a context of the W3C CCG (citizenship v4rc1) that is not among the collected ones.
UNKNOWN_CONTEXT = [(folder / "employ", suffix) for folder, suffix in HASHED]
UNKNOWN_SUITES = [
    (EDDSA / "eddsa-jcs-2022" / "signedJCS.json", "eddsa-jcs-2022"),
    (EDDSA / "Ed25519Signature2020" / "signedEdSig.json", "Ed25519Signature2020"),
    (ECDSA / "ecdsa-jcs-2019-p256" / "signedJCSECDSAP256.json", "ecdsa-jcs-2019"),
    (ECDSA / "ecdsa-jcs-2019-p384" / "signedJCSECDSAP384.json", "ecdsa-jcs-2019"),
    (ECDSA / "ecdsa-sd-2023" / "employ" / "addSignedSDBase.json", "ecdsa-sd-2023"),
]
SETS_AND_CHAINS = ["signedProofSet1", "signedProofSet2", "signedProofChain1", "signedProofChain2"]


def name_of(path: object) -> str:
    return str(path.relative_to(VECTORS)) if isinstance(path, Path) else str(path)


def read(path: Path) -> JsonObject:
    found: JsonObject = json.loads(path.read_text("utf-8"))
    return found


def loader() -> ContextLoader:
    contexts = STANDARDS / "contexts" / "w3c"
    return ContextLoader({EXAMPLES: read(contexts / "credentials-examples-v2.jsonld")})


def judged(document: JsonObject, *supplied: JsonObject) -> Report:
    resolver = ChainResolver(KeyResolver(), SuppliedResolver(list(supplied)))
    sources = Sources(resolver, NoStatusLists(), loader())
    return verify(json.dumps(document).encode(), at=AT, sources=sources)


def key_of(proof: JsonObject) -> PublicKey:
    return PublicKey.from_multibase(str(proof["verificationMethod"]).partition("#")[2])


def proof_of(document: JsonObject) -> JsonObject:
    proof = document["proof"]
    found = proof[0] if isinstance(proof, list) else proof
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(("folder", "suffix"), HASHED, ids=name_of)
class TestSigningInput:
    def test_is_the_published_pair_of_hashes(self, folder: Path, suffix: str) -> None:
        signed = read(folder / f"signed{suffix}.json")
        proof = proof_of(signed)
        unsigned = {name: value for name, value in signed.items() if name != "proof"}
        options = {name: value for name, value in proof.items() if name != "proofValue"}
        algorithm = key_of(proof).algorithm
        found = data_integrity.signing_input(unsigned, options, loader=loader(), algorithm=algorithm)
        assert found.hex() == (folder / f"combinedHash{suffix}.txt").read_text().strip()

    def test_its_signature_is_accepted_and_no_other(self, folder: Path, suffix: str) -> None:
        signed = read(folder / f"signed{suffix}.json")
        assert judged(signed).check("signature").outcome is Outcome.PASSED
        changed = {**signed, "name": "Another name"}
        assert judged(changed).check("signature").outcome is Outcome.FAILED
        assert judged(changed).verdict is Verdict.INVALID

    def test_the_key_of_somebody_else_is_no_issuers(self, folder: Path, suffix: str) -> None:
        # the vectors sign with a did:key what names an https issuer: nothing ties the two together
        report = judged(read(folder / f"signed{suffix}.json"))
        assert report.check("controller").outcome is Outcome.FAILED
        assert report.verdict is Verdict.INVALID


@pytest.mark.parametrize(("folder", "suffix"), UNKNOWN_CONTEXT, ids=name_of)
class TestUnknownContext:
    def test_leaves_the_document_undetermined_by_name(self, folder: Path, suffix: str) -> None:
        result = judged(read(folder / f"signed{suffix}.json")).check("context")
        assert result.outcome is Outcome.UNDETERMINED
        assert result.data["code"] == "context-unknown"

    def test_the_published_hashes_carry_the_signature(self, folder: Path, suffix: str) -> None:
        raw = proof_of(read(folder / f"signed{suffix}.json"))
        hashes = bytes.fromhex((folder / f"combinedHash{suffix}.txt").read_text())
        assert key_of(raw).verify(data_integrity.parse(raw).signature, hashes)


class TestSigning:
    def test_makes_the_published_ed25519_signature(self) -> None:
        folder = EDDSA / "eddsa-rdfc-2022"
        secret = base58_decode(str(read(EDDSA / "keyPair.json")["privateKeyMultibase"])[1:])[2:]
        signer = LocalSigner.from_private_bytes(Algorithm.ED25519, secret)
        unsigned, options = read(EDDSA / "unsigned.json"), read(folder / "proofConfigDataInt.json")
        options.pop("@context")
        data = data_integrity.signing_input(unsigned, options, loader=loader())
        assert data_integrity.attach(unsigned, options, signer.sign(data)) == read(folder / "signedDataInt.json")


@pytest.mark.parametrize(("path", "suite"), UNKNOWN_SUITES, ids=name_of)
def test_a_suite_we_do_not_judge_is_undetermined_by_name(path: Path, suite: str) -> None:
    result = judged(read(path)).check("proof")
    assert result.outcome is Outcome.UNDETERMINED
    assert suite in result.message


@pytest.mark.parametrize("name", SETS_AND_CHAINS)
class TestProofSetsAndChains:
    def test_every_proof_holds(self, name: str) -> None:
        report = judged(read(EDDSA / "proof-set-chain" / f"{name}.json"))
        assert report.check("proof").outcome is Outcome.PASSED
        assert report.check("signature").outcome is Outcome.PASSED

    def test_one_proof_that_does_not_hold_breaks_all(self, name: str) -> None:
        document = read(EDDSA / "proof-set-chain" / f"{name}.json")
        proofs = data_integrity.proofs_of(document)
        for broken in range(len(proofs)):
            changed = [
                {**proof, "created": "2023-02-24T23:36:39Z"} if position == broken else proof
                for position, proof in enumerate(proofs)
                if isinstance(proof, dict)
            ]
            report = judged({**document, "proof": changed})  # type: ignore[dict-item]  # JSON all the same
            assert report.check("signature").outcome is Outcome.FAILED, broken

    def test_an_unknown_suite_beside_good_proofs_leaves_it_undetermined(self, name: str) -> None:
        document = read(EDDSA / "proof-set-chain" / f"{name}.json")
        proofs = data_integrity.proofs_of(document)
        strange = {**proof_of(document), "cryptosuite": "eddsa-jcs-2022", "id": "urn:uuid:strange"}
        report = judged({**document, "proof": [*proofs, strange]})
        assert report.check("proof").outcome is Outcome.UNDETERMINED
        assert report.verdict is not Verdict.VALID


class TestProofChain:
    def test_refuses_a_link_that_is_not_there(self) -> None:
        document = read(EDDSA / "proof-set-chain" / "signedProofChain1.json")
        proofs = document["proof"]
        assert isinstance(proofs, list)
        report = judged({**document, "proof": proofs[-1:]})
        assert report.check("signature").outcome is Outcome.FAILED
        assert report.check("signature").data["code"] == "proof-malformed"


@pytest.mark.parametrize("standard", ["obv3p0", "clrv2p0"])
class TestOneEdTech:
    def test_the_walkthrough_document_is_valid_with_its_profile(self, standard: str) -> None:
        signed = read(ONE_EDTECH / standard / "07-Signed_credential.json")
        method = str(proof_of(signed)["verificationMethod"])
        report = judged(signed, self._profile(method))
        assert report.check("signature").outcome is Outcome.PASSED
        assert report.check("controller").outcome is Outcome.PASSED
        assert report.verdict is Verdict.VALID, report

    def test_the_inner_hashes_are_the_published_ones(self, standard: str) -> None:
        signed = read(ONE_EDTECH / standard / "07-Signed_credential.json")
        raw = data_integrity.parse(proof_of(signed))
        key = key_of(proof_of(signed))
        data_integrity.check(signed, raw, key, loader=loader())
        with pytest.raises(SignatureMismatch):
            data_integrity.check({**signed, "name": "Changed"}, raw, key, loader=loader())

    def _profile(self, method: str) -> JsonObject:
        issuer, _, multibase = method.partition("#")
        return {
            "id": issuer,
            "type": ["Profile"],
            "verificationMethod": [
                {"id": method, "type": "Multikey", "controller": issuer, "publicKeyMultibase": multibase}
            ],
            "assertionMethod": [method],
        }

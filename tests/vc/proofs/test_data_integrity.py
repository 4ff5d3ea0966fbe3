"""Data Integrity proofs: what is signed, and what is refused before any key is asked."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.vc.errors import KeyUnsupported, ProofMalformed, ProofUnsupported, SignatureMismatch, VcError
from insignia.vc.keys import Algorithm, LocalSigner
from insignia.vc.model.json import Json, JsonObject
from insignia.vc.proofs import data_integrity
from tests.vc.credentials import AT, LOADER, METHOD, badge

OPTIONS = data_integrity.proof_options(verification_method=METHOD, created=AT)


def signed(signer: LocalSigner, cryptosuite: str = data_integrity.EDDSA_RDFC_2022) -> JsonObject:
    options = data_integrity.proof_options(verification_method=METHOD, created=AT, cryptosuite=cryptosuite)
    data = data_integrity.signing_input(badge(), options, loader=LOADER, algorithm=signer.public.algorithm)
    return data_integrity.attach(badge(), options, signer.sign(data))


def only_proof(document: JsonObject) -> data_integrity.Proof:
    (raw,) = data_integrity.proofs_of(document)
    return data_integrity.parse(raw)


class TestSigningInput:
    @pytest.mark.parametrize(
        ("suite", "algorithm", "length"),
        [
            ("eddsa-rdfc-2022", Algorithm.ED25519, 64),
            ("ecdsa-rdfc-2019", Algorithm.P256, 64),
            ("ecdsa-rdfc-2019", Algorithm.P384, 96),
        ],
    )
    def test_is_two_hashes_that_the_key_signs(self, suite: str, algorithm: Algorithm, length: int) -> None:
        signer = LocalSigner.generate(algorithm)
        options = OPTIONS | {"cryptosuite": suite}
        data = data_integrity.signing_input(badge(), options, loader=LOADER, algorithm=algorithm)
        assert len(data) == length
        document = signed(signer, suite)
        data_integrity.check(document, only_proof(document), signer.public, loader=LOADER)

    def test_depends_on_options_in_its_first_half_and_on_the_document_in_its_second(self) -> None:
        first = data_integrity.signing_input(badge(), OPTIONS, loader=LOADER)
        other_options = data_integrity.signing_input(
            badge(), OPTIONS | {"created": "2026-05-14T10:00:01Z"}, loader=LOADER
        )
        other_document = data_integrity.signing_input(badge() | {"name": "x"}, OPTIONS, loader=LOADER)
        assert first[:32] != other_options[:32]
        assert first[32:] == other_options[32:]
        assert first[:32] == other_document[:32]
        assert first[32:] != other_document[32:]

    def test_does_not_depend_on_the_order_of_members(self) -> None:
        turned = dict(reversed(badge().items()))
        assert data_integrity.signing_input(turned, OPTIONS, loader=LOADER) == data_integrity.signing_input(
            badge(), OPTIONS, loader=LOADER
        )

    def test_refuses_a_key_of_another_kind(self) -> None:
        with pytest.raises(KeyUnsupported):
            data_integrity.signing_input(badge(), OPTIONS, loader=LOADER, algorithm=Algorithm.P256)

    def test_refuses_an_unknown_suite(self) -> None:
        with pytest.raises(ProofUnsupported, match="eddsa-jcs-2022"):
            data_integrity.signing_input(badge(), OPTIONS | {"cryptosuite": "eddsa-jcs-2022"}, loader=LOADER)


class TestAttach:
    def test_leaves_the_document_it_was_given(self) -> None:
        document, before = badge(), copy.deepcopy(badge())
        with_proof = data_integrity.attach(document, OPTIONS, bytes(64))
        assert document == before
        assert list(with_proof)[-1] == "proof"


class TestParse:
    @pytest.mark.parametrize(
        "change",
        [
            {"proofValue": None},
            {"proofValue": ""},
            {"proofValue": "uAAAA"},
            {"proofValue": "z0OIl"},
            {"proofValue": "zé"},
            {"proofValue": "z" + "2" * 300},
            {"verificationMethod": None},
            {"verificationMethod": 7},
            {"proofPurpose": ""},
            {"previousProof": 7},
            {"previousProof": [["urn:x"]]},
            {"type": None},
        ],
    )
    def test_refuses_a_malformed_member(self, change: JsonObject) -> None:
        with pytest.raises(ProofMalformed):
            data_integrity.parse(OPTIONS | {"proofValue": "z2"} | change)

    @pytest.mark.parametrize(
        "change", [{"type": "Ed25519Signature2020"}, {"cryptosuite": "bbs-2023"}, {"cryptosuite": None}]
    )
    def test_names_what_it_does_not_know(self, change: JsonObject) -> None:
        with pytest.raises(ProofUnsupported):
            data_integrity.parse(OPTIONS | {"proofValue": "z2"} | change)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["type", "cryptosuite", "proofValue", "id"]), inner)
            ),
        )
    )
    def test_nothing_but_our_own_error_escapes(self, raw: Json) -> None:
        with pytest.raises(VcError):
            data_integrity.parse(raw)


class TestProofValue:
    @pytest.mark.parametrize("stray", [" ", "\n", "\t", "\u00a0", "0", "l"])
    def test_is_read_in_one_way_only(self, stray: str) -> None:
        document = signed(LocalSigner.generate(Algorithm.ED25519))
        proof = data_integrity.proofs_of(document)[0]
        assert isinstance(proof, dict)
        with pytest.raises(ProofMalformed):
            data_integrity.parse({**proof, "proofValue": f"{proof['proofValue']}{stray}"})


class TestCheck:
    def test_refuses_another_key(self) -> None:
        document = signed(LocalSigner.generate(Algorithm.ED25519))
        other = LocalSigner.generate(Algorithm.ED25519).public
        with pytest.raises(SignatureMismatch):
            data_integrity.check(document, only_proof(document), other, loader=LOADER)

    @pytest.mark.parametrize("member", ["created", "proofPurpose", "verificationMethod"])
    def test_covers_the_proofs_own_members(self, member: str) -> None:
        signer = LocalSigner.generate(Algorithm.ED25519)
        document = signed(signer)
        proof = document["proof"]
        assert isinstance(proof, dict)
        changes = {
            "created": "2020-01-01T00:00:00Z",
            "proofPurpose": "authentication",
            "verificationMethod": "did:web:other.example#1",
        }
        changed = document | {"proof": proof | {member: changes[member]}}
        with pytest.raises(SignatureMismatch):
            data_integrity.check(changed, only_proof(changed), signer.public, loader=LOADER)

    @pytest.mark.parametrize("signature", [b"", bytes(63), bytes(64), bytes(65)])
    def test_refuses_signatures_of_any_length(self, signature: bytes) -> None:
        document = data_integrity.attach(badge(), OPTIONS, b"\x01" + signature)
        with pytest.raises(SignatureMismatch):
            data_integrity.check(
                document, only_proof(document), LocalSigner.generate(Algorithm.ED25519).public, loader=LOADER
            )

from __future__ import annotations

import contextlib

import base58
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from insignia.vc.errors import KeyMalformed, KeyUnsupported, VcError
from insignia.vc.keys import Algorithm, LocalSigner, PublicKey
from insignia.vc.keys.encoding import (
    base58_decode,
    base58_encode,
    base64url_decode,
    base64url_encode,
    integer_encode,
)
from tests.examples import examples
from tests.shared_data import shared_json
from tests.vc.strategies import json_values

CURVES = [Algorithm.ED25519, Algorithm.P256, Algorithm.P384]
SIGNERS = {algorithm: LocalSigner.generate(algorithm) for algorithm in Algorithm}


class TestPublicKey:
    @pytest.mark.parametrize("algorithm", CURVES)
    def test_is_the_same_through_multibase(self, algorithm: Algorithm) -> None:
        key = SIGNERS[algorithm].public
        again = PublicKey.from_multibase(key.multibase)
        assert (again.algorithm, again.encoded) == (algorithm, key.encoded)

    @pytest.mark.parametrize("algorithm", list(Algorithm))
    def test_is_the_same_through_jwk(self, algorithm: Algorithm) -> None:
        key = SIGNERS[algorithm].public
        again = PublicKey.from_jwk(key.jwk)
        assert (again.algorithm, again.encoded) == (algorithm, key.encoded)
        assert "d" not in key.jwk

    @pytest.mark.parametrize(
        ("algorithm", "start"), [(Algorithm.ED25519, "z6Mk"), (Algorithm.P256, "zDn"), (Algorithm.P384, "z82")]
    )
    def test_starts_as_the_specification_says(self, algorithm: Algorithm, start: str) -> None:
        assert SIGNERS[algorithm].public.multibase.startswith(start)

    def test_reads_the_keys_of_the_specifications(self) -> None:
        pair = shared_json("standards/vectors/vc-di-eddsa/keyPair.json")
        assert PublicKey.from_multibase(str(pair["publicKeyMultibase"])).algorithm == Algorithm.ED25519

    @pytest.mark.parametrize("text", ["", "z", "m6Mk", "z0OIl", "z6Mk", "z" + "1" * 199, "z6MkhaXgBZD"])
    def test_refuses_what_is_no_key(self, text: str) -> None:
        with pytest.raises((KeyMalformed, KeyUnsupported)):
            PublicKey.from_multibase(text)

    def test_refuses_a_published_private_key(self) -> None:
        with pytest.raises(KeyMalformed, match="private"):
            PublicKey.from_jwk({**SIGNERS[Algorithm.P256].public.jwk, "d": "AAAA"})

    @pytest.mark.parametrize("exponent", [0, 1, 2, 65536])
    def test_refuses_an_rsa_exponent_that_is_none(self, exponent: int) -> None:
        jwk = SIGNERS[Algorithm.RSA].public.jwk
        with pytest.raises(KeyMalformed):
            PublicKey.from_jwk({**jwk, "e": integer_encode(exponent)})

    @pytest.mark.parametrize("member", ["x", "y"])
    def test_refuses_a_coordinate_of_another_length(self, member: str) -> None:
        jwk = SIGNERS[Algorithm.P256].public.jwk
        padded = base64url_encode(b"\0" + base64url_decode(str(jwk[member])))
        with pytest.raises(KeyMalformed, match="32 bytes"):
            PublicKey.from_jwk({**jwk, member: padded})

    def test_has_no_multibase_form_for_rsa(self) -> None:
        with pytest.raises(KeyUnsupported):
            _ = SIGNERS[Algorithm.RSA].public.multibase

    def test_refuses_a_point_off_the_curve(self) -> None:
        jwk = SIGNERS[Algorithm.P256].public.jwk
        with pytest.raises(KeyMalformed):
            PublicKey.from_jwk({**jwk, "y": jwk["x"]})

    def test_refuses_an_rsa_key_that_is_too_short(self) -> None:
        with pytest.raises(KeyMalformed, match="2048"):
            PublicKey.from_jwk({"kty": "RSA", "n": base64url_encode(b"\xff" * 128), "e": "AQAB"})

    @given(st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "n", "e", "d"]), json_values))
    @examples(100)
    def test_raises_nothing_but_the_kernels_error(self, jwk: dict[str, object]) -> None:
        with contextlib.suppress(VcError):
            PublicKey.from_jwk(jwk)  # type: ignore[arg-type]  # any JSON at all


class TestSigning:
    @pytest.mark.parametrize("algorithm", list(Algorithm))
    def test_is_deterministic_and_checks(self, algorithm: Algorithm) -> None:
        signer = SIGNERS[algorithm]
        signature = signer.sign(b"data")
        assert signer.sign(b"data") == signature
        assert signer.public.verify(signature, b"data")
        assert not signer.public.verify(signature, b"dates")

    @pytest.mark.parametrize("algorithm", CURVES)
    def test_says_no_to_every_flipped_bit_and_length(self, algorithm: Algorithm) -> None:
        signer = SIGNERS[algorithm]
        signature = signer.sign(b"data")
        for position in range(len(signature)):
            changed = bytearray(signature)
            changed[position] ^= 1
            assert not signer.public.verify(bytes(changed), b"data")
        for wrong in (b"", signature[:-1], signature + b"\0"):
            assert not signer.public.verify(wrong, b"data")

    @pytest.mark.parametrize("algorithm", list(Algorithm))
    def test_survives_storing_its_private_half(self, algorithm: Algorithm) -> None:
        signer = SIGNERS[algorithm]
        again = LocalSigner.from_private_bytes(algorithm, signer.private_bytes)
        assert again.public.encoded == signer.public.encoded
        assert again.sign(b"data") == signer.sign(b"data")

    @pytest.mark.parametrize("algorithm", list(Algorithm))
    def test_refuses_bytes_that_are_no_private_key(self, algorithm: Algorithm) -> None:
        with pytest.raises(KeyMalformed):
            LocalSigner.from_private_bytes(algorithm, b"short")

    def test_signs_p256_as_rfc_6979_says(self) -> None:
        # RFC 6979, appendix A.2.5, message "sample" with SHA-256.
        scalar = bytes.fromhex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721")
        r = "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
        s = "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
        assert LocalSigner.from_private_bytes(Algorithm.P256, scalar).sign(b"sample") == bytes.fromhex(r + s)

    def test_signs_p384_as_rfc_6979_says(self) -> None:
        # RFC 6979, appendix A.2.6, message "sample" with SHA-384.
        scalar = "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5"
        r = "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46"
        s = "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8"
        signer = LocalSigner.from_private_bytes(Algorithm.P384, bytes.fromhex(scalar))
        assert signer.sign(b"sample") == bytes.fromhex(r + s)

    def test_signs_ed25519_as_rfc_8032_says(self) -> None:
        # RFC 8032, 7.1, test 2.
        seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
        signer = LocalSigner.from_private_bytes(Algorithm.ED25519, seed)
        assert signer.public.encoded.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        assert signer.sign(b"\x72").hex() == (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        )

    @pytest.mark.parametrize("algorithm", [Algorithm.P256, Algorithm.P384])
    def test_says_no_to_zero_and_to_other_encodings_of_ecdsa(self, algorithm: Algorithm) -> None:
        signer = SIGNERS[algorithm]
        signature = signer.sign(b"data")
        half = len(signature) // 2
        r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
        zero = bytes(half)
        for wrong in (zero + zero, signature[:half] + zero, zero + signature[half:], encode_dss_signature(r, s)):
            assert not signer.public.verify(wrong, b"data")


class TestEncoding:
    @given(st.binary(max_size=80))
    def test_base58_and_base64url_round_trip(self, data: bytes) -> None:
        assert base58_decode(base58_encode(data)) == data
        assert base64url_decode(base64url_encode(data)) == data

    @given(st.binary(min_size=64, max_size=64), st.integers(0, 64))
    def test_base58_of_a_signature_is_what_the_library_writes(self, data: bytes, zeros: int) -> None:
        data = bytes(zeros) + data[zeros:]
        expected = base58.b58encode(data).decode()
        assert base58_encode(data) == expected

    @given(st.text(base58.BITCOIN_ALPHABET.decode(), max_size=100))
    def test_base58_is_read_as_the_library_reads_it(self, text: str) -> None:
        assert base58_decode(text) == base58.b58decode(text)

    def test_base58_writes_leading_zero_bytes_as_ones(self) -> None:
        assert base58_encode(b"\0" + b"\xff" * 63).startswith("1")

    @pytest.mark.parametrize("text", ["abc ", " abc", "ab\n", "a0b", "aIb", "alb", "aOb", "é", "z" * 1_025])
    def test_base58_is_read_in_one_way_only_and_within_a_length(self, text: str) -> None:
        with pytest.raises(KeyMalformed):
            base58_decode(text)

    @pytest.mark.parametrize("text", ["a", "ab=", "a b", "a+/b", "AB", "é"])
    def test_base64url_is_read_in_one_way_only(self, text: str) -> None:
        with pytest.raises(KeyMalformed):
            base64url_decode(text)


SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493


class TestEd25519:
    """Two libraries know the curve; ours is the stricter one, and takes nothing that the other refuses."""

    def other_takes(self, point: bytes, signature: bytes, data: bytes) -> bool:
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(point).verify(signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True

    @given(st.binary(max_size=200), st.binary(min_size=32, max_size=32))
    def test_signs_as_the_other_library_does(self, data: bytes, seed: bytes) -> None:
        signature = LocalSigner.from_private_bytes(Algorithm.ED25519, seed).sign(data)
        assert signature == ed25519.Ed25519PrivateKey.from_private_bytes(seed).sign(data)
        assert LocalSigner.from_private_bytes(Algorithm.ED25519, seed).public.verify(signature, data)

    @pytest.mark.parametrize("point", SMALL_ORDER)
    def test_points_of_small_order_vouch_for_nothing(self, point: str) -> None:
        # with such a key, one signature fits many messages
        key = PublicKey(Algorithm.ED25519, ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(point)))
        for first in SMALL_ORDER:
            for data in (b"a", b"b", b"c", b"d", b"e", b"f", b"g", b"h"):
                assert not key.verify(bytes.fromhex(first) + bytes(32), data)

    def test_a_signature_has_one_form(self) -> None:
        signer = SIGNERS[Algorithm.ED25519]
        signature = signer.sign(b"m")
        scalar = int.from_bytes(signature[32:], "little") + GROUP_ORDER
        assert not signer.public.verify(signature[:32] + scalar.to_bytes(32, "little"), b"m")
        assert not self.other_takes(signer.public.encoded, signature[:32] + scalar.to_bytes(32, "little"), b"m")

    @examples(150)
    @given(st.data())
    def test_takes_nothing_that_the_other_refuses(self, data: st.DataObject) -> None:
        signer = SIGNERS[Algorithm.ED25519]
        signature = bytearray(signer.sign(b"m"))
        for _ in range(data.draw(st.integers(0, 2))):
            signature[data.draw(st.integers(0, 63))] = data.draw(st.integers(0, 255))
        cut = bytes(signature[: data.draw(st.sampled_from([64, 64, 64, 63, 32, 0]))])
        taken = signer.public.verify(cut, b"m")
        assert taken == self.other_takes(signer.public.encoded, cut, b"m")

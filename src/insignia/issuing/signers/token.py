"""Keys in a device (PKCS#11 2.40 and 3.0): made there, used there, never out of there.

A device draws a fresh number for each ECDSA signature, so a document signed twice would have two tokens. The first
signature is therefore kept before anything is done with it (decision 19).
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, unquote
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from insignia.issuing.errors import KeyNotHeld, SignerMisconfigured, SignerUnavailable
from insignia.issuing.signers.port import MadeKey
from insignia.vc.keys import Algorithm, PublicKey

if TYPE_CHECKING:
    from insignia.issuing.models import SigningKey

SCHEME = "pkcs11:"
_ED25519_OID = "1.3.101.112"
_ED25519_BYTES = 32
T = TypeVar("T")


@dataclass(frozen=True)
class TokenAddress:
    """Which token in which device: a PKCS#11 URI (RFC 7512) with `module-path` and `pin-source`."""

    token: str
    module: str
    pin_file: Path

    @classmethod
    def parse(cls, uri: str) -> TokenAddress:
        """Read `pkcs11:token=NAME?module-path=/PATH.so&pin-source=/PATH`.

        Raises:
            SignerMisconfigured: a part is missing.
        """
        path, _, query = uri.removeprefix(SCHEME).partition("?")
        named = dict(part.partition("=")[::2] for part in path.split(";"))
        asked = dict(parse_qsl(query))
        try:
            pin = asked["pin-source"].removeprefix("file:")
            return cls(unquote(named["token"]), asked["module-path"], Path(pin))
        except KeyError as error:
            raise SignerMisconfigured(
                f"The signer's address lacks {error}. Write it as "
                "pkcs11:token=NAME?module-path=/PATH/MODULE.so&pin-source=/PATH/PIN."
            ) from error


class TokenKeys:
    """The keys of one token. The private halves can neither be read nor copied out."""

    repeatable = False

    def __init__(self, address: TokenAddress) -> None:
        self._address = address
        self._device = _Device(address)

    def make(self, key_id: UUID, algorithm: Algorithm) -> MadeKey:
        """Make a key in the device, under the id of its row."""
        return MadeKey(self._device.do(lambda session: _made(session, key_id, algorithm)), b"")

    def signer(self, key: SigningKey) -> TokenSigner:
        """Find a key in the device.

        Raises:
            KeyNotHeld: it is not there.
        """
        algorithm = Algorithm(key.algorithm)
        public = self._device.do(lambda session: _found(session, key.public_id, algorithm))
        return TokenSigner(self._device, key.public_id, public)


class TokenSigner:
    """One key of the token, for the signatures about to be made."""

    def __init__(self, device: _Device, key_id: UUID, public: PublicKey) -> None:
        self._device = device
        self._key_id = key_id
        self._public = public

    @property
    def public(self) -> PublicKey:
        """Give the public half."""
        return self._public

    def sign(self, data: bytes) -> bytes:
        """Sign in the device: Ed25519 over the data, ECDSA over their SHA-256 as r||s."""
        return self._device.do(lambda session: self._signed(session, data))

    def _signed(self, session: Any, data: bytes) -> bytes:  # noqa: ANN401  - pkcs11.Session, imported late
        from pkcs11 import Mechanism

        private = self._device.private_key(session, self._key_id)
        if self._public.algorithm == Algorithm.ED25519:
            return bytes(private.sign(data, mechanism=Mechanism.EDDSA))
        return bytes(private.sign(hashlib.sha256(data).digest(), mechanism=Mechanism.ECDSA))


class _Device:
    """A session with the token: one for a process, used by one thread at a time, opened again when it broke."""

    def __init__(self, address: TokenAddress) -> None:
        self._address = address
        self._turn = threading.RLock()
        self._session: Any = None
        self._process = 0
        self._private: dict[UUID, Any] = {}

    def do(self, work: Callable[[Any], T]) -> T:
        with self._turn, self._named_errors():
            return work(self._opened())

    def private_key(self, session: Any, key_id: UUID) -> Any:  # noqa: ANN401  - as above
        from pkcs11 import Attribute, ObjectClass

        if key_id not in self._private:
            wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: key_id.bytes}
            self._private[key_id] = _only(session, wanted)
        return self._private[key_id]

    def _opened(self) -> Any:  # noqa: ANN401  - as above
        if self._session is None or self._process != os.getpid():
            import pkcs11
            from pkcs11.exceptions import UserAlreadyLoggedIn

            device = pkcs11.lib(self._address.module)
            if self._process not in {0, os.getpid()}:
                device.reinitialize()  # a fork has none of its parent's sessions (PKCS#11 2.40, 5.4)
            token = device.get_token(token_label=self._address.token)
            try:
                self._session = token.open(rw=True, user_pin=self._address.pin_file.read_text().strip())
            except UserAlreadyLoggedIn:  # signed in once, a process stays so
                self._session = token.open(rw=True)
            self._process, self._private = os.getpid(), {}
        return self._session

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            from pkcs11.exceptions import PKCS11Error
        except ModuleNotFoundError as error:
            raise SignerMisconfigured(
                "Signing with a device needs python-pkcs11. Run: pip install 'insignia[pkcs11]'"
            ) from error
        try:
            yield
        except (PKCS11Error, OSError, RuntimeError) as error:
            self._session = None
            raise SignerUnavailable(f"The device does not sign ({type(error).__name__}).") from error


def _made(session: Any, key_id: UUID, algorithm: Algorithm) -> PublicKey:  # noqa: ANN401  - as above
    from pkcs11 import Attribute, KeyType, Mechanism
    from pkcs11.util.ec import encode_named_curve_parameters

    edwards = algorithm == Algorithm.ED25519
    parameters = session.create_domain_parameters(
        KeyType.EC_EDWARDS if edwards else KeyType.EC,
        {Attribute.EC_PARAMS: encode_named_curve_parameters(_ED25519_OID if edwards else "secp256r1")},
        local=True,
    )
    named: dict[str, Any] = {"mechanism": Mechanism.EC_EDWARDS_KEY_PAIR_GEN} if edwards else {}
    public, _private = parameters.generate_keypair(
        id=key_id.bytes,
        label=f"insignia {key_id}",
        store=True,
        private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
        **named,
    )
    return _public(public, algorithm)


def _found(session: Any, key_id: UUID, algorithm: Algorithm) -> PublicKey:  # noqa: ANN401  - as above
    from pkcs11 import Attribute, ObjectClass

    wanted = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: key_id.bytes}
    return _public(_only(session, wanted), algorithm)


def _only(session: Any, wanted: dict[Any, Any]) -> Any:  # noqa: ANN401  - as above
    objects = list(session.get_objects(wanted))
    if len(objects) != 1:
        raise KeyNotHeld("The device does not hold this key. Rotate the keys.")
    return objects[0]


def _public(found: Any, algorithm: Algorithm) -> PublicKey:  # noqa: ANN401  - as above
    """Read the public half; CKA_EC_POINT is the point inside a DER octet string."""
    from pkcs11 import Attribute

    point = bytes(found[Attribute.EC_POINT])
    if algorithm == Algorithm.ED25519:
        return PublicKey(algorithm, ed25519.Ed25519PublicKey.from_public_bytes(point[-_ED25519_BYTES:]))
    uncompressed = point[-65:]
    return PublicKey(algorithm, ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), uncompressed))

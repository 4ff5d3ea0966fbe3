"""Keys in a device (PKCS#11): they never leave it, and its ever different signatures count but once."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings

from insignia.awards.models import Award, AwardDocument
from insignia.awards.services import chunks as chunks_module
from insignia.issuing.errors import KeyNotHeld, SignerMisconfigured, SignerUnavailable
from insignia.issuing.models import KeptSignature, Reservation, SigningKey
from insignia.issuing.services import key_rotate, sign_reservation, sign_reservations
from insignia.issuing.signers import reservations_read, signing_backend
from insignia.issuing.signers.token import TokenAddress, TokenKeys
from insignia.vc.keys import Algorithm
from tests.platform.awards.doctor import findings
from tests.platform.awards.world import World, make_world
from tests.platform.factories import AT, SETUP
from tests.platform.issuing.signer_process import MASTER_KEY, SignerProcess
from tests.platform.issuing.test_signer_process import approve, begun, in_thread, issue, now, requests, whole

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so")
MODULE = next((path for path in MODULES if Path(path).exists()), "")
__all__ = ["begun"]  # every test of this module begins at a moment of its own
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="session")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a token in a device of software; a process has one such device for its life."""
    if not MODULE or not shutil.which("softhsm2-util"):
        if os.environ.get("CI") == "true":
            pytest.fail("SoftHSM is not on this machine: sudo apt-get install softhsm2")
        pytest.skip("SoftHSM is not on this machine: sudo apt-get install softhsm2")
    directory = tmp_path_factory.mktemp("device")
    (directory / "tokens").mkdir()
    (directory / "pin").write_text("1234\n")
    configuration = directory / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {directory / 'tokens'}\n")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    make = [
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        "insignia tests",
        "--pin",
        "1234",
        "--so-pin",
        "5678",
    ]
    subprocess.run(make, check=True, capture_output=True, timeout=60)
    yield f"pkcs11:token=insignia%20tests?module-path={MODULE}&pin-source=file:{directory / 'pin'}"
    os.environ.pop("SOFTHSM2_CONF")


@pytest.fixture
def world(device: str, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("INSIGNIA_MASTER_KEY", MASTER_KEY)
    settings.INSIGNIA_SIGNER = device
    return make_world()


def reserve(world: World, count: int, monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """Leave reservations as a worker does that dies before it signs."""

    def dies(*_arguments: Any, **_named: Any) -> None:  # noqa: ANN401  - stands in for any
        raise SignerUnavailable("as if it had died")

    with monkeypatch.context() as patch:
        patch.setattr(chunks_module, "sign_reservations", dies)
        with pytest.raises(SignerUnavailable):
            issue(world, approve(world), requests(count))
    return list(Reservation.objects.order_by("id").values_list("public_id", flat=True))


class TestDevice:
    def test_issues_whole_awards_with_keys_that_no_row_holds(self, world: World) -> None:
        asked = requests(3)
        assert [outcome.code for outcome in issue(world, approve(world), asked)] == ["issued"] * 3
        key_rotate(issuer=world.issuer, actor=SETUP, at=now())
        assert [outcome.code for outcome in issue(world, approve(world), requests(1))] == ["issued"]
        assert {bytes(key.sealed_private) for key in SigningKey.objects.all()} == {b""}
        assert findings(deep=True) == []

    def test_gives_no_private_half_away(self, world: World, device: str) -> None:
        import pkcs11
        from pkcs11 import Attribute, ObjectClass

        address = TokenAddress.parse(device)
        token = pkcs11.lib(address.module).get_token(token_label=address.token)
        with token.open() as session:
            for key in SigningKey.objects.all():
                wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: key.public_id.bytes}
                (private,) = session.get_objects(wanted)
                assert private[Attribute.SENSITIVE]
                assert not private[Attribute.EXTRACTABLE]
                with pytest.raises(pkcs11.exceptions.AttributeSensitive):
                    private[Attribute.VALUE]

    def test_names_a_key_that_it_does_not_hold(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        (waiting,) = reserve(world, 1, monkeypatch)
        SigningKey.objects.filter(algorithm="P-256").update(public_id=uuid4())
        with pytest.raises(KeyNotHeld):
            sign_reservation(waiting, actor=SETUP, at=AT)


class TestFirstSignature:
    """ECDSA in a device draws a fresh number each time; a document has one token all the same."""

    def test_control_the_device_never_gives_the_same_one_twice(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ids = reserve(world, 1, monkeypatch)
        (one,), (other,) = (signing_backend().signatures(reservations_read(ids), at=AT) for _ in range(2))
        assert one != other

    def test_counts_however_often_it_is_signed(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        ids = reserve(world, 3, monkeypatch)
        first, again = (whole(sign_reservations(ids, actor=SETUP, at=AT)) for _ in range(2))
        assert [one.signed for one in first] == [one.signed for one in again]
        assert sign_reservation(ids[1], actor=SETUP, at=AT) == first[1].signed
        assert KeptSignature.objects.count() == 3

    def test_counts_for_two_workers_at_once(self, world: World) -> None:
        approval, asked = approve(world), requests(12)
        with ThreadPoolExecutor(2) as pool:
            both = [pool.submit(in_thread, lambda: issue(world, approval, asked)) for _ in range(2)]
            for one in both:
                assert {outcome.code for outcome in one.result()} <= {"issued", "busy"}
        assert {outcome.code for outcome in issue(world, approval, asked)} == {"issued"}
        assert Award.objects.count() == AwardDocument.objects.count() == KeptSignature.objects.count() == 12
        assert findings(deep=True) == []


class TestSession:
    @pytest.mark.filterwarnings(
        "ignore::pytest.PytestUnraisableExceptionWarning"
    )  # the library's, of the closed one
    def test_is_opened_again_after_it_broke(self, world: World) -> None:
        key = SigningKey.objects.get(algorithm="Ed25519")
        backend = signing_backend()
        device = backend._keys._device  # type: ignore[attr-defined]  # looks behind the port to break it
        device._session.close()
        with pytest.raises(SignerUnavailable):
            backend.key_public(key)
        assert backend.key_public(key).multibase == key.public_multibase

    def test_is_a_forked_process_s_own(self, world: World, device: str) -> None:
        key = SigningKey.objects.get(algorithm="Ed25519")
        keys = TokenKeys(TokenAddress.parse(device))
        before = keys.signer(key).sign(b"same")
        child = os.fork()
        if child == 0:
            same = keys.signer(key).sign(b"same") == before
            os._exit(0 if same else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert keys.signer(key).sign(b"same") == before


class TestDeviceBehindTheSigner:
    def test_signs_for_an_external_signer(
        self, device: str, tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("INSIGNIA_MASTER_KEY", MASTER_KEY)
        with SignerProcess(tmp_path, "--keys", device) as process:
            settings.INSIGNIA_SIGNER = f"socket:{process.socket}"
            world = make_world(at=now())
            assert [outcome.code for outcome in issue(world, approve(world), requests(2))] == ["issued"] * 2
        assert KeptSignature.objects.count() == 2
        assert list((process.data / "keys").glob("*")) == []


class TestTokenAddress:
    def test_reads_a_uri(self) -> None:
        found = TokenAddress.parse("pkcs11:token=my%20token;object=x?module-path=/m.so&pin-source=/pin")
        assert found == TokenAddress("my token", "/m.so", Path("/pin"))

    @pytest.mark.parametrize(
        "uri",
        ["pkcs11:", "pkcs11:token=a", "pkcs11:token=a?module-path=/m.so", "pkcs11:?module-path=/m&pin-source=/p"],
    )
    def test_says_what_lacks(self, uri: str) -> None:
        with pytest.raises(SignerMisconfigured, match="lacks"):
            TokenAddress.parse(uri)

    def test_of_a_device_that_is_not_there_is_no_signer(self, tmp_path: Path) -> None:
        (tmp_path / "pin").write_text("1")
        keys = TokenKeys(TokenAddress("none", str(tmp_path / "none.so"), tmp_path / "pin"))
        with pytest.raises(SignerUnavailable):
            keys.make(uuid4(), Algorithm.ED25519)


class TestWithoutThePackage:
    def test_says_how_to_get_it(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setitem(__import__("sys").modules, "pkcs11.exceptions", None)
        with pytest.raises(SignerMisconfigured, match="pip install"):
            TokenKeys(TokenAddress("a", "/m.so", tmp_path)).make(uuid4(), Algorithm.ED25519)

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.conf import LazySettings
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from insignia.foundation.master import MasterKeyUnusable, master_key
from insignia.foundation.sealing import (
    Erased,
    SealBroken,
    datakey_create,
    datakey_destroy,
    seal,
    seal_private_key,
    unseal,
    unseal_private_key,
)
from tests.examples import examples
from tests.platform.factories import AT


@pytest.mark.django_db
class TestSealing:
    @given(plain=st.binary(max_size=2000))
    @examples(30, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_gives_back_what_was_sealed(self, plain: bytes) -> None:
        key = datakey_create(at=AT)
        sealed = seal(plain, key=key, purpose="evidence")
        assert unseal(sealed, key=key, purpose="evidence") == plain
        assert not plain or len(plain) < 4 or plain not in sealed

    def test_opens_for_its_own_purpose_and_key_only(self) -> None:
        key, other = datakey_create(at=AT), datakey_create(at=AT)
        sealed = seal(b"text", key=key, purpose="evidence")
        for wrong in (
            {"key": other, "purpose": "evidence"},
            {"key": key, "purpose": "mail"},
            {"key": None, "purpose": "evidence"},
        ):
            with pytest.raises(SealBroken):
                unseal(sealed, **wrong)

    def test_notices_every_changed_byte(self) -> None:
        key = datakey_create(at=AT)
        sealed = seal(b"text", key=key, purpose="evidence")
        for position in range(len(sealed)):
            changed = bytearray(sealed)
            changed[position] ^= 1
            with pytest.raises(SealBroken):
                unseal(bytes(changed), key=key, purpose="evidence")

    def test_is_gone_for_good_once_the_key_is_destroyed(self) -> None:
        key = datakey_create(at=AT)
        sealed = seal(b"text", key=key, purpose="evidence")
        datakey_destroy(key, at=AT)
        key.refresh_from_db()
        with pytest.raises(Erased):
            unseal(sealed, key=key, purpose="evidence")

    def test_binds_a_signing_key_to_its_name(self) -> None:
        sealed = seal_private_key(b"k" * 32, name="key-1")
        assert unseal_private_key(sealed, name="key-1") == b"k" * 32
        with pytest.raises(SealBroken):
            unseal_private_key(sealed, name="key-2")


class TestMasterKey:
    def test_is_made_once_for_the_owner_alone(self, data_directory: Path) -> None:
        first = master_key()
        path = data_directory / "master-key"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert master_key() == first
        assert len(first) == 32

    def test_is_refused_when_others_may_read_it(self, settings: LazySettings, tmp_path: Path) -> None:
        settings.INSIGNIA_DATA = tmp_path
        (tmp_path / "master-key").write_text("A" * 43 + "=")
        (tmp_path / "master-key").chmod(0o644)
        with pytest.raises(MasterKeyUnusable, match="mode 644"):
            master_key()

    @pytest.mark.parametrize("value", ["short", "!!!", "A" * 80])
    def test_is_refused_when_malformed(self, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
        monkeypatch.setenv("INSIGNIA_MASTER_KEY", value)
        with pytest.raises(MasterKeyUnusable):
            master_key()

from __future__ import annotations

import pytest

from insignia.foundation.confined import ConfinedRefusal, ConfinedStopped, confined_run

HERE = "tests.platform.foundation.confined_targets"


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setenv("PYTHONPATH", str(request.config.rootpath))


class TestConfinedRun:
    def test_gives_what_the_function_gives(self) -> None:
        assert confined_run(f"{HERE}:backwards", b"abc", "!") == b"cba!"

    def test_hands_on_its_refusal(self) -> None:
        with pytest.raises(ConfinedRefusal, match="copy-encrypted"):
            confined_run(f"{HERE}:refuses", b"")

    @pytest.mark.parametrize("target", ["loops", "eats", "writes", "dies"])
    def test_ends_what_passes_its_limits(self, target: str) -> None:
        with pytest.raises(ConfinedStopped):
            confined_run(f"{HERE}:{target}", b"", seconds=1, memory=2**28)

    def test_sees_no_secret_of_ours(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("INSIGNIA_MASTER_KEY", "secret")
        assert b"INSIGNIA" not in confined_run(f"{HERE}:environment", b"")

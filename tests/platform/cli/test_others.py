"""`insignia inspect`, `bake`, `extract`, and the table of commands."""

from __future__ import annotations

import json
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from insignia.cli.main import COMMANDS
from tests.platform.cli.conftest import SUPPLIED, Run


class TestInspect:
    @pytest.mark.parametrize(
        ("name", "form", "signed"),
        [
            ("badge.json", "JSON", "eddsa-rdfc-2022 by did:web:badges.example:issuers:1#ed25519"),
            ("badge.jwt", "a token (VC-JWT)", "ES256 by https://badges.example/issuers/1/keys/p256"),
            ("badge.png", "a PNG picture with a credential inside", "eddsa-rdfc-2022 by"),
            ("badge.svg", "an SVG picture with a credential inside", "eddsa-rdfc-2022 by"),
        ],
    )
    def test_says_what_the_file_says(self, run: Run, name: str, form: str, signed: str) -> None:
        ran = run("inspect", name)
        assert ran.status == 0
        rows = {line[:14].strip(): line[14:] for line in ran.out.splitlines()}
        assert rows["form"] == form
        assert rows["name"] == "Scientific communication"
        assert rows["recipient"] == "name: Itzel 木村"
        assert rows["issuer"] == "Colegio Río Claro  did:web:badges.example:issuers:1"
        assert rows["result"] == "Clarity: Level 3"
        assert rows["status"] == "revocation https://badges.example/status/1"
        assert rows["signed"].startswith(signed)
        assert "Nothing was checked" in ran.out

    def test_shows_a_changed_badge_without_a_word_about_it(self, run: Run) -> None:
        ran = run("inspect", "tampered.json")
        assert ran.status == 0
        assert "VALID" not in ran.out

    def test_prints_the_credential_itself(self, run: Run, shelf: Path) -> None:
        assert run("inspect", "badge.png", "--json").report == json.loads((shelf / "badge.json").read_text())

    @pytest.mark.parametrize("raw", [b"{}", b'{"issuer":[[]],"credentialSubject":7,"proof":[null]}'])
    def test_bears_with_shapes_it_does_not_know(self, run: Run, raw: bytes) -> None:
        ran = run("inspect", "-", stdin=raw)
        assert ran.status == 0
        assert "signed        no" in ran.out


class TestBake:
    @pytest.mark.parametrize("credential", ["badge.json", "badge.jwt"])
    @pytest.mark.parametrize("picture", ["plain.png", "plain.svg"])
    def test_makes_a_picture_that_verifies_and_gives_the_bytes_back(
        self, run: Run, shelf: Path, tmp_path: Path, picture: str, credential: str
    ) -> None:
        baked = str(tmp_path / picture)
        assert run("bake", picture, credential, "-o", baked).status == 0
        assert run("verify", baked, *SUPPLIED).status == 0
        assert run("extract", baked).out == (shelf / credential).read_text()

    def test_forgives_the_line_end_of_an_editor(self, run: Run, shelf: Path, tmp_path: Path) -> None:
        edited = tmp_path / "badge.json"
        edited.write_bytes((shelf / "badge.json").read_bytes() + b"\n")
        assert run("bake", "plain.svg", str(edited), "-o", str(tmp_path / "out.svg")).status == 0

    def test_writes_what_was_extracted_to_a_file(self, run: Run, shelf: Path, tmp_path: Path) -> None:
        run("extract", "badge.svg", "-o", str(tmp_path / "out.json"))
        assert (tmp_path / "out.json").read_bytes() == (shelf / "badge.json").read_bytes()


class TestCommands:
    def test_is_installed_under_its_name(self) -> None:
        found = {entry.value for entry in entry_points(group="console_scripts", name="insignia")}
        assert found == {"insignia.cli.main:main"}

    def test_lists_every_command_without_loading_it(self, run: Run) -> None:
        ran = run("--help")
        assert ran.status == 0
        for name in COMMANDS:
            assert f"\n  {name} " in ran.out

    @pytest.mark.parametrize("name", ["verify", "inspect", "bake", "extract"])
    def test_explains_each_command(self, run: Run, name: str) -> None:
        ran = run(name, "--help")
        assert ran.status == 0
        assert ran.out.startswith(f"Usage: insignia {name} ")

    def test_greets_who_types_nothing_else(self, run: Run) -> None:
        ran = run()
        assert ran.status == 0
        assert "Commands:" in ran.out

    def test_says_its_version(self, run: Run) -> None:
        assert run("--version").out.startswith("insignia, version ")

    def test_says_when_a_command_is_not_installed(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(COMMANDS, "demo", ("insignia.cli.missing:demo", "Gone."))
        ran = run("demo")
        assert ran.status == 3
        assert "not part of this installation" in ran.err

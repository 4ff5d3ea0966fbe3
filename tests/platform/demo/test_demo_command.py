"""`insignia demo`: what it leaves, what others say of it, and what it refuses."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from openbadgeslib.ob3 import OB3LdpVerifier, OB3Verifier

from insignia.config.commands import demo as command
from insignia.vc.did import parse_controller_document
from insignia.vc.keys import Algorithm
from tests.platform.demo.conftest import Played
from tests.platform.demo.processes import environment, insignia
from tests.shared_data import needs_shared, shared_json

SCHEMA = "standards/schemas/ob_v3p0/ob_v3p0_achievementcredential_schema.json"
FORMS = ("badge.json", "badge.jwt", "badge.png", "badge.svg")
LEFT = {
    *FORMS,
    "tampered.json",
    "did.json",
    "status-list.json",
    "status-list-suspension.json",
    "status-list-refresh.json",
}


def judged(played: Played, name: str, *, status_list: bool = True) -> tuple[int, dict[str, Any]]:
    """Let `insignia verify` judge one of the files offline; give exit status and report."""
    given = ["--did-document", "build/demo/did.json"]
    if status_list:
        given += ["--status-list", "build/demo/status-list.json"]
    done = insignia("verify", f"build/demo/{name}", "--offline", "--json", *given, cwd=played.folder)
    report: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, report


def pem(played: Played, algorithm: Algorithm) -> bytes:
    """Give the issuer's key of this kind as the DID document publishes it."""
    document = parse_controller_document(json.loads((played.left / "did.json").read_bytes()))
    key = next(method.key for method in document.methods if method.key.algorithm is algorithm)
    return key.raw.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class TestDemo:
    def test_succeeds_twice_in_a_row(self, played: Played) -> None:
        for run in (played.first, played.second):
            assert run.returncode == 0, run.stdout + run.stderr
            assert run.stderr == ""
            assert "✔ VALID" in run.stdout
            assert "✘ INVALID" in run.stdout

    def test_leaves_every_file_of_the_contract(self, played: Played) -> None:
        assert {path.name for path in played.left.iterdir()} == LEFT
        assert all(path.stat().st_size for path in played.left.iterdir())

    def test_writes_nothing_beside_its_own_two_folders(self, played: Played) -> None:
        assert sorted(path.name for path in played.folder.iterdir()) == ["build", "world"]

    def test_changes_exactly_one_byte_of_the_tampered_copy(self, played: Played) -> None:
        genuine = (played.left / "badge.json").read_bytes()
        tampered = (played.left / "tampered.json").read_bytes()
        assert len(genuine) == len(tampered)
        assert sum(one != other for one, other in zip(genuine, tampered, strict=True)) == 1

    def test_prints_the_command_that_can_be_typed_again(self, played: Played) -> None:
        typed = next(line for line in played.second.stdout.splitlines() if line.startswith("$ insignia verify"))
        assert insignia(*typed.split()[2:], cwd=played.folder).returncode == 0


class TestFiles:
    @pytest.mark.parametrize("name", FORMS)
    def test_are_valid_offline_with_what_lies_beside_them(self, played: Played, name: str) -> None:
        status, report = judged(played, name)
        assert (status, report["verdict"]) == (0, "VALID")
        assert report["credential"]["name"] == "Community Data Inquiry"
        assert report["credential"]["recipient"] == "Itzel Marroquín"

    def test_name_the_signature_when_one_byte_is_changed(self, played: Played) -> None:
        status, report = judged(played, "tampered.json")
        failed = [check["check_id"] for check in report["checks"] if check["outcome"] == "FAILED"]
        assert (status, report["verdict"], failed) == (1, "INVALID", ["signature"])

    @pytest.mark.parametrize("name", FORMS)
    def test_are_undetermined_without_the_status_list(self, played: Played, name: str) -> None:
        status, report = judged(played, name, status_list=False)
        outcomes = {check["check_id"]: check["outcome"] for check in report["checks"]}
        assert (status, report["verdict"]) == (2, "UNDETERMINED")
        assert (outcomes["signature"], outcomes["status.revocation"]) == ("PASSED", "UNDETERMINED")

    def test_are_accepted_by_openbadgeslib(self, played: Played) -> None:
        document = (played.left / "badge.json").read_bytes()
        read = OB3LdpVerifier(pubkey_pem=pem(played, Algorithm.ED25519)).verify(document)
        token = OB3Verifier(pubkey_pem=pem(played, Algorithm.P256)).verify(
            (played.left / "badge.jwt").read_text("ascii").strip()
        )
        assert read.id == token.id == json.loads(document)["id"]

    @needs_shared
    def test_are_accepted_by_the_official_schema(self, played: Played) -> None:
        validator = jsonschema_rs.Draft201909Validator(shared_json(SCHEMA), validate_formats=False)
        document = json.loads((played.left / "badge.json").read_bytes())
        assert [str(error) for error in validator.iter_errors(document)] == []

    def test_are_signed_as_the_demo_and_name_no_machine(self, played: Played) -> None:
        document = (played.left / "badge.json").read_text("utf-8")
        assert json.loads(document)["issuer"]["id"].startswith("did:web:demo.insignia.example:issuers:")
        assert "localhost" not in document


class TestRefusal:
    def test_a_demo_is_not_run_as_a_real_installation(self, played: Played, tmp_path: Path) -> None:
        data = played.copy(tmp_path / "world")
        done = insignia("run", "--port", "65123", cwd=tmp_path, INSIGNIA_DATA=str(data))
        assert done.returncode == 3
        assert "made by the demo" in done.stderr

    def test_a_folder_with_something_else_in_it_is_left_untouched(self, tmp_path: Path) -> None:
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "insignia.sqlite3").write_bytes(b"precious")
        done = insignia("demo", "--no-serve", "--data", "mine", cwd=tmp_path)
        assert done.returncode == 3
        assert "Choose another --data" in done.stderr
        assert [path.name for path in tmp_path.rglob("*")] == ["mine", "insignia.sqlite3"]
        assert (tmp_path / "mine" / "insignia.sqlite3").read_bytes() == b"precious"

    def test_a_file_in_the_place_of_the_folder_is_left_untouched(self, tmp_path: Path) -> None:
        (tmp_path / "mine").write_bytes(b"precious")
        done = insignia("demo", "--no-serve", "--data", "mine", cwd=tmp_path)
        assert done.returncode == 3
        assert (tmp_path / "mine").read_bytes() == b"precious"

    def test_a_taken_port_is_said_before_anything_is_emptied(self, tmp_path: Path) -> None:
        import socket

        data = tmp_path / "world"
        data.mkdir()
        (data / command.MARKER).write_text("a demo that runs")
        (data / "insignia.sqlite3").write_bytes(b"in use")
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            done = insignia("demo", "--data", "world", "--port", port, cwd=tmp_path)
        assert done.returncode == 3
        assert "--port" in done.stderr
        assert (data / "insignia.sqlite3").read_bytes() == b"in use"


class TestFailure:
    def test_of_a_step_ends_with_another_status_than_0(self, tmp_path: Path) -> None:
        breaking = (
            "import insignia.config.commands.demo as command\n"
            "command.prepare_database = lambda **_given: 1 / 0\n"
            "from insignia.cli.main import main\n"
            "main()\n"
        )
        arguments = ["demo", "--no-serve", "--data", "world"]
        done = subprocess.run(
            [sys.executable, "-c", breaking, *arguments],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 70
        assert "VALID" not in done.stdout

    def test_of_the_last_check_ends_with_1(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name in ("_environment", "start_platform", "_build"):
            monkeypatch.setattr(command, name, lambda *_given: None)
        monkeypatch.setattr(command, "_checked", lambda _stage: False)
        done = CliRunner().invoke(command.demo, ["--no-serve", "--data", str(tmp_path / "world")])
        assert done.exit_code == 1

    @pytest.mark.parametrize(("name", "copied"), [("badge.png", "tampered.json"), ("tampered.json", "badge.json")])
    def test_is_noticed_when_a_file_is_judged_otherwise_than_it_should(
        self, played: Played, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, copied: str
    ) -> None:
        shutil.copytree(played.left, tmp_path / "build" / "demo")
        shutil.copy(played.left / copied, tmp_path / "build" / "demo" / name)
        monkeypatch.chdir(tmp_path)
        expected = 1 if name == "tampered.json" else 0
        assert command._verified(name, expected=expected) is False

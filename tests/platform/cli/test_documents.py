"""What the repository shows about the command is what the command does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from insignia.cli.main import COMMANDS
from insignia.cli.verify import verify
from insignia.vc.verify import CHECK_IDS, REQUIRED

ROOT = Path(__file__).parents[3]
REFERENCE = (ROOT / "docs" / "reference" / "cli.md").read_text()


def run_example(name: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "examples" / name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


class TestReference:
    @pytest.mark.parametrize("name", COMMANDS)
    def test_names_every_command(self, name: str) -> None:
        assert re.search(rf"(## |`)insignia {name}\b", REFERENCE)

    @pytest.mark.parametrize("option", [option.opts[0] for option in verify.params if option.opts[0][0] == "-"])
    def test_names_every_option_of_verify(self, option: str) -> None:
        assert f"| `{option}" in REFERENCE

    def test_says_which_checks_decide(self) -> None:
        decide = REFERENCE.split("Checks that decide the verdict:")[1].split("Checks that inform:")
        assert set(re.findall(r"`([a-z.-]+)`", decide[0])) == REQUIRED & set(CHECK_IDS)
        assert set(re.findall(r"`([a-z.-]+)`", decide[1].split("\n\n")[0])) == set(CHECK_IDS) - REQUIRED


class TestExamples:
    def test_issue_a_badge_and_verify_it_in_every_form(self, tmp_path: Path) -> None:
        issued = run_example("issue_one_badge.py", tmp_path)
        assert (issued.returncode, issued.stderr) == (0, "")
        for name in ("badge.json", "badge.jwt", "badge.svg"):
            verified = run_example("verify_one_badge.py", tmp_path / name, tmp_path / "did.json")
            assert verified.returncode == 0, verified.stdout
            assert "VALID: Peer mediation, for Noor Haddad" in verified.stdout

    def test_notice_a_changed_badge(self, tmp_path: Path) -> None:
        run_example("issue_one_badge.py", tmp_path)
        changed = tmp_path / "changed.json"
        changed.write_bytes((tmp_path / "badge.json").read_bytes().replace(b"Noor", b"Nora"))
        assert run_example("verify_one_badge.py", changed, tmp_path / "did.json").returncode == 1

"""A folder with what the demo leaves, and the command run in this process or as a process of its own."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from insignia.cli.main import main
from insignia.vc.bake import bake_png, bake_svg
from tests.vc.bake.pictures import PLAIN_SVG, png
from tests.vc.credentials import INDEX, World, badge

INSIGNIA = Path(sys.executable).with_name("insignia")
AT = "2026-05-14T10:00:00Z"
SUPPLIED = ("--offline", "--at", AT, "--did-document", "did.json", "--status-list", "status-list.json")


@dataclass
class Ran:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.out)
        return found


Run = Callable[..., Ran]


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write one signed badge in every form, its issuer's document and its status lists."""
    folder, world = tmp_path_factory.mktemp("shelf"), World()
    signed = world.sign(badge())
    files = {
        "badge.json": signed.json_bytes,
        "badge.jwt": signed.jwt.encode(),
        "badge.png": bake_png(png(), signed.json_bytes),
        "badge.svg": bake_svg(PLAIN_SVG, signed.json_bytes),
        "plain.png": png(),
        "plain.svg": PLAIN_SVG,
        "tampered.json": signed.json_bytes.replace(b"Scientific", b"Scientifik", 1),
        "did.json": json.dumps(world.did_document()).encode(),
    }
    world.publish()
    files["status-list.json"] = next(iter(world.lists.known.values()))
    world.publish(INDEX)
    files["revoked-list.json"] = next(iter(world.lists.known.values()))
    for name, raw in files.items():
        (folder / name).write_bytes(raw)
    return folder


@pytest.fixture
def run(shelf: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run the command in this process, in the shelf's folder."""
    monkeypatch.chdir(shelf)

    def ran(*arguments: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["insignia", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Ran(int(ended.value.code or 0), out.decode(), err.decode())

    return ran


@pytest.fixture
def start(shelf: Path) -> Run:
    """Run the installed command as a process of its own, in the shelf's folder."""

    def started(*arguments: str, stdin: bytes = b"", **environment: str) -> Ran:
        done = subprocess.run(
            [INSIGNIA, *arguments],
            cwd=shelf,
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
            env={"PATH": "/usr/bin:/bin", **environment},
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return started

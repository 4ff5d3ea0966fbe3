"""A newcomer's first hour: no configuration, a school, a sign-in code from the terminal, the first key."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from tests.platform.demo.processes import Served, insignia, serve
from tests.platform.demo.visitor import Visitor

CODE = re.compile(r"^\s+([A-Z0-9]{4}-[A-Z0-9]{4})\s*$", re.MULTILINE)
FOUND = ("found", "riverside", "Riverside School", "--owner", "ana@example.org", "--time-zone", "Europe/Madrid")


def code_printed(server: Served) -> str:
    """Wait for the mail with the code; it is printed where the server runs."""
    for _ in range(300):
        found = CODE.findall(server.said())
        if found:
            return str(found[-1])
        time.sleep(0.1)
    raise TimeoutError(server.said())


class TestFirstSchool:
    def test_is_founded_signed_into_and_able_to_sign(self, tmp_path: Path) -> None:
        data = tmp_path / "school"
        founded = insignia(*FOUND, cwd=tmp_path, INSIGNIA_DATA=str(data))
        assert founded.returncode == 0, founded.stderr
        assert "/o/riverside/issuer" in founded.stdout
        with serve(data, cwd=tmp_path) as server:
            ana = Visitor(server.wait_until_up().address)
            assert "mails are printed here" in server.said()
            assert ana.get("/demo").status == 404
            ana.get("/sign-in")
            place = ana.post("/sign-in", {"email": "ana@example.org"}).location
            ana.get(place)
            assert ana.post(place, {"code": code_printed(server)}).location == "/"
            assert "/o/riverside/issuer/first-key" in ana.get("/o/riverside/issuer").text
            assert ana.post("/o/riverside/issuer/first-key", {}).status == 303
            issuer = re.search(r"/issuers/[0-9a-f-]{36}", ana.get("/o/riverside/issuer").text)
            assert issuer
            document = json.loads(Visitor(server.address).get(f"{issuer[0]}/did.json").content)
            assert document["id"] == f"did:web:localhost%3A{server.port}{issuer[0].replace('/', ':')}"
        doctor = insignia("doctor", "--deep", cwd=tmp_path, INSIGNIA_DATA=str(data))
        assert doctor.returncode == 0, doctor.stdout

    def test_keeps_its_secrets_to_the_one_who_runs_it(self, tmp_path: Path) -> None:
        insignia(*FOUND, cwd=tmp_path, INSIGNIA_DATA=str(tmp_path / "school"))
        assert (tmp_path / "school").stat().st_mode & 0o077 == 0
        for name in ("master-key", "secret-key"):
            assert (tmp_path / "school" / name).stat().st_mode & 0o077 == 0

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            (("Bad Slug!", "X", "--owner", "a@b.example"), "small letters"),
            (("x", "X", "--owner", "ana@@school"), "is not an address"),
            (("x", "X", "--owner", "a@b.example", "--time-zone", "Mars"), "is not a time zone"),
            (("x", "X"), "--owner"),
        ],
    )
    def test_is_not_founded_on_a_misprint(self, tmp_path: Path, wrong: tuple[str, ...], said: str) -> None:
        done = insignia("found", *wrong, cwd=tmp_path, INSIGNIA_DATA=str(tmp_path / "school"))
        assert done.returncode == 3
        assert said in done.stderr
        assert not (tmp_path / "school").exists()

"""The groups that need no installation, measured for a moment: every contender does its work, and right."""

from __future__ import annotations

import pytest

from benchmarks import sign, verify
from benchmarks.measuring import Effort
from benchmarks.options import Options
from benchmarks.peers import openbadges
from benchmarks.sample import SLOTS, Issuer, credential, rows
from insignia.vc.canon import rdfc_canonicalize
from insignia.vc.errors import SignatureMismatch
from insignia.vc.issue import lint

MOMENT = Options(effort=Effort(rounds=1, seconds=0.005), inputs=2)


@pytest.fixture
def issuer() -> Issuer:
    return Issuer.fixed()


@pytest.fixture
def without_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")


class TestSample:
    def test_is_what_the_pages_say_it_is(self, issuer: Issuer) -> None:
        written = rdfc_canonicalize(credential(), loader=issuer.loader)
        assert (written.count(b"\n"), round(len(written) / 1000, 1)) == (74, 9.4)
        assert lint(credential()) == ()

    def test_no_two_rows_are_alike(self) -> None:
        given = rows(200)
        assert all(len(row) == len(SLOTS) for row in given)
        for place in (0, 1, 2, 3, 5, 6, 7):
            assert len({row[place] for row in given}) == 200


class TestSign:
    @pytest.mark.usefixtures("without_node")
    def test_measures_everything_and_says_what_is_left_out(self, capsys: pytest.CaptureFixture[str]) -> None:
        lines = {line.name: line for line in sign.measure(MOMENT)}
        assert {sign.EDDSA, sign.GENERAL, sign.TOKEN, sign.OPENBADGESLIB, sign.PYNACL} <= lines.keys()
        assert all(line.value > 0 for line in lines.values())
        assert lines[sign.PYNACL].ratio == 1
        assert lines[sign.EDDSA].peer_value == lines[sign.PYNACL].value
        assert capsys.readouterr().out.count("\n") == 1
        assert sign.JAVASCRIPT not in lines

    def test_speed_without_the_same_proof_says_nothing(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sign.proofs_compare(issuer)
        monkeypatch.setattr(openbadges, "proof_value", lambda _issuer: "zOther")
        with pytest.raises(sign.ProofsDiffer, match="openbadgeslib"):
            sign.proofs_compare(issuer)


class TestVerify:
    @pytest.mark.usefixtures("without_node")
    def test_measures_everything(self) -> None:
        lines = {line.name: line for line in verify.measure(MOMENT)}
        assert {verify.ANY, verify.REPORT, verify.OPENBADGESLIB, verify.PYNACL} <= lines.keys()
        assert lines[verify.ANY].peer_value == lines[verify.PYNACL].value

    def test_refuses_what_was_changed(self, issuer: Issuer) -> None:
        signed = issuer.signed(1)[0].replace(b"Itzel", b"Noor!")
        with pytest.raises(SignatureMismatch):
            verify.general_verifying(issuer, [signed])(0)

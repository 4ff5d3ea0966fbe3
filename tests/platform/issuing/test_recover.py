"""An older copy of the database was put back: lists that are missing, keys that changed."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from insignia.audit.selectors import entries_doing, withdrawals_of
from insignia.audit.services import audit_sequence
from insignia.issuing.errors import DatabaseBehindMark, IssuerMissing, RecoveryListsMissing
from insignia.issuing.keyring import keys_kept, keys_path
from insignia.issuing.mark import mark_path
from insignia.issuing.models import Issuer, StatusList, StatusSlot
from insignia.issuing.published import copies_kept, published_directory
from insignia.issuing.selectors import key_active, keys_of, status_bit, status_document
from insignia.issuing.services import (
    issuer_create,
    key_rotate,
    keys_keep,
    keys_withdraw,
    lists_republish,
    mark_require,
    recover,
    status_change,
)
from insignia.issuing.services.status import set_with_room, slots_take
from insignia.issuing.sources import OwnIssuers, context_loader
from insignia.vc.status import parse_list
from insignia.vc.verify import NoStatusLists, Outcome, Sources, verify
from tests.platform.awards.doctor import findings
from tests.platform.factories import AT, SETUP, make_organization
from tests.platform.old_copy import put_back

pytestmark = pytest.mark.django_db
ORIGIN = "https://badges.example.org"
DAY = timedelta(days=1)
LATER = AT + 30 * DAY


@pytest.fixture
def issuer() -> Issuer:
    issuer = issuer_create(organization=make_organization(), actor=SETUP, at=AT, origin=ORIGIN)
    lists_republish(AT)
    return issuer


def issued(issuer: Issuer, count: int) -> list[StatusSlot]:
    slots = slots_take(issuer, count, at=AT)
    StatusSlot.objects.filter(pk__in=[slot.pk for slot in slots]).update(state=StatusSlot.State.ISSUED)
    return slots


def revoke(slot: StatusSlot, *, days: int) -> bytes:
    """Revoke and publish; give the list as a reader would fetch it then."""
    status_change(slot=StatusSlot.objects.get(pk=slot.pk), purpose="revocation", value=True, at=AT + days * DAY)
    lists_republish(AT + days * DAY)
    return status_document(StatusList.objects.get(purpose="revocation").public_id)


class TestNewestListThatIsMissing:
    """The mark knows how often each list was published; a list published later than any that is here is missed."""

    def test_because_the_copies_are_gone_is_named_and_nothing_changes(self, issuer: Issuer) -> None:
        slots = issued(issuer, 1)
        put_back(lambda: revoke(slots[0], days=1))
        shutil.rmtree(published_directory())
        with pytest.raises(RecoveryListsMissing) as refused:
            recover(actor=SETUP, at=LATER)
        address = f"{ORIGIN}/status/{StatusList.objects.get(purpose='revocation').public_id}"
        assert refused.value.data["lists"] == (address,)
        assert "--status-list" in refused.value.message
        assert "--accept-lost-lists" in refused.value.message
        with pytest.raises(DatabaseBehindMark):
            mark_require(issuer)

    def test_that_is_refused_ends_no_key(self, issuer: Issuer) -> None:
        slots = issued(issuer, 1)

        def live_on() -> None:
            key_rotate(issuer=issuer, actor=SETUP, at=AT + DAY)
            revoke(slots[0], days=2)

        put_back(live_on)
        shutil.rmtree(published_directory())
        before = keys_path().read_text()
        with pytest.raises(RecoveryListsMissing):
            recover(actor=SETUP, at=LATER)
        assert keys_path().read_text() == before

    def test_because_the_last_copy_was_never_written_is_named(self, issuer: Issuer, tmp_path: Path) -> None:
        slots = issued(issuer, 2)
        older = tmp_path / "older"

        def live_on() -> None:
            revoke(slots[0], days=1)
            shutil.copytree(published_directory(), older)
            revoke(slots[1], days=2)

        put_back(live_on)
        shutil.rmtree(published_directory())
        older.rename(published_directory())
        with pytest.raises(RecoveryListsMissing):
            recover(actor=SETUP, at=LATER)

    def test_may_be_handed_in(self, issuer: Issuer) -> None:
        slots, found = issued(issuer, 1), []
        put_back(lambda: found.append(revoke(slots[0], days=1)))
        shutil.rmtree(published_directory())
        report = recover(documents=found, actor=SETUP, at=LATER)
        assert (report.set_again, report.lists_lost) == (1, ())
        lists_republish(LATER)
        assert status_bit(slots[0], "revocation")
        assert findings() == []

    def test_is_not_replaced_by_one_that_the_backup_knows_already(self, issuer: Issuer) -> None:
        slots = issued(issuer, 2)
        before = status_document(StatusList.objects.get(purpose="revocation").public_id)
        put_back(lambda: revoke(slots[0], days=1))
        shutil.rmtree(published_directory())
        with pytest.raises(RecoveryListsMissing):
            recover(documents=[before], actor=SETUP, at=LATER)

    def test_is_not_replaced_by_one_older_than_the_copy_that_is_here(self, issuer: Issuer, tmp_path: Path) -> None:
        slots, found, older = issued(issuer, 3), [], tmp_path / "older"

        def live_on() -> None:
            found.append(revoke(slots[0], days=1))
            revoke(slots[1], days=2)
            shutil.copytree(published_directory(), older)
            revoke(slots[2], days=3)

        put_back(live_on)
        shutil.rmtree(published_directory())
        older.rename(published_directory())
        with pytest.raises(RecoveryListsMissing):
            recover(documents=found, actor=SETUP, at=LATER)

    def test_may_be_given_up_and_the_record_says_so(self, issuer: Issuer) -> None:
        slots = issued(issuer, 1)
        other = issuer_create(organization=make_organization(), actor=SETUP, at=AT, origin=ORIGIN)
        lists_republish(AT)
        put_back(lambda: status_change_of(slots[0]))
        shutil.rmtree(published_directory())
        report = recover(accept_lost_lists=True, actor=SETUP, at=LATER)
        lost = StatusList.objects.get(status_set__issuer=issuer, purpose="revocation")
        assert report.lists_lost == (f"{ORIGIN}/status/{lost.public_id}",)
        rows = {subject: new["lists_lost"] for _kind, subject, new in entries_doing("issuer.recovered")}
        assert rows == {issuer.public_id: list(report.lists_lost), other.public_id: []}
        lists_republish(LATER)
        assert findings() == []
        assert recover(actor=SETUP, at=LATER).lists_lost == ()

    def test_of_a_set_opened_after_the_backup_is_named_too(self, issuer: Issuer) -> None:
        opened: list[str] = []

        def live_on() -> None:
            longer = set_with_room(issuer, room=200_000, at=AT + DAY)
            lists_republish(AT + DAY)
            opened.extend(f"{ORIGIN}/status/{row.public_id}" for row in longer.lists.order_by("public_id"))

        put_back(live_on)
        shutil.rmtree(published_directory())
        with pytest.raises(RecoveryListsMissing) as refused:
            recover(actor=SETUP, at=LATER)
        assert sorted(refused.value.data["lists"]) == sorted(opened)
        assert len(recover(accept_lost_lists=True, actor=SETUP, at=LATER).lists_lost) == 3
        (row,) = entries_doing("issuer.recovered")
        assert sorted(row[2]["lists_lost"]) == sorted(opened)
        lists_republish(LATER)
        assert recover(actor=SETUP, at=LATER).lists_lost == ()

    def test_of_one_purpose_of_such_a_set_is_named_too(self, issuer: Issuer) -> None:
        opened: list[str] = []

        def live_on() -> None:
            longer = set_with_room(issuer, room=200_000, at=AT + DAY)
            lists_republish(AT + DAY)
            opened.append(f"{ORIGIN}/status/{longer.lists.get(purpose='revocation').public_id}")

        before = {copy.list_id for copy in copies_kept()}
        put_back(live_on)
        for copy in copies_kept():
            if copy.purpose == "revocation" and copy.list_id not in before:
                copy.path.unlink()
        with pytest.raises(RecoveryListsMissing) as refused:
            recover(actor=SETUP, at=LATER)
        assert list(refused.value.data["lists"]) == opened

    def test_is_none_where_only_the_mark_is_gone(self, issuer: Issuer) -> None:
        slots = issued(issuer, 1)
        revoke(slots[0], days=1)
        shutil.rmtree(published_directory())
        assert recover(burn=10, actor=SETUP, at=LATER).lists_lost == ()


def status_change_of(slot: StatusSlot) -> None:
    status_change(slot=slot, purpose="revocation", value=True, at=AT + DAY)
    lists_republish(AT + DAY)


class TestKeysChangedAfterTheBackup:
    """The public halves are kept beside the mark, with when each was retired or withdrawn."""

    def test_the_older_sign_nothing_again_and_the_newer_go_on_proving(self, issuer: Issuer) -> None:
        slots, published = issued(issuer, 1), []

        def live_on() -> None:
            key_rotate(issuer=issuer, actor=SETUP, at=AT + DAY)
            published.append(revoke(slots[0], days=2))

        put_back(live_on)
        report = recover(actor=SETUP, at=LATER)
        assert (report.keys_restored, report.keys_unknown, report.keyless) == (2, (), (str(issuer),))
        assert [(key.retired_at, key.compromised_at) for key in keys_of(issuer)] == [
            (AT + DAY, None),
            (AT + DAY, None),
            (LATER, None),
            (LATER, None),
        ]
        with pytest.raises(IssuerMissing, match="Renew the keys"):
            key_active(issuer, "Ed25519")
        assert signature_of(published[0]) is Outcome.PASSED
        key_rotate(issuer=issuer, actor=SETUP, at=LATER)
        lists_republish(LATER)
        assert signature_of(status_document(list_of("revocation").public_id)) is Outcome.PASSED
        assert findings(deep=True) == []

    def test_and_withdrawn_prove_nothing_again(self, issuer: Issuer) -> None:
        old = status_document(list_of("revocation").public_id)

        def live_on() -> None:
            key_rotate(issuer=issuer, actor=SETUP, at=AT + DAY, compromised=True)
            lists_republish(AT + DAY)

        put_back(live_on)
        recover(actor=SETUP, at=LATER)
        assert [key.compromised_at for key in keys_of(issuer)] == [AT + DAY, AT + DAY, None, None]
        assert signature_of(old) is Outcome.FAILED
        key_rotate(issuer=issuer, actor=SETUP, at=LATER)
        lists_republish(LATER)
        audit_sequence(LATER)
        assert set(withdrawals_of(issuer.public_id)) == {key.public_id for key in keys_of(issuer)[:2]}
        assert findings(deep=True) == []

    def test_and_withdrawn_long_after_they_were_retired(self, issuer: Issuer) -> None:
        key_rotate(issuer=issuer, actor=SETUP, at=AT)
        lists_republish(AT)
        first = keys_of(issuer)[0]
        put_back(lambda: keys_withdraw(issuer=issuer, key_id=first.public_id, actor=SETUP, at=AT + DAY))
        report = recover(actor=SETUP, at=LATER)
        assert (report.keys_restored, report.keyless) == (0, ())
        assert [bool(key.compromised_at) for key in keys_of(issuer)] == [True, True, False, False]
        lists_republish(LATER)
        assert findings(deep=True) == []

    def test_say_meanwhile_what_the_newest_lists_said(self, issuer: Issuer) -> None:
        slots = issued(issuer, 1)

        def live_on() -> None:
            key_rotate(issuer=issuer, actor=SETUP, at=AT + DAY)
            revoke(slots[0], days=2)

        put_back(live_on)
        recover(actor=SETUP, at=LATER)
        served = parse_list(json.loads(status_document(list_of("revocation").public_id)))
        assert served.bits.get(slots[0].index)  # nobody can sign a newer one before the keys are renewed

    def test_and_are_not_known_sign_nothing_until_they_are_renewed(self, issuer: Issuer) -> None:
        """An installation that kept no public keys yet: its lists name a key that nobody here knows."""
        slots = issued(issuer, 1)

        def live_on() -> None:
            key_rotate(issuer=issuer, actor=SETUP, at=AT + DAY)
            revoke(slots[0], days=2)

        put_back(live_on)
        keys_path().unlink()
        report = recover(actor=SETUP, at=LATER)
        method = json.loads(next(copy.path.read_bytes() for copy in copies_kept() if copy.purpose == "revocation"))
        assert report.keys_unknown == (method["proof"]["verificationMethod"],)
        assert report.keyless == (str(issuer),)
        with pytest.raises(IssuerMissing):
            key_active(issuer, "Ed25519")
        key_rotate(issuer=issuer, actor=SETUP, at=LATER)
        assert recover(actor=SETUP, at=LATER).keyless == ()
        lists_republish(LATER)
        assert recover(actor=SETUP, at=LATER).keyless == ()
        assert key_active(issuer, "Ed25519")
        lists_republish(LATER)
        assert findings(deep=True) == []

    def test_of_one_issuer_leave_the_others_as_they_were(self, issuer: Issuer) -> None:
        other = issuer_create(organization=make_organization(), actor=SETUP, at=AT, origin=ORIGIN)
        lists_republish(AT)
        slots = issued(other, 1)
        put_back(lambda: key_rotate(issuer=issuer, actor=SETUP, at=AT + DAY))
        report = recover(actor=SETUP, at=LATER)
        assert report.keyless == (str(issuer),)
        status_change(slot=slots[0], purpose="revocation", value=True, at=LATER)
        lists_republish(LATER)  # is not held up by lists that wait for a key
        assert findings() == []
        rows = {subject: new["keys_restored"] for _kind, subject, new in entries_doing("issuer.recovered")}
        assert rows == {issuer.public_id: 2, other.public_id: 0}

    def test_of_an_issuer_made_after_the_backup_are_left_alone(self, issuer: Issuer) -> None:
        put_back(lambda: issuer_create(organization=make_organization(), actor=SETUP, at=AT, origin=ORIGIN))
        assert recover(actor=SETUP, at=LATER).keys_restored == 0
        assert len(keys_of(issuer)) == 2

    def test_done_twice_changes_nothing_more(self, issuer: Issuer) -> None:
        put_back(lambda: key_rotate(issuer=issuer, actor=SETUP, at=AT + DAY))
        recover(actor=SETUP, at=LATER)
        key_rotate(issuer=issuer, actor=SETUP, at=LATER)
        again = recover(actor=SETUP, at=LATER + DAY)
        assert (again.keys_restored, again.keyless) == (0, ())


class TestPublicKeysKept:
    def test_of_an_installation_that_kept_none_are_kept_from_its_start_on(self, issuer: Issuer) -> None:
        keys_path().unlink()
        keys_keep()
        assert [key.public_id for key in keys_kept()] == [key.public_id for key in keys_of(issuer)]

    def test_hold_nothing_secret(self, issuer: Issuer) -> None:
        assert {key.algorithm for key in keys_of(issuer)} == {"Ed25519", "P-256"}
        text = keys_path().read_text()
        assert '"d"' not in text
        assert "private" not in text


def list_of(purpose: str) -> StatusList:
    return StatusList.objects.get(purpose=purpose)


def signature_of(document: bytes) -> Outcome:
    sources = Sources(resolver=OwnIssuers(), status_lists=NoStatusLists(), loader=context_loader())
    return verify(document, at=LATER, sources=sources).check("key").outcome


class TestCountOfPublications:
    def test_goes_on_after_the_newest_copy_where_the_mark_is_gone(self, issuer: Issuer) -> None:
        """A copy made later must never stand behind one from before."""
        slots = issued(issuer, 2)
        put_back(lambda: [revoke(slots[0], days=days) for days in (1, 60)])
        mark_path().unlink()
        recover(actor=SETUP, at=LATER)
        lists_republish(LATER)
        newest = [copy for copy in copies_kept() if copy.purpose == "revocation"]
        assert [copy.path.read_bytes() for copy in newest] == [status_document(list_of("revocation").public_id)]

"""An older copy of the database was put back: lists that are missing, keys that changed."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from insignia.audit.selectors import entries_doing
from insignia.issuing.errors import DatabaseBehindMark, RecoveryListsMissing
from insignia.issuing.models import Issuer, StatusList, StatusSlot
from insignia.issuing.published import published_directory
from insignia.issuing.selectors import status_bit, status_document
from insignia.issuing.services import issuer_create, lists_republish, mark_require, recover, status_change
from insignia.issuing.services.status import slots_take
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
        assert address in refused.value.message
        assert "--status-list" in refused.value.message
        assert "--accept-lost-lists" in refused.value.message
        with pytest.raises(DatabaseBehindMark):
            mark_require(issuer)

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

    def test_is_none_where_only_the_mark_is_gone(self, issuer: Issuer) -> None:
        slots = issued(issuer, 1)
        revoke(slots[0], days=1)
        shutil.rmtree(published_directory())
        assert recover(burn=10, actor=SETUP, at=LATER).lists_lost == ()


def status_change_of(slot: StatusSlot) -> None:
    status_change(slot=slot, purpose="revocation", value=True, at=AT + DAY)
    lists_republish(AT + DAY)

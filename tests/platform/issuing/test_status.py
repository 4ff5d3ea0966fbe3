"""Slots and lists: never reused, published at once, the slower publisher loses, nothing un-revoked."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from insignia.issuing.errors import (
    DatabaseBehindMark,
    IssuerNotFound,
    KeyNotHeld,
    RecoveryDocumentUnusable,
    ReservationNotOpen,
    SignerUnavailable,
)
from insignia.issuing.mark import mark_advance, mark_path, mark_read
from insignia.issuing.models import LIST_LENGTH, Issuer, SigningKey, StatusEvent, StatusList, StatusSet, StatusSlot
from insignia.issuing.published import copies_kept, published_directory
from insignia.issuing.rules import Mark
from insignia.issuing.selectors import (
    counters_now,
    did_document,
    key_active,
    keys_of,
    list_bits_on,
    lists_of,
    own_document,
    status_document,
    status_on,
)
from insignia.issuing.services import (
    indexes_take,
    issuer_create,
    key_rotate,
    keys_withdraw,
    list_publish,
    lists_republish,
    mark_require,
    recover,
    status_change,
    status_change_many,
)
from insignia.issuing.services import status as module
from insignia.issuing.services.status import set_with_room, slot_take, slots_take
from insignia.issuing.signers import ListDocument
from insignia.issuing.signers.in_process import InProcess
from insignia.issuing.signers.keys import RowKeys
from insignia.issuing.signers.lists import list_signed
from insignia.issuing.sources import OwnIssuers, OwnStatusLists
from insignia.vc.contexts import ContextLoader
from insignia.vc.status import BitstringList, parse_list
from insignia.vc.verify import Outcome, Sources, verify
from tests.platform.awards.doctor import findings
from tests.platform.factories import AT, SETUP, make_organization

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


@pytest.fixture
def issuer() -> Issuer:
    issuer = issuer_create(
        organization=make_organization(), actor=SETUP, at=AT, origin="https://badges.example.org"
    )
    lists_republish(AT)
    return issuer


def issued_slot(issuer: Issuer) -> StatusSlot:
    slot = slot_take(issuer, at=AT)
    slot.state = StatusSlot.State.ISSUED
    slot.save()
    return slot


def issued_slots(issuer: Issuer, count: int) -> list[StatusSlot]:
    slots = slots_take(issuer, count, at=AT)
    StatusSlot.objects.filter(pk__in=[slot.pk for slot in slots]).update(state=StatusSlot.State.ISSUED)
    return slots


def list_of(purpose: str) -> StatusList:
    return StatusList.objects.select_related("status_set__issuer").get(purpose=purpose)


class TestSlots:
    def test_are_never_handed_out_twice(self, issuer: Issuer) -> None:
        indexes = [slot_take(issuer, at=AT).index for _ in range(200)]
        assert len(set(indexes)) == 200
        assert StatusSet.objects.get().reserved == 200

    def test_spread_over_the_whole_list(self, issuer: Issuer) -> None:
        indexes = [slot_take(issuer, at=AT).index for _ in range(40)]
        assert max(indexes) - min(indexes) > LIST_LENGTH // 2

    def test_are_taken_many_at_once_with_as_few_queries_as_one(self, issuer: Issuer) -> None:
        before = slot_take(issuer, at=AT)
        with CaptureQueriesContext(connection) as few:
            slots_take(issuer, 2, at=AT)
        with CaptureQueriesContext(connection) as many:
            slots = slots_take(issuer, 100, at=AT)
        assert len(many) == len(few)
        assert len({slot.index for slot in slots} | {before.index}) == 101
        assert {slot.status_set_id for slot in slots} == {before.status_set_id}
        assert StatusSet.objects.get().reserved == 103

    def test_many_never_straddle_two_sets(self, issuer: Issuer) -> None:
        StatusSet.objects.update(reserved=LIST_LENGTH - 9)
        assert {slot.status_set.number for slot in slots_take(issuer, 10, at=LATER)} == {2}
        assert StatusSet.objects.get(number=1).reserved == LIST_LENGTH - 9

    def test_of_a_large_run_lie_in_one_longer_set(self, issuer: Issuer) -> None:
        longer = set_with_room(issuer, room=1_000_000, at=LATER)
        assert (longer.number, longer.length) == (2, 1_048_576)
        assert set_with_room(issuer, room=1_000_000, at=LATER) == longer
        assert slots_take(issuer, 3, at=LATER)[0].status_set == longer
        lists_republish(LATER)
        document = json.loads(status_document(longer.lists.get(purpose="revocation").public_id))
        assert len(parse_list(document).bits) == 1_048_576

    def test_known_as_used_are_never_handed_out(self, issuer: Issuer) -> None:
        with transaction.atomic():
            coming = [slot.index for slot in slots_take(issuer, 6, at=AT)]
            transaction.set_rollback(True)
        status_set = StatusSet.objects.get()
        for index in coming[1:4]:
            StatusSlot.objects.create(status_set=status_set, index=index, state=StatusSlot.State.BURNED)
        slots = slots_take(issuer, 5, at=AT)
        assert len(slots) == 5
        assert not {slot.index for slot in slots} & set(coming[1:4])

    def test_open_a_second_set_when_the_first_is_full(self, issuer: Issuer) -> None:
        StatusSet.objects.update(reserved=LIST_LENGTH)
        slot = slot_take(issuer, at=LATER)
        assert slot.status_set.number == 2
        assert slot.status_set.lists.count() == 3
        assert slot_take(issuer, at=LATER).status_set == slot.status_set


class TestLists:
    def test_are_three_from_the_first_day_and_big_enough_to_hide_in(self, issuer: Issuer) -> None:
        rows = lists_of(issuer)
        assert sorted(row.purpose for row in rows) == ["refresh", "revocation", "suspension"]
        for row in rows:
            document = json.loads(status_document(row.public_id))
            assert len(parse_list(document).bits) == LIST_LENGTH
            assert document["id"] == f"https://badges.example.org/status/{row.public_id}"

    def test_verify_as_credentials_of_the_issuer(self, issuer: Issuer) -> None:
        sources = Sources(resolver=OwnIssuers(), status_lists=OwnStatusLists(), loader=ContextLoader())
        for row in lists_of(issuer):
            report = verify(status_document(row.public_id), at=AT, sources=sources)
            assert report.check("signature").outcome is Outcome.PASSED, report.checks

    def test_say_a_change_as_soon_as_it_is_published(self, issuer: Issuer) -> None:
        slot = issued_slot(issuer)
        status_change(slot=slot, purpose="suspension", value=True, at=LATER)
        list_publish(list_id=list_of("suspension").pk, at=LATER)
        document = json.loads(status_document(list_of("suspension").public_id))
        bits = parse_list(document).bits
        assert [bits.get(index) for index in (slot.index, (slot.index + 1) % LIST_LENGTH)] == [True, False]
        assert list_of("revocation").epoch == 1

    def test_do_nothing_when_the_bit_stands_already(self, issuer: Issuer) -> None:
        slot = issued_slot(issuer)
        for _ in range(3):
            status_change(slot=slot, purpose="revocation", value=True, at=LATER)
        assert list_of("revocation").event_count == 1

    def test_refuse_a_slot_without_a_signed_document(self, issuer: Issuer) -> None:
        with pytest.raises(ReservationNotOpen):
            status_change(slot=slot_take(issuer, at=AT), purpose="revocation", value=True, at=LATER)

    def test_are_signed_again_at_half_of_their_life(self, issuer: Issuer) -> None:
        assert lists_republish(AT + timedelta(days=44)) == 0
        assert lists_republish(AT + timedelta(days=45)) == 3
        assert {row.epoch for row in lists_of(issuer)} == {2}

    def test_dated_into_the_future_are_signed_again_as_soon_as_the_clock_is_right(self, issuer: Issuer) -> None:
        slot, year_ahead = issued_slot(issuer), AT + timedelta(days=365)
        status_change(slot=slot, purpose="revocation", value=True, at=year_ahead)
        assert lists_republish(year_ahead) == 3
        assert len([line for line in findings(at=LATER) if "dated into the future" in line]) == 3
        assert findings(at=year_ahead) == []
        assert lists_republish(LATER) == 3
        assert json.loads(status_document(list_of("revocation").public_id))["validFrom"] == "2026-05-14T11:00:00Z"
        assert lists_republish(LATER - timedelta(minutes=4)) == 0, "clocks differ a little"
        assert findings(at=LATER) == []

    @pytest.mark.parametrize("purpose", ["refresh", "revocation", "suspension"])
    def test_signed_by_a_key_that_is_not_the_issuers_are_named(self, issuer: Issuer, purpose: str) -> None:
        other = issuer_create(organization=make_organization(), actor=SETUP, at=AT, origin=issuer.origin)
        lists_republish(AT)
        row = StatusList.objects.get(status_set__issuer=issuer, purpose=purpose)
        document = json.loads(status_document(row.public_id))
        document["proof"]["verificationMethod"] = f"{did_document(other)['id']}#{keys_of(other)[0].public_id}"
        StatusList.objects.filter(pk=row.pk).update(document=json.dumps(document).encode())
        (line,) = findings()
        assert line.startswith(f"I10 status list {row.public_id}")
        assert "no key of its issuer" in line

    def test_raise_the_mark_with_every_publication(self, issuer: Issuer) -> None:
        mark = mark_read()
        assert mark is not None
        assert {mark.epochs[str(row.public_id)] for row in lists_of(issuer)} == {1}

    def test_are_answered_to_anybody_and_unknown_ones_to_nobody(self, issuer: Issuer) -> None:
        row = list_of("revocation")
        assert own_document(f"https://badges.example.org/status/{row.public_id}") == bytes(row.document)
        assert own_document(f"https://elsewhere.example/status/{row.public_id}") is None
        with pytest.raises(IssuerNotFound):
            status_document(issuer.public_id)


class TestManyAtOnce:
    def test_cost_as_many_queries_as_one(self, issuer: Issuer) -> None:
        slots = issued_slots(issuer, 101)
        with CaptureQueriesContext(connection) as one:
            status_change(slot=slots[0], purpose="revocation", value=True, at=LATER)
        with CaptureQueriesContext(connection) as many:
            assert status_change_many(slots=slots[1:], purpose="revocation", value=True, at=LATER) == 100
        assert len(many) == len(one) < 12
        assert list_of("revocation").event_count == 101

    def test_change_only_what_is_not_so_yet(self, issuer: Issuer) -> None:
        slots = issued_slots(issuer, 5)
        status_change(slot=slots[2], purpose="suspension", value=True, at=LATER)
        assert status_change_many(slots=[*slots, slots[0]], purpose="suspension", value=True, at=LATER) == 4
        assert status_change_many(slots=slots, purpose="suspension", value=False, at=LATER) == 5
        assert [event.sequence for event in StatusEvent.objects.order_by("id")] == list(range(1, 11))
        lists_republish(LATER)
        assert findings() == []

    @pytest.mark.parametrize("place", range(4))
    def test_change_nothing_when_one_of_them_is_not_signed(self, issuer: Issuer, place: int) -> None:
        slots = issued_slots(issuer, 4)
        StatusSlot.objects.filter(pk=slots[place].pk).update(state="reserved")
        with pytest.raises(ReservationNotOpen):
            status_change_many(slots=slots, purpose="revocation", value=True, at=LATER)
        assert not StatusEvent.objects.exists()

    def test_may_lie_in_several_sets(self, issuer: Issuer) -> None:
        first = issued_slots(issuer, 2)
        StatusSet.objects.update(reserved=LIST_LENGTH)
        second = issued_slots(issuer, 2)
        assert status_change_many(slots=[*first, *second], purpose="revocation", value=True, at=LATER) == 4
        lists_republish(LATER)
        for slots in (first, second):
            row = slots[0].status_set.lists.get(purpose="revocation")
            bits = parse_list(json.loads(status_document(row.public_id))).bits
            assert [bits.get(slot.index) for slot in slots] == [True, True]


class TestHistory:
    def test_answers_how_it_stood_on_a_day(self, issuer: Issuer) -> None:
        slot, row = issued_slot(issuer), list_of("suspension")
        for day, value in ((1, True), (3, False), (5, True)):
            status_change(slot=slot, purpose="suspension", value=value, at=AT + timedelta(days=day))
        for day, value in ((0, False), (1, True), (2, True), (3, False), (4, False), (9, True)):
            moment = AT + timedelta(days=day)
            assert status_on(slot, "suspension", at=moment) is value
            assert BitstringList(list_bits_on(row, at=moment)).get(slot.index) is value
        assert not status_on(slot, "revocation", at=AT + timedelta(days=9))


def forget_revocations() -> None:
    """Make the database what it was before anything was revoked."""
    StatusEvent.objects.all().delete()
    StatusList.objects.filter(purpose="revocation").update(
        bits=bytes(LIST_LENGTH // 8), event_count=0, published_events=0, epoch=1
    )


class TestStalledPublisher:
    def test_signs_again_when_another_published_between_its_signature_and_its_swap(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slots, row = issued_slots(issuer, 2), list_of("revocation")
        status_change(slot=slots[0], purpose="revocation", value=True, at=LATER)
        signed = InProcess.list_document
        stalled: list[bytes] = []

        def stalling(signer: InProcess, list_id: UUID, *, at: datetime) -> ListDocument:
            made = signed(signer, list_id, at=at)
            if not stalled:  # as if stopped here, while somebody else changes and publishes
                stalled.append(made.document)
                status_change(slot=slots[1], purpose="revocation", value=True, at=at)
                list_publish(list_id=row.pk, at=at)
            return made

        monkeypatch.setattr(InProcess, "list_document", stalling)
        list_publish(list_id=row.pk, at=LATER)
        assert len(stalled) == 1
        published = status_document(row.public_id)
        assert published != stalled[0]
        bits = parse_list(json.loads(published)).bits
        assert [bits.get(slot.index) for slot in slots] == [True, True]
        assert list_of("revocation").epoch == 2
        assert not [finding for finding in findings() if finding.startswith("I10")]

    def test_loses_to_whoever_published_meanwhile(self, issuer: Issuer) -> None:
        slot, stalled = issued_slot(issuer), list_of("revocation")
        status_change(slot=slot, purpose="revocation", value=True, at=LATER)
        list_publish(list_id=stalled.pk, at=LATER)
        made = list_signed(stalled, keys=RowKeys(), at=LATER)
        assert not module._swap(stalled.pk, made, at=LATER)
        bits = parse_list(json.loads(status_document(stalled.public_id))).bits
        assert bits.get(slot.index)

    @pytest.mark.parametrize("purpose", ["refresh", "revocation", "suspension"])
    @pytest.mark.parametrize("was_retired_before", [False, True])
    def test_that_signed_with_a_withdrawn_key_loses(
        self, issuer: Issuer, purpose: str, *, was_retired_before: bool
    ) -> None:
        key, row = key_active(issuer, "Ed25519"), list_of(purpose)
        StatusList.objects.filter(pk=row.pk).update(published_at=None)
        stalled = list_signed(row, keys=RowKeys(), at=LATER)
        if was_retired_before:
            key_rotate(issuer=issuer, actor=SETUP, at=LATER)
            keys_withdraw(issuer=issuer, key_id=key.public_id, actor=SETUP, at=LATER)
        else:
            key_rotate(issuer=issuer, actor=SETUP, at=LATER, compromised=True)
        assert not module._swap(row.pk, stalled, at=LATER)
        assert len([line for line in findings() if "vouches for nothing" in line]) == 3
        lists_republish(LATER)
        published = json.loads(status_document(row.public_id))
        assert published["proof"]["verificationMethod"].endswith(str(key_active(issuer, "Ed25519").public_id))
        assert findings() == []

    def test_without_the_swap_would_un_revoke_and_the_doctor_names_it(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slot, stalled = issued_slot(issuer), list_of("revocation")
        status_change(slot=slot, purpose="revocation", value=True, at=LATER)
        list_publish(list_id=stalled.pk, at=LATER)
        careless = list_signed(stalled, keys=RowKeys(), at=LATER).document
        StatusList.objects.filter(pk=stalled.pk).update(
            document=careless, epoch=stalled.epoch + 1, published_events=stalled.event_count
        )
        assert any(finding.startswith("I10") for finding in findings())


class TestKeptCopies:
    """What this machine remembers of its published lists, outside the database."""

    def test_are_the_newest_of_each_list(self, issuer: Issuer) -> None:
        slot = issued_slot(issuer)
        status_change(slot=slot, purpose="suspension", value=True, at=LATER)
        list_publish(list_id=list_of("suspension").pk, at=LATER)
        kept = {copy.purpose: (copy.epoch, copy.path.read_bytes()) for copy in copies_kept()}
        published = {row.purpose: (row.epoch, status_document(row.public_id)) for row in lists_of(issuer)}
        assert kept == published

    def test_come_back_when_they_lack(self, issuer: Issuer) -> None:
        for copy in copies_kept():
            copy.path.unlink()
        assert lists_republish(LATER) == 0
        assert len(list(copies_kept())) == 3


@pytest.fixture
def issuers() -> list[Issuer]:
    made = [
        issuer_create(organization=make_organization(), actor=SETUP, at=AT, origin="https://badges.example.org")
        for _ in range(3)
    ]
    lists_republish(AT)
    return made


def published_on(issuer: Issuer) -> set[datetime | None]:
    return {row.published_at for row in lists_of(issuer)}


class TestSweep:
    """One that cannot be published holds up no other, wherever it stands."""

    HALF_LIFE = AT + timedelta(days=45)

    @pytest.mark.parametrize("place", range(3))
    def test_goes_on_behind_an_issuer_that_cannot_sign(self, issuers: list[Issuer], place: int) -> None:
        SigningKey.objects.filter(issuer=issuers[place]).update(sealed_private=b"")  # lies with another signer
        for issuer in issuers:
            StatusSet.objects.filter(issuer=issuer).update(reserved=7)
        with pytest.raises(KeyNotHeld):
            lists_republish(self.HALF_LIFE)
        for number, issuer in enumerate(issuers):
            assert published_on(issuer) == {AT if number == place else self.HALF_LIFE}
        mark = mark_read()
        assert mark is not None
        assert set(mark.reserved.values()) == {7}, "the mark is lifted all the same"

    @pytest.mark.parametrize("place", range(3))
    def test_goes_on_behind_an_issuer_whose_database_is_old(self, issuers: list[Issuer], place: int) -> None:
        behind = StatusSet.objects.get(issuer=issuers[place])
        mark_advance(Mark({str(behind.public_id): 5}))
        with pytest.raises(DatabaseBehindMark):
            lists_republish(self.HALF_LIFE)
        for number, issuer in enumerate(issuers):
            assert published_on(issuer) == {AT if number == place else self.HALF_LIFE}

    @pytest.mark.parametrize("place", range(3))
    def test_goes_on_behind_what_nobody_foresaw(
        self, issuers: list[Issuer], place: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        signed, broken = InProcess.list_document, {row.public_id for row in lists_of(issuers[place])}

        def breaks(signer: InProcess, list_id: UUID, *, at: datetime) -> ListDocument:
            if list_id in broken:
                raise ZeroDivisionError
            return signed(signer, list_id, at=at)

        monkeypatch.setattr(InProcess, "list_document", breaks)
        with pytest.raises(ZeroDivisionError):
            lists_republish(self.HALF_LIFE)
        for number, issuer in enumerate(issuers):
            assert published_on(issuer) == {AT if number == place else self.HALF_LIFE}

    @pytest.mark.parametrize("place", range(3))
    def test_keeps_the_other_copies_when_one_cannot_be_written(self, issuers: list[Issuer], place: int) -> None:
        for copy in copies_kept():
            copy.path.unlink()
        blocked = published_directory() / str(issuers[place].status_sets.get().public_id)
        blocked.rmdir()
        blocked.write_text("not a directory")
        with pytest.raises(OSError, match=str(blocked)):
            lists_republish(LATER)
        assert len(list(copies_kept())) == 6

    def test_does_not_wait_for_a_silent_signer_once_for_each_list(
        self, issuers: list[Issuer], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[UUID] = []

        def silent(_signer: InProcess, list_id: UUID, *, at: datetime) -> ListDocument:
            asked.append(list_id)
            raise SignerUnavailable("The signer did not answer.")

        StatusSet.objects.filter(issuer__in=issuers).update(reserved=7)
        monkeypatch.setattr(InProcess, "list_document", silent)
        with pytest.raises(SignerUnavailable):
            lists_republish(self.HALF_LIFE)
        assert len(asked) == 3
        mark = mark_read()
        assert mark is not None
        assert set(mark.reserved.values()) == {7}


class TestOldDatabase:
    def test_that_lacks_a_whole_set_signs_nothing(self, issuer: Issuer) -> None:
        StatusSet.objects.update(reserved=LIST_LENGTH)
        slots_take(issuer, 3, at=LATER)
        mark_advance(counters_now())
        newest = StatusSet.objects.get(number=2)
        for rows in (StatusSlot.objects.filter(status_set=newest), newest.lists.all()):
            rows.delete()
        newest.delete()
        with pytest.raises(DatabaseBehindMark):
            mark_require(issuer)
        assert any(finding.startswith("I12") for finding in findings())

    @pytest.mark.parametrize("count", [1, 5, 9])
    def test_hands_out_no_index(self, issuer: Issuer, count: int) -> None:
        mark_advance(Mark({str(StatusSet.objects.get().public_id): 5}))
        for take in (slots_take, indexes_take):
            with pytest.raises(DatabaseBehindMark):
                take(issuer, count, at=LATER)
        assert StatusSet.objects.get().reserved == 0

    def test_opens_no_further_set(self, issuer: Issuer) -> None:
        mark_advance(Mark({str(StatusSet.objects.get().public_id): 5}))
        with pytest.raises(DatabaseBehindMark):
            set_with_room(issuer, room=200_000, at=LATER)
        assert StatusSet.objects.count() == 1

    def test_gains_no_publication_by_withdrawn_keys(self, issuer: Issuer) -> None:
        rows = lists_of(issuer)
        mark_advance(Mark(epochs={str(row.public_id): row.epoch + 1 for row in rows}))
        key_rotate(issuer=issuer, actor=SETUP, at=LATER, compromised=True)
        with pytest.raises(DatabaseBehindMark):
            mark_require(issuer)
        recover(accept_lost_lists=True, actor=SETUP, at=LATER)
        lists_republish(LATER)
        assert {row.epoch for row in lists_of(issuer)} == {3}
        assert findings() == []

    def test_changes_and_publishes_nothing(self, issuer: Issuer) -> None:
        slot = issued_slot(issuer)
        StatusList.objects.filter(purpose="revocation").update(epoch=0, published_at=None)
        with pytest.raises(DatabaseBehindMark):
            status_change(slot=slot, purpose="revocation", value=True, at=LATER)
        with pytest.raises(DatabaseBehindMark):
            lists_republish(LATER)
        assert did_document(issuer)["id"]


class TestRecovery:
    """An older copy, brought up to the mark."""

    def test_burns_the_gap_and_goes_on_with_fresh_indexes(self, issuer: Issuer) -> None:
        used = {slot_take(issuer, at=AT).index for _ in range(5)}
        mark_advance(counters_now())
        StatusSlot.objects.all().delete()
        StatusSet.objects.update(reserved=0)
        report = recover(actor=SETUP, at=LATER)
        assert (report.burned, report.set_again) == (5, 0)
        assert set(StatusSlot.objects.filter(state="burned").values_list("index", flat=True)) == used
        assert slot_take(issuer, at=LATER).index not in used
        lists_republish(LATER)
        assert findings() == []

    def test_revokes_again_what_a_published_list_says(self, issuer: Issuer) -> None:
        slot = issued_slot(issuer)
        status_change(slot=slot, purpose="revocation", value=True, at=LATER)
        list_publish(list_id=list_of("revocation").pk, at=LATER)
        published = status_document(list_of("revocation").public_id)
        StatusEvent.objects.all().delete()
        StatusList.objects.filter(purpose="revocation").update(
            bits=bytes(LIST_LENGTH // 8), event_count=0, published_events=0, epoch=1
        )
        assert recover(documents=[published, published], actor=SETUP, at=LATER).set_again == 1
        lists_republish(LATER)
        assert parse_list(json.loads(status_document(list_of("revocation").public_id))).bits.get(slot.index)
        assert list_of("revocation").epoch == 3

    def test_needs_no_file_where_this_machine_kept_its_lists(self, issuer: Issuer) -> None:
        slots = issued_slots(issuer, 3)
        status_change_many(slots=slots[:2], purpose="revocation", value=True, at=LATER)
        lists_republish(LATER)
        forget_revocations()
        assert recover(actor=SETUP, at=LATER).set_again == 2
        lists_republish(LATER)
        bits = parse_list(json.loads(status_document(list_of("revocation").public_id))).bits
        assert [bits.get(slot.index) for slot in slots] == [True, True, False]

    def test_puts_back_a_set_that_was_opened_after_the_backup(self, issuer: Issuer) -> None:
        first = StatusSet.objects.get()
        longer = set_with_room(issuer, room=200_000, at=LATER)
        slots = issued_slots(issuer, 3)
        status_change(slot=slots[1], purpose="revocation", value=True, at=LATER)
        lists_republish(LATER)
        address = longer.lists.get(purpose="revocation").public_id
        for rows in (StatusEvent.objects.all(), StatusSlot.objects.all(), longer.lists.all()):
            rows.delete()
        longer.delete()
        with pytest.raises(DatabaseBehindMark):
            mark_require(issuer)
        report = recover(actor=SETUP, at=LATER)
        assert (report.sets_restored, report.sets_lost, report.set_again) == (1, 0, 1)
        lists_republish(LATER)
        assert parse_list(json.loads(status_document(address))).bits.get(slots[1].index)
        assert slot_take(issuer, at=LATER).status_set.public_id not in {first.public_id, longer.public_id}
        lists_republish(LATER)
        assert findings() == []

    def test_says_how_many_sets_are_lost_for_good(self, issuer: Issuer) -> None:
        mark_advance(Mark({"01890000-0000-7000-8000-000000000000": 7}))
        with pytest.raises(DatabaseBehindMark):
            mark_require(issuer)
        assert recover(actor=SETUP, at=LATER).sets_lost == 1
        mark_require(issuer)

    def test_done_twice_changes_nothing_more(self, issuer: Issuer) -> None:
        slots = issued_slots(issuer, 3)
        status_change(slot=slots[0], purpose="revocation", value=True, at=LATER)
        lists_republish(LATER)
        forget_revocations()
        StatusSlot.objects.all().delete()
        StatusSet.objects.update(reserved=0)
        assert recover(actor=SETUP, at=LATER).burned == 3
        again = recover(actor=SETUP, at=LATER)
        assert (again.burned, again.set_again) == (0, 0)

    def test_after_the_mark_was_lost_burns_as_many_as_asked(self, issuer: Issuer) -> None:
        mark_path().unlink()
        assert recover(burn=100, actor=SETUP, at=LATER).burned == 100
        assert slot_take(issuer, at=LATER).status_set.reserved == 101
        lists_republish(LATER)
        assert findings() == []

    def test_refuses_a_list_of_somebody_else(self, issuer: Issuer) -> None:
        document = json.loads(status_document(list_of("revocation").public_id))
        document["credentialSubject"]["ttl"] = 1
        for foreign in (json.dumps(document).encode(), b"{}", b""):
            with pytest.raises(RecoveryDocumentUnusable):
                recover(documents=[foreign], actor=SETUP, at=LATER)

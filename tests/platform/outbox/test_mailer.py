from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from insignia.foundation.sealing import datakey_create, datakey_destroy
from insignia.outbox import claiming, mailer
from insignia.outbox.claiming import messages_claim
from insignia.outbox.errors import RecipientUnusable
from insignia.outbox.mailer import messages_send
from insignia.outbox.models import Bounce, Message
from insignia.outbox.rules import LONGEST, TRIES, delay
from insignia.outbox.services import message_queue, messages_cancel
from tests.platform.factories import AT
from tests.platform.outbox.sink import Sink

pytestmark = pytest.mark.django_db


def queue(key: str = "one", *, recipient: str = "samuel@example.org", kind: str = "invitation") -> Message:
    return message_queue(
        kind=kind,
        key=key,
        recipient=recipient,
        language="en",
        context={
            "organization": {"en": "Quillwater High", "es": "Instituto Quillwater"},
            "path": "/x",
            "days": 14,
        },
        at=AT,
    )


class TestMailer:
    def test_sends_each_mail_once_under_its_own_id(self, sink: Sink) -> None:
        first, second = queue("one"), queue("two")
        assert queue("one") == first
        assert messages_send(AT) == 2
        assert messages_send(AT) == 0
        assert [mail["Message-ID"] for mail in sink.mails] == [first.message_id, second.message_id]
        assert sink.mails[0]["Subject"] == "Quillwater High invites you"

    def test_tries_again_later_under_the_same_id(self, sink: Sink) -> None:
        message = queue()
        sink.data_answer = "451 come back later"
        assert messages_send(AT) == 0
        sink.data_answer = ""
        assert messages_send(AT) == 0, "it waits before it tries again"
        assert messages_send(AT + timedelta(hours=1)) == 1
        assert [mail["Message-ID"] for mail in sink.mails] == [message.message_id]

    def test_takes_up_what_a_dead_sender_had_claimed(self, sink: Sink) -> None:
        message = queue()
        Message.objects.filter(pk=message.pk).update(next_try_at=AT + timedelta(minutes=5), attempts=1)
        assert messages_send(AT + timedelta(minutes=6)) == 1

    def test_waits_for_the_undo_window(self, sink: Sink) -> None:
        message = queue()
        Message.objects.filter(pk=message.pk).update(next_try_at=AT + timedelta(minutes=10))
        assert messages_send(AT + timedelta(minutes=9)) == 0

    def test_gives_up_in_the_end_and_says_why(self, sink: Sink) -> None:
        message = queue()
        sink.data_answer = "451 come back later"
        for hours in range(0, 12 * (TRIES + 1), 12):
            messages_send(AT + timedelta(hours=hours))
        message.refresh_from_db()
        assert message.abandoned_at is not None
        assert message.attempts == TRIES
        assert "451" in message.last_error

    def test_sends_nothing_about_an_erased_person(self, sink: Sink) -> None:
        key = datakey_create(at=AT)
        message_queue(
            kind="invitation", key="k", recipient="a@b.example", language="en", context={}, at=AT, data_key=key
        )
        datakey_destroy(key, at=AT)
        assert messages_send(AT) == 0
        assert sink.mails == []

    def test_sends_a_batch_over_one_connection(self, sink: Sink) -> None:
        for number in range(5):
            queue(str(number))
        assert messages_send(AT) == 5
        assert sink.connections == 1

    def test_sends_more_than_one_batch(self, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(claiming, "BATCH", 2)
        monkeypatch.setattr(mailer, "BATCH", 2)
        for number in range(5):
            queue(str(number))
        assert messages_send(AT) == 5

    def test_goes_on_behind_a_mail_that_cannot_be_written(self, sink: Sink) -> None:
        queue("odd", kind="no-such-template")
        queue("good")
        assert messages_send(AT) == 1
        assert "LookupError" in Message.objects.get(key="odd").last_error

    def test_sends_nothing_that_was_taken_back_while_it_was_claimed(self, sink: Sink) -> None:
        first, second = queue("first"), queue("second")
        batch = messages_claim(AT)
        messages_cancel([first.key], at=AT)
        mailer._Round(at=AT).send(batch)
        assert [mail["Message-ID"] for mail in sink.mails] == [second.message_id]

    @pytest.mark.parametrize(
        "recipient",
        ["a@[1", "=?utf-8?q?x?=@x.org", "a@" + "x" * 70 + ".org", "<", "", "\ud7ff@x.org", "a@b@c", "(c@x.org"],
    )
    def test_goes_on_behind_an_address_that_cannot_be_written(self, sink: Sink, recipient: str) -> None:
        queue("first")
        odd = queue("odd", recipient=recipient)
        queue("last", recipient="last@x.org")
        messages_send(AT)
        arrived = {mail["Message-ID"] for mail in sink.mails}
        assert arrived >= set(Message.objects.exclude(pk=odd.pk).values_list("message_id", flat=True))
        assert Message.objects.get(key="last").attempts == 1

    def test_postpones_a_mail_that_fails_for_a_reason_nobody_thought_of(
        self, sink: Sink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        odd, good = queue("odd", recipient="odd@x.org"), queue("good", recipient="good@x.org")
        send = EmailBackend.send_messages

        def fails(self: EmailBackend, mails: list[EmailMessage]) -> int:
            if mails[0].to == ["odd@x.org"]:
                raise AttributeError("no such attribute")
            return send(self, mails)

        monkeypatch.setattr(EmailBackend, "send_messages", fails)
        assert messages_send(AT) == 1
        odd.refresh_from_db()
        assert (odd.sent_at, odd.abandoned_at, odd.attempts) == (None, None, 1)
        assert odd.last_error == "AttributeError: no such attribute"
        assert odd.next_try_at >= AT + delay(1)
        for hours in range(1, 12 * TRIES, 12):
            messages_send(AT + timedelta(hours=hours))
        odd.refresh_from_db()
        assert odd.abandoned_at is not None, "it is given up in the end"
        assert good.message_id == sink.mails[0]["Message-ID"]

    def test_keeps_an_answer_that_no_database_holds(self, sink: Sink) -> None:
        message, _good = queue("one", recipient="gone@x.org"), queue("two")
        sink.recipient_answers["gone@x.org"] = "550 5.1.1 no \x00 such"
        assert messages_send(AT) == 1
        message.refresh_from_db()
        assert message.abandoned_at is not None


class TestTakenBackTooLate:
    """An undo that comes after the mailer's last look: the mail goes out, so it must be told as out."""

    def test_is_told_as_out(self, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
        message = queue("one")
        said: list[list[str]] = []
        deliver = mailer._Round._deliver

        def undone_first(self: mailer._Round, mine: Message, mail: EmailMessage) -> None:
            said.append(messages_cancel(["one"], at=AT))
            deliver(self, mine, mail)

        monkeypatch.setattr(mailer._Round, "_deliver", undone_first)
        assert messages_send(AT) == 1
        assert said == [["one"]]
        message.refresh_from_db()
        assert (message.sent_at is not None, message.abandoned_at) == (True, None), "one fate, not two"

    def test_is_told_as_out_while_the_claim_lives_and_the_mail_is_stopped_where_it_can_be(
        self, sink: Sink
    ) -> None:
        queue("one")
        batch = messages_claim(AT)
        for _ in range(2):
            assert messages_cancel(["one"], at=AT) == ["one"]
        mailer._Round(at=AT).send(batch)
        assert sink.mails == []
        assert messages_cancel(["one"], at=AT) == [], "its sender stopped it"

    def test_is_told_as_out_when_the_line_was_dropped(self, sink: Sink) -> None:
        queue("one")
        sink.drop_after_data = 1
        messages_send(AT)
        assert messages_cancel(["one"], at=AT) == ["one"]
        assert messages_send(AT + timedelta(hours=1)) == 0

    def test_is_not_said_of_what_no_server_took(self, sink: Sink) -> None:
        queue("deferred", recipient="deferred@x.org")
        sink.recipient_answers["deferred@x.org"] = "450 4.2.1 greylisted"
        messages_send(AT)
        queue("waits")
        sink.stop()
        messages_send(AT)
        assert messages_cancel(["deferred", "waits"], at=AT) == []

    def test_stays_with_what_was_given_up_before(self, sink: Sink) -> None:
        message = queue("one")
        sink.data_answer = "554 5.6.0 not this one"
        messages_send(AT)
        assert messages_cancel(["one"], at=AT) == []
        message.refresh_from_db()
        assert message.last_error == "554 5.6.0 not this one"


class TestMailServerInTrouble:
    @pytest.mark.parametrize(
        "answer", ["552 5.3.4 Message size exceeds fixed limit", "552 too big", "554 5.3.4 too big for us"]
    )
    def test_refusing_the_size_of_a_mail_refuses_that_mail(self, sink: Sink, answer: str) -> None:
        big, small = queue("big"), queue("small")
        sink.sender_answers = [answer]
        assert messages_send(AT) == 1
        for message in (big, small):
            message.refresh_from_db()
        assert (big.last_error, big.abandoned_at is not None) == (answer, True)
        assert small.sent_at is not None
        assert not Bounce.objects.exists()

    def test_ending_a_connection_after_some_mails_gets_the_rest_over_another(self, sink: Sink) -> None:
        sink.mails_per_connection = 4
        for number in range(10):
            queue(f"{number}")
        assert messages_send(AT) == 10
        assert sink.connections == 3
        assert set(Message.objects.values_list("attempts", flat=True)) == {1}

    def test_taking_no_mail_at_all_is_asked_once(self, sink: Sink) -> None:
        queue("one")
        sink.sender_answer = "421 4.7.0 too many connections"
        assert messages_send(AT) == 0
        assert sink.connections == 1
        assert Message.objects.get().attempts == 0

    def test_down_costs_no_mail_a_try(self, sink: Sink) -> None:
        first, second = queue("one"), queue("two")
        sink.stop()
        for minutes in range(0, 60, 2):
            assert messages_send(AT + timedelta(minutes=minutes)) == 0
        sink.start()
        assert [Message.objects.get(pk=one.pk).attempts for one in (first, second)] == [0, 0]
        assert messages_send(AT + timedelta(hours=1)) == 2

    def test_dropping_the_line_after_data_gives_a_second_copy_under_the_same_id(self, sink: Sink) -> None:
        message, other = queue("one"), queue("two", recipient="b@example.org")
        sink.drop_after_data = 1
        assert messages_send(AT) == 1, "the other mail goes out over a new connection"
        assert messages_send(AT + timedelta(hours=1)) == 1
        ids = [mail["Message-ID"] for mail in sink.mails]
        assert ids == [message.message_id, other.message_id, message.message_id]

    def test_so_slow_that_the_claim_would_end_gives_the_rest_back(
        self, sink: Sink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mailer, "LEASE", timedelta(0))
        queue("one")
        queue("two")
        batch = messages_claim(AT)
        mailer._Round(at=AT).send(batch)
        assert sink.mails == []
        assert set(Message.objects.values_list("attempts", flat=True)) == {0}

    def test_hanging_is_given_up_on_and_tried_again(self, sink: Sink, settings: LazySettings) -> None:
        settings.EMAIL_TIMEOUT = 0.3
        message = queue()
        sink.hold = threading.Event()
        assert messages_send(AT) == 0
        sink.hold.set()
        sink.hold = None
        assert messages_send(AT + timedelta(hours=1)) == 1
        message.refresh_from_db()
        assert message.attempts == 2

    def test_refusing_our_sender_is_no_fault_of_a_mail(self, sink: Sink) -> None:
        message = queue()
        sink.sender_answer = "550 5.7.1 we do not know you"
        assert messages_send(AT) == 0
        message.refresh_from_db()
        assert (message.attempts, message.abandoned_at) == (0, None)


class TestBounce:
    def test_is_kept_of_an_address_without_a_mailbox(self, sink: Sink) -> None:
        message, good = queue("one", recipient="Gone@Example.org"), queue("two")
        sink.recipient_answers["Gone@Example.org"] = "550 5.1.1 no such user"
        assert messages_send(AT) == 1
        message.refresh_from_db()
        assert message.abandoned_at is not None
        assert message.last_error == "550 5.1.1 no such user"
        bounce = Bounce.objects.get()
        assert (bounce.address, bounce.code, bounce.message) == ("gone@example.org", 550, message)
        assert sink.mails[0]["Message-ID"] == good.message_id

    def test_keeps_other_mails_back(self, sink: Sink) -> None:
        Bounce.objects.create(address="a@b.example", message=queue(), code=550, reason="no", at=AT)
        kept = queue("kept", recipient="A@b.example", kind="award-revoked")
        assert messages_send(AT) == 1
        kept.refresh_from_db()
        assert kept.last_error == "address-bounced"

    def test_does_not_keep_back_what_somebody_asks_for_now_and_ends_when_it_arrives(self, sink: Sink) -> None:
        Bounce.objects.create(address="a@b.example", message=queue(), code=550, reason="no", at=AT)
        queue("code", recipient="a@b.example")
        assert messages_send(AT) == 2
        assert Bounce.objects.get().cleared_at is not None

    def test_ends_when_a_mail_arrives_that_was_taken_together_with_the_refused_one(self, sink: Sink) -> None:
        queue("one", recipient="Gone@example.org")
        queue("two", recipient="gone@example.org")
        sink.recipient_answers["Gone@example.org"] = "550 5.1.1 no such user"
        assert messages_send(AT) == 1
        assert Bounce.objects.get().cleared_at is not None

    def test_is_not_said_of_an_address_when_the_server_refuses_us(self, sink: Sink) -> None:
        message = queue()
        sink.recipient_answers[message.recipient] = "550 5.7.1 relaying denied"
        assert messages_send(AT) == 0
        message.refresh_from_db()
        assert message.abandoned_at is None
        assert not Bounce.objects.exists()

    def test_is_not_said_of_an_address_when_a_mail_is_refused_for_what_it_says(self, sink: Sink) -> None:
        message = queue()
        sink.data_answer = "554 5.6.0 not this one"
        assert messages_send(AT) == 0
        message.refresh_from_db()
        assert message.abandoned_at is not None
        assert not Bounce.objects.exists()


class TestRateLimit:
    def test_holds_for_all_workers_together(self, sink: Sink, settings: LazySettings) -> None:
        settings.INSIGNIA_MAIL_PER_MINUTE = 3
        for number in range(8):
            queue(str(number))
        assert messages_send(AT) == 3
        assert messages_send(AT + timedelta(seconds=5)) == 0, "the minute's mails are sent"
        assert messages_send(AT + timedelta(minutes=1)) == 3
        assert messages_send(AT + timedelta(minutes=2)) == 2

    def test_is_counted_anew_when_a_clock_was_ahead(self, sink: Sink, settings: LazySettings) -> None:
        settings.INSIGNIA_MAIL_PER_MINUTE = 2
        for number in range(6):
            queue(str(number))
        assert messages_send(AT + timedelta(days=365)) == 2
        assert messages_send(AT) == 2
        assert messages_send(AT + timedelta(minutes=1)) == 2

    def test_counts_a_worker_whose_clock_is_a_little_behind(self, sink: Sink, settings: LazySettings) -> None:
        settings.INSIGNIA_MAIL_PER_MINUTE = 2
        for number in range(4):
            queue(str(number))
        assert messages_send(AT) == 2
        assert messages_send(AT - timedelta(minutes=2)) == 0


class TestClockThatWasAhead:
    """A year ahead, once: what it wrote keeps no mail back until then."""

    AHEAD = AT + timedelta(days=365)

    def test_and_put_off_what_a_server_did_not_take(self, sink: Sink) -> None:
        queue()
        sink.data_answer = "451 come back later"
        assert messages_send(self.AHEAD) == 0
        sink.data_answer = ""
        assert messages_send(AT + timedelta(hours=1)) == 1

    def test_and_found_no_server(self, sink: Sink) -> None:
        queue()
        sink.stop()
        assert messages_send(self.AHEAD) == 0
        sink.start()
        assert messages_send(AT + timedelta(hours=1)) == 1

    def test_and_died_with_what_it_had_claimed(self, sink: Sink) -> None:
        queue()
        assert len(messages_claim(self.AHEAD)) == 1
        assert messages_send(AT + timedelta(hours=1)) == 1

    def test_and_queued_a_mail(self, sink: Sink) -> None:
        queue()
        Message.objects.update(created_at=self.AHEAD, not_before=self.AHEAD, next_try_at=self.AHEAD)
        assert messages_send(AT + timedelta(hours=1)) == 1

    def test_is_not_seen_in_a_long_wait_or_a_late_mail(self, sink: Sink) -> None:
        queue("waits")
        Message.objects.update(attempts=10, next_try_at=AT + LONGEST)
        late = AT + timedelta(days=2)
        Message.objects.filter(pk=queue("late").pk).update(not_before=late, next_try_at=late)
        assert messages_send(AT) == 0
        assert messages_send(late) == 2


class TestMessageQueue:
    @pytest.mark.parametrize(
        "recipient", ["a@b.example\r\nBcc: all@b.example", "a\x00@b.example", "a@b\n.example"]
    )
    def test_refuses_an_address_that_could_forge_headers(self, recipient: str) -> None:
        with pytest.raises(RecipientUnusable):
            message_queue(kind="invitation", key="k", recipient=recipient, language="en", context={}, at=AT)

    def test_keeps_hostile_names_on_one_subject_line(self, sink: Sink) -> None:
        message_queue(
            kind="invitation",
            key="hostile",
            recipient="a@b.example",
            language="es",
            context={"organization": {"es": "High\r\nBcc: all@b.example" + "x" * 10_000}, "path": "/", "days": 1},
            at=AT,
        )
        assert messages_send(AT) == 1
        assert sink.mails[0]["Bcc"] is None
        assert len(sink.mails[0]["Subject"]) < 400

"""Several people (or several windows of one) at the same moment, each on a connection of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from insignia.assessment.errors import (
    IllegalMove,
    LeaseLost,
    LeaseTaken,
    QueueEmpty,
    RatingLocked,
    StaleVersion,
)
from insignia.assessment.models import Assignment, Attempt, Decision, EvidenceItem, Submission
from insignia.assessment.services import (
    evidence_add_text,
    queue_lease,
    queue_lease_next,
    rating_lock,
    rating_save,
    submission_start,
    submission_submit,
    submission_withdraw,
)
from insignia.audit.models import AuditEntry
from insignia.outbox.models import Message
from tests.platform.assessment.world import HOUR, World
from tests.platform.factories import AT, make_member, make_person

pytestmark = pytest.mark.django_db(transaction=True)

Step = Callable[[], Any]
Together = Callable[[Sequence[Step]], list[Any]]


@pytest.fixture(autouse=True)
def asynchronous(settings: Any) -> None:  # noqa: ANN401  - pytest-django's
    settings.INSIGNIA_WAKE = "worker"  # wakes must not run jobs inside the threads


@pytest.fixture
def together() -> Together:
    """Run steps at the same moment; give back each one's result or error, in order."""

    def run(steps: Sequence[Step]) -> list[Any]:
        results: list[Any] = [None] * len(steps)
        barrier = Barrier(len(steps))

        def work(place: int) -> None:
            try:
                connection.ensure_connection()
                barrier.wait(10)
                results[place] = steps[place]()
            except Exception as error:  # noqa: BLE001  - the error is the result
                results[place] = error
            finally:
                connection.close()

        threads = [Thread(target=work, args=(place,)) for place in range(len(steps))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return results

    return run


def sorted_out(results: Sequence[Any]) -> tuple[list[Any], list[Exception]]:
    """Part results from errors."""
    errors = [one for one in results if isinstance(one, Exception)]
    return [one for one in results if not isinstance(one, Exception)], errors


def kinds(errors: Sequence[Exception]) -> set[type[Exception]]:
    return {type(error) for error in errors}


class TestAtOnce:
    def test_every_assessor_gets_another_work_or_a_clear_word(self, world: World, together: Together) -> None:
        for _ in range(4):
            world.submitted(make_person())
        people = [make_member(world.school, "assessor") for _ in range(6)]
        steps = [lambda who=who: queue_lease_next(assessor=who, at=AT) for who in people]
        leased, errors = sorted_out(together(steps))
        assert len({assignment.attempt_id for assignment in leased}) == 4 == len(leased)
        assert kinds(errors) == {QueueEmpty}
        (counts,) = together(
            [lambda: (Assignment.objects.count(), AuditEntry.objects.filter(action="submission.lease").count())]
        )
        assert counts == (4, 4)

    def test_one_work_by_name_goes_to_one(self, world: World, together: Together) -> None:
        work = world.submitted()
        people = [make_member(world.school, "assessor") for _ in range(5)]
        steps = [lambda who=who: queue_lease(submission_id=work.public_id, assessor=who, at=AT) for who in people]
        leased, errors = sorted_out(together(steps))
        assert len(leased) == 1
        assert kinds(errors) == {LeaseTaken}

    def test_a_lapsed_lease_goes_to_one(self, world: World, together: Together) -> None:
        world.submitted()
        world.leased()
        people = [make_member(world.school, "assessor") for _ in range(5)]
        steps = [lambda who=who: queue_lease_next(assessor=who, at=AT + HOUR) for who in people]
        leased, errors = sorted_out(together(steps))
        assert len(leased) == 1
        assert kinds(errors) == {QueueEmpty}

    def test_two_windows_of_one_assessor_get_the_same_work(self, world: World, together: Together) -> None:
        for _ in range(3):
            world.submitted(make_person())
        leased, errors = sorted_out(together([lambda: queue_lease_next(assessor=world.samuel, at=AT)] * 5))
        assert errors == []
        assert len({assignment.pk for assignment in leased}) == 1

    def test_a_rating_locked_many_times_is_one_decision_and_one_mail(
        self, world: World, together: Together
    ) -> None:
        world.submitted()
        assignment = world.leased()
        version = world.rate(assignment, claim=1, uncertainty=1, audience=0, sources=1)

        def lock() -> Decision:
            return rating_lock(assignment_id=assignment.public_id, assessor=world.samuel, version=version, at=AT)

        mails = Message.objects.filter(kind="decision-almost")
        decisions, errors = sorted_out(together([lock] * 5))
        assert len(decisions) == 1
        assert kinds(errors) == {RatingLocked}
        assert together([lambda: (Decision.objects.count(), mails.count())]) == [(1, 1)]

    def test_a_rating_saved_from_two_windows_keeps_one_and_tells_the_other(
        self, world: World, together: Together
    ) -> None:
        world.submitted()
        assignment = world.leased()

        def save(level: str) -> Any:  # noqa: ANN401  - a rating
            return rating_save(
                assignment_id=assignment.public_id,
                assessor=world.samuel,
                levels={"claim": level},
                feedback={},
                version=1,
                at=AT,
            )

        saved, errors = sorted_out(together([lambda: save("claim0"), lambda: save("claim2")]))
        assert len(saved) == 1
        (error,) = errors
        assert isinstance(error, StaleVersion)
        assert error.data["levels"] == saved[0].levels

    def test_handed_in_many_times_is_handed_in_once(self, world: World, together: Together) -> None:
        work = world.ready()
        steps = [lambda: submission_submit(submission_id=work.public_id, learner=world.learner, at=AT)] * 5
        done, errors = sorted_out(together(steps))
        assert len(done) == 1
        assert kinds(errors) == {IllegalMove}
        assert together([lambda: AuditEntry.objects.filter(action="submission.submit").count()]) == [1]

    def test_started_many_times_is_one_draft(self, world: World, together: Together) -> None:
        steps = [lambda: submission_start(version=world.version, learner=world.learner, at=AT)] * 5
        works, errors = sorted_out(together(steps))
        assert errors == []
        assert len({work.pk for work in works}) == 1
        assert together([lambda: (Submission.objects.count(), Attempt.objects.count())]) == [(1, 1)]

    def test_two_tabs_autosaving_their_first_words_lose_neither(self, world: World, together: Together) -> None:
        work = world.draft()

        def save(text: str) -> EvidenceItem:
            return evidence_add_text(
                submission_id=work.public_id, requirement_id="report", text=text, learner=world.learner, at=AT
            )

        saved, errors = sorted_out(together([lambda: save("left"), lambda: save("right")]))
        assert len(saved) == 1
        (error,) = errors
        assert isinstance(error, StaleVersion)
        assert error.data["theirs"] in {"left", "right"}

    def test_withdrawn_or_decided_never_both(self, world: World, together: Together) -> None:
        work = world.submitted()
        assignment = world.leased()
        version = world.rate(assignment, claim=1, uncertainty=1, audience=1, sources=1)
        done, errors = sorted_out(
            together(
                [
                    lambda: rating_lock(
                        assignment_id=assignment.public_id, assessor=world.samuel, version=version, at=AT
                    ),
                    lambda: submission_withdraw(submission_id=work.public_id, learner=world.learner, at=AT),
                ]
            )
        )
        assert len(done) == 1, errors
        assert kinds(errors) <= {IllegalMove, LeaseLost}
        ((state, decisions),) = together([lambda: (Submission.objects.get().state, Decision.objects.count())])
        assert (state, decisions) in {("met", 1), ("withdrawn", 0)}

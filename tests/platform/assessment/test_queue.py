from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from insignia.assessment.errors import (
    EvidenceUnusable,
    IllegalMove,
    LeaseLost,
    LeaseTaken,
    OwnWork,
    QueueEmpty,
    SubmissionNotFound,
)
from insignia.assessment.models import Assignment
from insignia.assessment.selectors import (
    assignment_held,
    marking_view,
    queue_for,
    submission_view,
)
from insignia.assessment.services import (
    assignment_release,
    queue_lease,
    queue_lease_next,
    revision_open,
    submission_return,
    submission_start,
    submission_submit,
)
from insignia.foundation.errors import NotFound
from insignia.organizations.errors import OrganizationNotFound, RoleMissing
from insignia.outbox.models import Message
from insignia.outbox.rendering import letter_of
from tests.platform.assessment.world import HOUR, World, findings, learner_mails, make_version
from tests.platform.factories import AT, join, make_member, make_organization, make_person

pytestmark = pytest.mark.django_db


class TestQueue:
    def test_gives_the_oldest_first(self, world: World) -> None:
        young = world.submitted(make_person(), at=AT + HOUR)
        old = world.submitted(make_person(), at=AT)
        rows = queue_for(assessor=world.samuel, at=AT + 2 * HOUR)
        assert [row.code for row in rows] == [old.code, young.code]
        assert world.leased(at=AT + 2 * HOUR).attempt.submission == old

    def test_tells_age_and_due_day_in_the_schools_own_time(self, world: World) -> None:
        late_evening = AT.replace(day=15, hour=3)  # the 14th in Denver
        world.submitted(at=late_evening)
        (row,) = queue_for(assessor=world.samuel, at=AT.replace(day=30))
        assert row.due_on.isoformat() == "2026-05-28"
        assert (row.age_days, row.overdue) == (15, True)
        assert row.badge["es"] == "Comunicación científica"

    def test_two_assessors_get_two_works_and_the_third_a_clear_word(self, world: World) -> None:
        world.submitted(make_person())
        world.submitted(make_person())
        first, second = world.leased(world.samuel), world.leased(world.lucia)
        assert first.attempt_id != second.attempt_id
        with pytest.raises(QueueEmpty):
            world.leased(make_member(world.school, "assessor"))

    def test_asking_twice_gives_the_same_work(self, world: World) -> None:
        world.submitted(make_person())
        world.submitted(make_person())
        assert world.leased() == world.leased(at=AT + HOUR / 4)
        assert Assignment.objects.count() == 1
        assert assignment_held(assessor=world.samuel, at=AT) is not None

    def test_a_lapsed_lease_goes_to_whoever_asks_next(self, world: World) -> None:
        world.submitted()
        first = world.leased(world.samuel)
        assert queue_for(assessor=world.lucia, at=AT + HOUR / 4) == ()
        second = world.leased(world.lucia, at=AT + HOUR)
        assert second.attempt_id == first.attempt_id
        with pytest.raises(LeaseLost):
            world.rate(first, AT + HOUR, claim=1)
        with pytest.raises(LeaseLost):
            marking_view(assessor=world.samuel, assignment_id=first.public_id)

    def test_nobody_sees_their_own_work_in_the_queue(self, world: World) -> None:
        join(world.school, world.learner, "assessor")
        work = world.submitted()
        assert queue_for(assessor=world.learner, at=AT) == ()
        with pytest.raises(QueueEmpty):
            world.leased(world.learner)
        with pytest.raises(OwnWork):
            queue_lease(submission_id=work.public_id, assessor=world.learner, at=AT)

    def test_the_database_itself_refuses_ones_own_work(self, world: World) -> None:
        work = world.submitted()
        with pytest.raises(IntegrityError), transaction.atomic():
            Assignment.objects.create(
                attempt=work.attempts.get(),
                learner=world.learner,
                assessor=world.learner,
                leased_at=AT,
                leased_until=AT,
            )

    @pytest.mark.parametrize("roles", [(), ("owner",), ("author", "registrar")])
    def test_only_an_assessor_takes_work(self, world: World, roles: tuple[str, ...]) -> None:
        work = world.submitted()
        person = make_member(world.school, *roles)
        with pytest.raises(RoleMissing):
            queue_lease_next(assessor=person, at=AT)
        with pytest.raises(RoleMissing):
            queue_lease_next(assessor=person, at=AT, organization=world.school)
        with pytest.raises(RoleMissing):
            queue_lease(submission_id=work.public_id, assessor=person, at=AT)
        assert queue_for(assessor=person, at=AT) == ()

    def test_an_assessor_elsewhere_sees_and_takes_nothing(self, world: World) -> None:
        work = world.submitted()
        stranger = make_member(make_organization(), "assessor")
        assert queue_for(assessor=stranger, at=AT) == ()
        with pytest.raises(QueueEmpty):
            queue_lease_next(assessor=stranger, at=AT)
        with pytest.raises(NotFound):
            queue_lease(submission_id=work.public_id, assessor=stranger, at=AT)
        with pytest.raises(OrganizationNotFound):
            queue_for(assessor=stranger, at=AT, organization=world.school)

    def test_a_work_by_name_is_taken_once(self, world: World) -> None:
        work = world.submitted()
        queue_lease(submission_id=work.public_id, assessor=world.samuel, at=AT)
        with pytest.raises(LeaseTaken):
            queue_lease(submission_id=work.public_id, assessor=world.lucia, at=AT)
        with pytest.raises(SubmissionNotFound):
            queue_lease(submission_id=world.samuel.public_id, assessor=world.lucia, at=AT)

    def test_a_draft_cannot_be_taken(self, world: World) -> None:
        work = world.ready()
        with pytest.raises(IllegalMove):
            queue_lease(submission_id=work.public_id, assessor=world.samuel, at=AT)

    def test_a_work_put_back_waits_again_and_keeps_what_was_rated(self, world: World) -> None:
        world.submitted()
        assignment = world.leased()
        world.rate(assignment, claim=2)
        assignment_release(assignment_id=assignment.public_id, assessor=world.samuel, at=AT)
        assert world.leased(world.lucia).rating.levels == {}
        assignment_release(assignment_id=world.leased(world.lucia).public_id, assessor=world.lucia, at=AT)
        again = world.leased(world.samuel)
        assert again.pk != assignment.pk
        assert again.rating.levels == {"claim": "claim2"}

    def test_returning_unjudged_tells_the_learner_why(self, world: World) -> None:
        work = world.submitted()
        assignment = world.leased()
        with pytest.raises(EvidenceUnusable):
            submission_return(assignment_id=assignment.public_id, assessor=world.samuel, note=" ", at=AT)
        submission_return(
            assignment_id=assignment.public_id, assessor=world.samuel, note="The link does not open.", at=AT
        )
        view = submission_view(submission_id=work.public_id, viewer=world.learner)
        assert (view.submission.state, view.return_note) == ("returned", "The link does not open.")
        assert learner_mails(world).get().kind == "submission-returned"
        assert queue_for(assessor=world.lucia, at=AT) == ()
        revision_open(submission_id=work.public_id, learner=world.learner, at=AT)
        view = submission_view(submission_id=work.public_id, viewer=world.learner)
        assert view.return_note == "The link does not open."
        submission_submit(submission_id=work.public_id, learner=world.learner, at=AT)
        assert world.leased(world.lucia).attempt.number == 2
        assert findings() == []

    def test_each_assessor_hears_of_waiting_work_once_a_day_and_not_whose(self, world: World) -> None:
        join(world.school, world.learner, "assessor")
        make_member(make_organization(), "assessor")
        make_member(world.school, "owner", "registrar")
        world.submitted()
        world.submitted(make_person())
        mails = Message.objects.filter(kind="work-waiting")
        expected = [world.samuel.email, world.lucia.email, world.learner.email]  # the second work is not hers
        assert sorted(mails.values_list("recipient", flat=True)) == sorted(expected)
        for mail in mails:
            letter = letter_of(mail)
            assert "Itzel" not in letter.subject + letter.text
            assert "https://badges.example.org/assess" in letter.text
        world.submitted(make_person(), at=AT + 24 * HOUR)
        assert mails.all().count() == 6

    def test_reads_a_long_queue_in_few_queries(
        self, world: World, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(12):
            world.submitted(make_person())
        with django_assert_max_num_queries(5):
            assert len(queue_for(assessor=world.samuel, at=AT)) == 12


class TestTwoBadges:
    def test_one_assessor_judges_several_badges_of_a_school(self, world: World) -> None:
        second = make_version(world.school, slug="peer-mediation")
        submission_start(version=second, learner=world.learner, at=AT)
        world.submitted()
        assert len(queue_for(assessor=world.samuel, at=AT, organization=world.school)) == 1

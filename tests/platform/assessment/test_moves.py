"""Every service in every state: either the table has the step, or it is a conflict and nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from insignia.assessment.models import Assignment, Decision, Submission
from insignia.assessment.rules import TRANSITIONS, Move, State
from insignia.assessment.services import (
    assignment_release,
    queue_lease,
    rating_lock,
    revision_open,
    submission_return,
    submission_submit,
    submission_withdraw,
)
from insignia.audit.models import AuditEntry
from insignia.foundation.errors import Conflict
from tests.platform.assessment.world import World
from tests.platform.factories import AT

pytestmark = pytest.mark.django_db


def bring_to(world: World, state: State) -> Submission:
    """Lead a work to `state` by services alone, with an assignment of it wherever there was one."""
    if state is State.DRAFT:
        return world.ready()
    work = world.submitted()
    if state is State.SUBMITTED:
        return work
    assignment = world.leased()
    match state:
        case State.RETURNED:
            submission_return(assignment_id=assignment.public_id, assessor=world.samuel, note="mend", at=AT)
        case State.WITHDRAWN:
            submission_withdraw(submission_id=work.public_id, learner=world.learner, at=AT)
        case State.MET:
            world.decide(assignment)
        case State.ALMOST:
            world.decide(assignment, audience=0)
        case State.NOT_YET:
            world.decide(assignment, uncertainty=0)
        case _:
            world.rate(assignment, claim=1, uncertainty=1, audience=1, sources=1)
    return work


def lock(world: World) -> object:
    assignment = Assignment.objects.get()
    version = world.rating_version(assignment)
    return rating_lock(assignment_id=assignment.public_id, assessor=world.samuel, version=version, at=AT)


STEPS: dict[Move, Callable[[World, Submission], object]] = {
    Move.SUBMIT: lambda w, s: submission_submit(submission_id=s.public_id, learner=w.learner, at=AT),
    Move.WITHDRAW: lambda w, s: submission_withdraw(submission_id=s.public_id, learner=w.learner, at=AT),
    Move.REVISE: lambda w, s: revision_open(submission_id=s.public_id, learner=w.learner, at=AT),
    Move.LEASE: lambda w, s: queue_lease(submission_id=s.public_id, assessor=w.lucia, at=AT),
    Move.RELEASE: lambda w, _: assignment_release(
        assignment_id=Assignment.objects.get().public_id, assessor=w.samuel, at=AT
    ),
    Move.RETURN: lambda w, _: submission_return(
        assignment_id=Assignment.objects.get().public_id, assessor=w.samuel, note="mend", at=AT
    ),
    Move.DECIDE_MET: lambda w, _: lock(w),
}
NEED_AN_ASSIGNMENT = {Move.RELEASE, Move.RETURN, Move.DECIDE_MET}
TAKEN_BY_ANOTHER = (State.IN_REVIEW, Move.LEASE)  # in the table for lapsed leases; this one holds still


class TestEveryServiceInEveryState:
    @pytest.mark.parametrize(
        ("state", "move"),
        [
            (state, move)
            for state, move in product(State, STEPS)
            if not (move in NEED_AN_ASSIGNMENT and state in {State.DRAFT, State.SUBMITTED})
        ],
    )
    def test_moves_by_the_table_or_refuses_and_changes_nothing(self, state: State, move: Move) -> None:
        world = World()
        work = bring_to(world, state)
        work.refresh_from_db()
        assert work.state == state
        rows = AuditEntry.objects.count()
        if (state, move) in TRANSITIONS and (state, move) != TAKEN_BY_ANOTHER:
            STEPS[move](world, work)
            assert AuditEntry.objects.count() == rows + 1
        else:
            decisions = Decision.objects.count()
            with pytest.raises(Conflict):
                STEPS[move](world, work)
            assert (AuditEntry.objects.count(), Decision.objects.count()) == (rows, decisions)
        after = Submission.objects.get(pk=work.pk)
        expected = state if (state, move) == TAKEN_BY_ANOTHER else TRANSITIONS.get((state, move), state)
        assert after.state == expected

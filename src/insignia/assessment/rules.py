"""How work moves and what a rating amounts to. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from insignia.achievements.rules import CredentialClass
from insignia.assessment.errors import (
    CriterionFrozen,
    IllegalMove,
    LevelUnknown,
    NothingToJudgeBy,
    RatingIncomplete,
)

if TYPE_CHECKING:
    from insignia.achievements.rules import AchievementContent, Criterion, Rubric

ASSESSOR = "assessor"
"""The role in an organization that lets somebody judge there."""

ALMOST_LIMIT = 2
"""At most so many criteria, each one level short, still make an `almost`."""


class State(StrEnum):
    """Where a submission stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    MET = "met"
    ALMOST = "almost"
    NOT_YET = "not_yet"
    WITHDRAWN = "withdrawn"


class Move(StrEnum):
    """What somebody does to a submission."""

    SUBMIT = "submit"
    LEASE = "lease"
    RELEASE = "release"
    RETURN = "return"
    DECIDE_MET = "decide_met"
    DECIDE_ALMOST = "decide_almost"
    DECIDE_NOT_YET = "decide_not_yet"
    REVISE = "revise"
    WITHDRAW = "withdraw"


TRANSITIONS: Mapping[tuple[State, Move], State] = {
    (State.DRAFT, Move.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Move.LEASE): State.IN_REVIEW,
    (State.IN_REVIEW, Move.LEASE): State.IN_REVIEW,  # after the lease before it lapsed
    (State.IN_REVIEW, Move.RELEASE): State.SUBMITTED,
    (State.IN_REVIEW, Move.RETURN): State.RETURNED,
    (State.IN_REVIEW, Move.DECIDE_MET): State.MET,
    (State.IN_REVIEW, Move.DECIDE_ALMOST): State.ALMOST,
    (State.IN_REVIEW, Move.DECIDE_NOT_YET): State.NOT_YET,
    (State.RETURNED, Move.REVISE): State.DRAFT,
    (State.ALMOST, Move.REVISE): State.DRAFT,
    (State.NOT_YET, Move.REVISE): State.DRAFT,
    (State.DRAFT, Move.WITHDRAW): State.WITHDRAWN,
    (State.SUBMITTED, Move.WITHDRAW): State.WITHDRAWN,
    (State.IN_REVIEW, Move.WITHDRAW): State.WITHDRAWN,
    (State.RETURNED, Move.WITHDRAW): State.WITHDRAWN,
}
"""Every move there is. What is not here cannot happen; `met` and `withdrawn` are ends."""

STATE_WORDS: Mapping[State, str] = {
    State.DRAFT: "still a draft",
    State.SUBMITTED: "handed in and waiting",
    State.IN_REVIEW: "with an assessor",
    State.RETURNED: "returned to the learner",
    State.MET: "decided: met",
    State.ALMOST: "decided: almost",
    State.NOT_YET: "decided: not yet",
    State.WITHDRAWN: "withdrawn",
}


def moved(state: str, move: Move) -> State:
    """Give the state that `move` leads to.

    Raises:
        IllegalMove: the table has no such step.
    """
    target = TRANSITIONS.get((State(state), move))
    if target is None:
        raise IllegalMove(
            f"This work is {STATE_WORDS[State(state)]}. Load the page again to see what can be done.",
            state=str(state),
            move=str(move),
        )
    return target


class Outcome(StrEnum):
    """What a rating amounts to, from best to least."""

    MET = "met"
    ALMOST = "almost"
    NOT_YET = "not_yet"


DECISION_MOVES: Mapping[Outcome, Move] = {
    Outcome.MET: Move.DECIDE_MET,
    Outcome.ALMOST: Move.DECIDE_ALMOST,
    Outcome.NOT_YET: Move.DECIDE_NOT_YET,
}


@dataclass(frozen=True)
class CarriedCriterion:
    """A criterion met in an earlier attempt, frozen with who judged it and in which attempt."""

    level_id: str
    rated_by: str
    attempt: int


Carried = Mapping[str, CarriedCriterion]


@dataclass(frozen=True)
class CriterionResult:
    """The level one criterion reached and the one it needs. `missing_steps` is 0 when met."""

    criterion_id: str
    level_id: str
    required_level_id: str
    met: bool
    missing_steps: int
    critical: bool
    carried: CarriedCriterion | None = None


@dataclass(frozen=True)
class DecisionFacts:
    """What a rating amounts to, criterion by criterion, in the order of the rubric."""

    outcome: Outcome
    criteria: tuple[CriterionResult, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Name the criteria below their bar."""
        return tuple(result.criterion_id for result in self.criteria if not result.met)


def takes_work(content: AchievementContent, credential_class: str) -> bool:
    """Say whether somebody can hand in work for a badge, and an assessor judge it.

    A badge of knowledge may be published without rubric and requirements: it is given to many at once, by the
    results of an exam that was marked elsewhere.
    """
    return (
        credential_class != CredentialClass.RECOGNITION
        and bool(content.rubric.criteria)
        and bool(content.requirements)
    )


def decide(rubric: Rubric, levels: Mapping[str, str], carried: Carried | None = None) -> DecisionFacts:
    """Turn a complete rating (criterion id to level id) into met, almost or not yet.

    met: every criterion that asks for a level reached it. almost: at most two missed, none of them critical,
    each by exactly one level. Anything else is not yet. Weights and points play no part: no sum can hide a
    criterion that was missed.

    Raises:
        NothingToJudgeBy: a rubric without criteria, of which every one would be met.
        RatingIncomplete: a criterion has no level and none was carried over.
        LevelUnknown: a criterion or level that is not in the rubric.
        CriterionFrozen: a rating for a criterion that was carried over.
    """
    if not rubric.criteria:
        raise NothingToJudgeBy("This badge has no rubric, so nothing can be judged by it. Return the work.")
    frozen = carried or {}
    levels_check(rubric, levels, frozen)
    if unrated := unrated_criteria(rubric, levels, frozen):
        raise RatingIncomplete(
            f"{len(unrated)} of {len(rubric.criteria)} criteria have no level yet. Choose one for each.",
            fields=dict.fromkeys(unrated, "Choose a level."),
        )
    results = tuple(_result(criterion, levels, frozen) for criterion in rubric.criteria)
    return DecisionFacts(_outcome(results), results)


def levels_check(rubric: Rubric, levels: Mapping[str, str], carried: Carried) -> None:
    """Refuse what the rubric does not know, for a rating that need not be complete.

    Raises:
        LevelUnknown: a criterion or level that is not in the rubric.
        CriterionFrozen: a rating for a criterion that was carried over.
    """
    known = {criterion.id: {level.id for level in criterion.levels} for criterion in rubric.criteria}
    for criterion_id, level_id in levels.items():
        if level_id not in known.get(criterion_id, ()):
            raise LevelUnknown("The rubric has no such level. Load the page again.", criterion=criterion_id)
        if criterion_id in carried:
            raise CriterionFrozen(
                "This criterion was met in an earlier attempt and stays met.", criterion=criterion_id
            )


def unrated_criteria(rubric: Rubric, levels: Mapping[str, str], carried: Carried) -> tuple[str, ...]:
    """Name the criteria that still need a level."""
    return tuple(c.id for c in rubric.criteria if c.id not in levels and c.id not in carried)


def feedback_missing(facts: DecisionFacts, feedback: Mapping[str, str]) -> tuple[str, ...]:
    """Name missed criteria without a word of feedback; one text for the whole (key "") serves them all."""
    if feedback.get("", "").strip():
        return ()
    return tuple(name for name in facts.missing if not feedback.get(name, "").strip())


def _result(criterion: Criterion, levels: Mapping[str, str], carried: Carried) -> CriterionResult:
    frozen = carried.get(criterion.id)
    level_id = frozen.level_id if frozen else levels[criterion.id]
    order = [level.id for level in criterion.levels]
    bar = order.index(criterion.required_level_id) if criterion.required_level_id in order else 0
    missing = 0 if frozen else max(0, bar - order.index(level_id))
    return CriterionResult(
        criterion_id=criterion.id,
        level_id=level_id,
        required_level_id=criterion.required_level_id or "",
        met=missing == 0,
        missing_steps=missing,
        critical=criterion.critical,
        carried=frozen,
    )


def _outcome(results: Sequence[CriterionResult]) -> Outcome:
    missed = [result for result in results if not result.met]
    if not missed:
        return Outcome.MET
    near = all(result.missing_steps == 1 and not result.critical for result in missed)
    return Outcome.ALMOST if near and len(missed) <= ALMOST_LIMIT else Outcome.NOT_YET


def criteria_to_json(facts: DecisionFacts, *, rated_by: str, attempt: int) -> list[dict[str, Any]]:
    """Write the results as a decision stores them: level reached and required, by whom, in which attempt."""
    own = CarriedCriterion("", rated_by, attempt)
    return [
        {
            "criterion_id": result.criterion_id,
            "level_id": result.level_id,
            "required_level_id": result.required_level_id,
            "met": result.met,
            "carried": result.carried is not None,
            "rated_by": (result.carried or own).rated_by,
            "attempt": (result.carried or own).attempt,
        }
        for result in facts.criteria
    ]


def carried_to_json(carried: Carried) -> dict[str, dict[str, Any]]:
    """Write what was carried over as an attempt stores it."""
    return {criterion_id: asdict(value) for criterion_id, value in carried.items()}


def carried_from_json(stored: Mapping[str, Mapping[str, Any]]) -> dict[str, CarriedCriterion]:
    """Read what `carried_to_json` wrote."""
    return {name: CarriedCriterion(**value) for name, value in stored.items()}


def carried_from_criteria(criteria: Iterable[Mapping[str, Any]]) -> dict[str, CarriedCriterion]:
    """Read from a decision's stored criteria what its next attempt need not show again."""
    return {
        entry["criterion_id"]: CarriedCriterion(entry["level_id"], entry["rated_by"], entry["attempt"])
        for entry in criteria
        if entry["met"]
    }


CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
"""Letters and digits that nobody takes for another."""


def pseudonym(random: bytes) -> str:
    """Write 5 random bytes as the name an assessor knows a work by, such as `Q7-KX4`."""
    letters = "".join(CODE_ALPHABET[byte % len(CODE_ALPHABET)] for byte in random[:5])
    return f"{letters[:2]}-{letters[2:]}"


DUE_DAYS = 14
"""Days from handing in to decision that a learner is told."""


def due_on(submitted_at: datetime, time_zone: str, *, days: int = DUE_DAYS) -> date:
    """Give the day, in the organization's own time, by which a work is to be judged."""
    return submitted_at.astimezone(ZoneInfo(time_zone)).date() + timedelta(days=days)

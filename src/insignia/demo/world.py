"""The whole world after the main job: eleven more badges, a past, and something waiting for everybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from insignia.achievements.services import version_retire
from insignia.assessment.services import submission_return, submission_withdraw
from insignia.awards.models import Award
from insignia.awards.services import (
    award_hold,
    award_revoke,
    award_suspend,
    evidence_visibility_set,
    share_create,
    visibility_set,
)
from insignia.demo.badges import sheets
from insignia.demo.scenes import acting, begin, earn, hand_in, judge, take
from insignia.demo.stage import Stage, badge_draft, badge_publish, framework_bring

DRAFT = "election-day-service"
RETIRED = "restoration-field-study"


@dataclass(frozen=True)
class Scene:
    """One step of building the world, with what the terminal says about it."""

    title: str
    play: Callable[[Stage], None]


def badges_publish(stage: Stage) -> None:
    """Publish every badge but one, which stays a draft; retire one."""
    for slug in ("dolores-ibarra-high", "quillwater-college"):
        framework_bring(stage, slug, at=stage.founded)
    for sheet in sheets().values():
        if sheet.slug == DRAFT:
            badge_draft(stage, sheet, at=stage.days_ago(3))
        elif sheet.slug not in stage.versions:
            badge_publish(stage, sheet, at=stage.days_ago(1100))


def itzel(stage: Stage) -> None:
    """Give Itzel a second badge, shown by link, and a work begun."""
    award = earn(stage, "itzel", "scientific-communication", at=stage.days_ago(62), assessor="lucia")
    _show(stage, award, "itzel", Award.Visibility.LINK, days=58)
    share_create(
        award_id=award.public_id,
        actor=acting(stage, "itzel"),
        at=stage.days_ago(50),
        label="Water board",
        expires_at=stage.start + timedelta(days=120),
    )
    begin(stage, "itzel", "data-visualization-python", at=stage.days_ago(2), pieces=1)


def noor(stage: Stage) -> None:
    """Give Noor a badge after a second attempt, a not yet, and work that waits."""
    first = hand_in(stage, "noor", "digital-storytelling", at=stage.days_ago(40))
    judge(stage, first, "almost", at=stage.days_ago(37), assessor="lucia")
    earn(stage, "noor", "public-budgeting", at=stage.days_ago(30))
    later = hand_in(stage, "noor", "community-interpreting", at=stage.days_ago(12))
    judge(stage, later, "not_yet", at=stage.days_ago(9), assessor="lucia")
    hand_in(stage, "noor", "scientific-communication", at=stage.days_ago(2))


def mai(stage: Stage) -> None:
    """Give Mai, a minor, a badge that stays private, a returned work and one she withdrew."""
    earn(stage, "mai", "peer-mediation", at=stage.days_ago(14), assessor="lucia")
    returned = hand_in(stage, "mai", "scientific-communication", at=stage.days_ago(6))
    assignment = take(stage, returned, assessor="samuel", at=stage.days_ago(4))
    note = "The talk cannot be opened: its link asks for a password."
    submission_return(
        assignment_id=assignment.public_id, assessor=stage.people["samuel"], note=note, at=stage.days_ago(4)
    )
    withdrawn = hand_in(stage, "mai", "digital-storytelling", at=stage.days_ago(16))
    submission_withdraw(submission_id=withdrawn.public_id, learner=stage.people["mai"], at=stage.days_ago(15))


def tobias(stage: Stage) -> None:
    """Give Tobias a badge that expired, one revoked, one paused, one on hold, and work with an assessor."""
    registrar = acting(stage, "marguerite")
    expired = earn(stage, "tobias", "workplace-safety", at=stage.days_ago(800))
    _show(stage, expired, "tobias", Award.Visibility.PUBLIC, days=20)  # he was a minor when he earned it
    revoked = earn(stage, "tobias", "first-aid-response", at=stage.days_ago(95))
    _show(stage, revoked, "tobias", Award.Visibility.PUBLIC, days=92)
    reason = "Issued in error: the observation sheet belonged to another learner."
    award_revoke(award_id=revoked.public_id, reason=reason, actor=registrar, at=stage.days_ago(80))
    paused = earn(stage, "tobias", "community-organizing", at=stage.days_ago(52))
    _show(stage, paused, "tobias", Award.Visibility.PUBLIC, days=48)
    reason = "Paused while a question about the testimony is looked into."
    award_suspend(award_id=paused.public_id, reason=reason, actor=registrar, at=stage.days_ago(5))
    reviewed = hand_in(stage, "tobias", "restoration-field-study", at=stage.days_ago(3))
    take(stage, reviewed, assessor="samuel", at=stage.start - timedelta(minutes=5))
    _retire(stage)


def waiting(stage: Stage) -> None:
    """Leave something for the registrar: a badge that was stopped before it was signed."""
    work = hand_in(stage, "tobias", "community-data-inquiry", at=stage.days_ago(2))
    decision = judge(stage, work, "met", at=stage.days_ago(1))
    award_hold(
        decision_id=decision.public_id,
        reason="The school asks who collected the data. Released when that is answered.",
        actor=acting(stage, "marguerite"),
        at=stage.days_ago(1) + timedelta(minutes=16),
    )


def _show(stage: Stage, award: Award, learner: str, visibility: Award.Visibility, *, days: float) -> None:
    actor, at = acting(stage, learner), stage.days_ago(days)
    visibility_set(award_id=award.public_id, visibility=visibility, actor=actor, at=at)
    evidence_visibility_set(award_id=award.public_id, number=1, shared=True, actor=actor, at=at)


def _retire(stage: Stage) -> None:
    version_retire(
        version_id=stage.versions[RETIRED].public_id,
        person=stage.people["priscilla"],
        at=stage.days_ago(1),
        reason="The fenced plots were given back. Badges already earned stay valid.",
    )


SCENES = (
    Scene("Publish the other badges", badges_publish),
    Scene("Itzel: one badge shared by link, one work begun", itzel),
    Scene("Noor: almost, not yet, met, and one work waiting", noor),
    Scene("Mai, a minor: a badge that stays private", mai),
    Scene("Tobias: expired, revoked and paused badges", tobias),
    Scene("A badge on hold for the registrar", waiting),
)

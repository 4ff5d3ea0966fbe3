"""The main job once, through the services: from a framework file to a badge in a picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from insignia.awards.models import Award
from insignia.awards.services import award_from_decision, evidence_visibility_set, visibility_set
from insignia.demo.badges import sheets
from insignia.demo.scenes import acting, hand_in, judge
from insignia.demo.stage import Stage, badge_publish, framework_bring

FLAGSHIP = "community-data-inquiry"
SCHOOL = "quillwater-high"


@dataclass(frozen=True)
class Step:
    """One finished step: what was done, and what it came to."""

    title: str
    result: str


def main_job(stage: Stage, *, at: datetime) -> Iterator[Step]:
    """Play the main job; each step is yielded when it is done. The award is the learner's newest one."""
    report = framework_bring(stage, SCHOOL, at=at)
    yield Step("Import the district's competency framework", report.sentence)
    version = badge_publish(stage, sheets()[FLAGSHIP], at=at)
    yield Step("Publish a badge with criteria and rubric", f"Community Data Inquiry, version {version.number}")
    submission = hand_in(stage, "itzel", FLAGSHIP, at=at, files=True)
    yield Step(
        "Itzel hands in her evidence", f"Work {submission.code}: a report, a field log, a link to the recording"
    )
    decision = judge(stage, submission, "met", at=at + timedelta(minutes=30))
    yield Step("Samuel judges it blind, against the rubric", f"{len(decision.criteria)} criteria, decided: met")
    award = award_from_decision(decision_id=decision.public_id, at=at + timedelta(minutes=46))
    yield Step("The award follows: reserved, rehearsed, signed, checked", f"/awards/{award.public_id}")
    _shown(stage, award, at=at + timedelta(minutes=50))
    yield Step("Itzel shows it to everyone, with her report", "public, evidence 1 shared")


def _shown(stage: Stage, award: Award, *, at: datetime) -> None:
    actor = acting(stage, "itzel")
    visibility_set(award_id=award.public_id, visibility=Award.Visibility.PUBLIC, actor=actor, at=at)
    evidence_visibility_set(award_id=award.public_id, number=1, shared=True, actor=actor, at=at)


def flagship_award(stage: Stage) -> Award:
    """Find the award that the main job made."""
    return Award.objects.get(learner=stage.people["itzel"], version=stage.versions[FLAGSHIP])

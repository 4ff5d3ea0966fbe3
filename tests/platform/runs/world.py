"""A school with a badge that anybody may get in bulk, one that rests on assessment, and tables of people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from insignia.achievements.models import AchievementVersion
from insignia.achievements.selectors import alignments_of
from insignia.achievements.services import achievement_create, alignment_set, image_compose, version_publish
from insignia.audit.actor import Actor
from insignia.issuing.services import lists_republish
from insignia.runs.models import Run, RunRow
from insignia.runs.services import run_check, run_converge, run_create, run_start
from insignia.runs.table import SourceRow
from tests.platform.again import again
from tests.platform.awards.world import World, make_content, make_world
from tests.platform.factories import AT

LATER = AT + timedelta(hours=1)
_keys = count(1)


@dataclass(frozen=True)
class RunWorld:
    """The school of the awards' tests, whose badge asks for assessment, and a second badge that does not."""

    school: World
    version: AchievementVersion

    @property
    def actor(self) -> Actor:
        return self.school.registrar_acts

    def run(
        self,
        rows: Iterable[SourceRow | Mapping[str, str]],
        *,
        version: AchievementVersion | None = None,
        **more: object,
    ) -> Run:
        """Make a run, not looked at yet."""
        asked = {"key": f"key-{next(_keys)}", "source": Run.Source.FILE, "at": AT} | more
        return run_create(
            organization=self.school.organization,
            version=version or self.version,
            rows=rows,
            actor=self.actor,
            **asked,  # type: ignore[arg-type]  # each test names what it changes
        )

    def checked(self, rows: Iterable[SourceRow | Mapping[str, str]], **more: object) -> Run:
        run = self.run(rows, **more)  # type: ignore[arg-type]  # as above
        run_check(run_id=run.public_id, actor=self.actor, at=AT)
        carry_on(AT)
        return fresh(run)

    def started(self, rows: Iterable[SourceRow | Mapping[str, str]], **more: object) -> Run:
        run = self.checked(rows, **more)
        run_start(run_id=run.public_id, actor=self.actor, at=AT)
        return fresh(run)

    def finished(self, rows: Iterable[SourceRow | Mapping[str, str]], **more: object) -> Run:
        run = self.started(rows, **more)
        carry_on(AT)
        return fresh(run)


def make_run_world(*, credential_class: str = "recognition") -> RunWorld:
    """Make a school with a second badge, which anybody may get in bulk unless its class says otherwise."""
    return again(("run world", credential_class), lambda: _made(credential_class))


def _made(credential_class: str) -> RunWorld:
    school = make_world()
    content = replace(make_content(), name={"en": "Took part", "es": "Participó"})
    version = achievement_create(
        organization=school.organization,
        slug="took-part",
        content=content,
        credential_class=credential_class,
        person=school.author,
        at=AT,
    )
    item = alignments_of(school.version)[0].item
    aligned = [(item.public_id, "out000000001")]
    alignment_set(version_id=version.public_id, alignments=aligned, person=school.author, at=AT)
    choices = {"tincture": "vert", "metal": "argent", "symbol": "star", "ribbon": "Took part"}
    image_compose(version_id=version.public_id, choices=choices, person=school.author, at=AT)
    return RunWorld(school, version_publish(version_id=version.public_id, person=school.author, at=AT))


def carry_on(at: datetime) -> None:
    """Do what a worker does, until there is nothing to do."""
    while run_converge(at):
        pass
    lists_republish(at)


def people(number: int, *, first: int = 1) -> list[dict[str, str]]:
    return [
        {"Name": f"Learner {one} Ñandú", "E-mail": f"learner{one}@quillwater.example"}
        for one in range(first, first + number)
    ]


def fresh(run: Run) -> Run:
    return Run.objects.select_related("organization", "version__achievement", "approval").get(pk=run.pk)


def classes(run: Run) -> list[tuple[str, str]]:
    """Give class and reason of each row, by number."""
    return list(RunRow.objects.filter(run=run).order_by("number").values_list("row_class", "code"))


def outcomes(run: Run) -> list[tuple[str, str]]:
    return list(RunRow.objects.filter(run=run).order_by("number").values_list("outcome", "code"))

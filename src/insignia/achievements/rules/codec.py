"""Content to JSON and back, strictly: bounded, nothing unknown, every problem named by its path."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any, TypeVar

from insignia.achievements.errors import ContentInvalid
from insignia.achievements.rules.content import (
    ACHIEVEMENT_TYPES,
    AchievementContent,
    Assessment,
    AssessmentType,
    Criterion,
    EvidenceKind,
    EvidenceRequirement,
    Field,
    Level,
    Outcome,
    Participation,
    Renewal,
    Rubric,
    Supervision,
)
from insignia.foundation.localized import Localized

NAME, LINE, TEXT, LONG = 200, 500, 5_000, 30_000
MAX_LANGUAGES, MAX_TAGS, MAX_OUTCOMES, MAX_CRITERIA, MAX_LEVELS, MAX_REQUIREMENTS = 6, 20, 20, 30, 8, 20
MAX_CONTENT_BYTES = 512 * 1024

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")  # what inLanguage may hold
_ID = re.compile(r"[a-z0-9]{1,36}")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_BREAK = re.compile(r"[\n\t]")

Enumeration = TypeVar("Enumeration", bound=StrEnum)
Part = TypeVar("Part")


class _Cursor:
    """One value of the JSON with its path; wrong shapes are noted and answered with something empty."""

    def __init__(self, value: object, path: str, problems: dict[str, str]) -> None:
        self.value, self.path, self.problems = value, path, problems

    def note(self, sentence: str) -> None:
        self.problems.setdefault(self.path or "content", sentence)

    def members(self, names: Iterable[str]) -> dict[str, _Cursor]:
        value = self.value if isinstance(self.value, dict) else {}
        if not isinstance(self.value, dict):
            self.note("This is an object.")
        allowed = tuple(names)
        for unknown in [name for name in value if name not in allowed][:5]:
            shown = str(unknown)[:60]
            _Cursor(None, self._inside(shown), self.problems).note("There is no such field.")
        return {name: _Cursor(value.get(name), self._inside(name), self.problems) for name in allowed}

    def _inside(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def parts(self, limit: int, read: Callable[[_Cursor], Part]) -> tuple[Part, ...]:
        if self.value is None:
            return ()
        if not isinstance(self.value, list):
            self.note("This is a list.")
            return ()
        if len(self.value) > limit:
            self.note(f"At most {limit} fit here; there are {len(self.value)}.")
            return ()
        return tuple(
            read(_Cursor(part, f"{self.path}[{place}]", self.problems)) for place, part in enumerate(self.value)
        )

    def text(self, limit: int) -> str:
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            self.note("This is text.")
        elif len(self.value) > limit:
            self.note(f"At most {limit} characters fit here; there are {len(self.value)}.")
        elif _CONTROL.search(self.value) or (limit <= LINE and _BREAK.search(self.value)):
            self.note("This has characters that cannot be shown.")
        else:
            return self.value.strip()
        return ""

    def localized(self, limit: int) -> Localized:
        if self.value is None:
            return {}
        if not isinstance(self.value, dict) or len(self.value) > MAX_LANGUAGES:
            self.note(f"This is text by language, in at most {MAX_LANGUAGES} languages.")
            return {}
        texts: Localized = {}
        for language in self.value:
            if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
                self.note("A language is written like en or es-MX.")
                continue
            text = _Cursor(self.value[language], self._inside(language), self.problems).text(limit)
            if text:
                texts[language] = text
        return texts

    def choice(self, kind: type[Enumeration]) -> Enumeration | None:
        if self.value is None or self.value == "":
            return None
        try:
            return kind(str(self.value))
        except ValueError:
            self.note(f"Choose one of: {', '.join(kind)}.")
            return None

    def whole(self, low: int, high: int) -> int | None:
        if self.value is None:
            return None
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not low <= self.value <= high:
            self.note(f"This is a whole number from {low} to {high}.")
            return None
        return self.value

    def flag(self) -> bool:
        if self.value is not None and not isinstance(self.value, bool):
            self.note("This is true or false.")
        return self.value is True

    def name(self) -> str:
        text = self.text(36)
        if text and not _ID.fullmatch(text):
            self.note("An id has small letters and digits.")
        return text

    def own_name(self) -> str:
        name = self.name()
        if not name:
            self.note("An id is missing here.")
        return name


def content_from_json(value: object) -> AchievementContent:
    """Read content that came from outside or from the database. Empty texts are fine: a draft has gaps.

    Raises:
        ContentInvalid: `fields` names each wrong path.
    """
    problems: dict[str, str] = {}
    content = _content(_Cursor(value, "", problems))
    _references(content, problems)
    if not problems and len(content_canonical(content)) > MAX_CONTENT_BYTES:
        problems["content"] = f"All texts together take at most {MAX_CONTENT_BYTES // 1024} KiB."
    if problems:
        raise ContentInvalid("Some fields cannot be read; each one says why.", fields=problems)
    return content


def _names(kind: type) -> list[str]:
    return [part.name for part in fields(kind)]


def _content(cursor: _Cursor) -> AchievementContent:
    at = cursor.members(_names(AchievementContent))
    language, kind, area = at["language"].text(20), at["achievement_type"].text(60), at["field"].choice(Field)
    if not _LANGUAGE.fullmatch(language):
        at["language"].note("A language is written like en or es-MX.")
    if kind not in ACHIEVEMENT_TYPES:
        at["achievement_type"].note("Choose a type of Open Badges, such as MicroCredential.")
    if area is None:
        at["field"].note(f"Choose one of: {', '.join(Field)}.")
    return AchievementContent(
        language=language,
        name=at["name"].localized(NAME),
        description=at["description"].localized(TEXT),
        criteria=at["criteria"].localized(LONG),
        achievement_type=kind,
        field=area or Field.ACADEMIC,
        tags=tuple(tag for tag in at["tags"].parts(MAX_TAGS, lambda part: part.text(60)) if tag),
        level=at["level"].whole(0, 4) or 0,
        outcomes=at["outcomes"].parts(MAX_OUTCOMES, _outcome),
        rubric=_rubric(at["rubric"]),
        requirements=at["requirements"].parts(MAX_REQUIREMENTS, _requirement),
        validity_months=at["validity_months"].whole(1, 1200),
        notional_hours=at["notional_hours"].whole(1, 10_000),
        participation=at["participation"].choice(Participation),
        assessment=_assessment(at["assessment"]),
        image_alt=at["image_alt"].localized(LINE),
        renewal=at["renewal"].choice(Renewal),
    )


def _outcome(cursor: _Cursor) -> Outcome:
    at = cursor.members(_names(Outcome))
    return Outcome(id=at["id"].own_name(), statement=at["statement"].localized(LINE))


def _rubric(cursor: _Cursor) -> Rubric:
    if cursor.value is None:
        return Rubric()
    at = cursor.members(_names(Rubric))
    return Rubric(title=at["title"].localized(NAME), criteria=at["criteria"].parts(MAX_CRITERIA, _criterion))


def _criterion(cursor: _Cursor) -> Criterion:
    at = cursor.members(_names(Criterion))
    weight = at["weight"].whole(0, 1000)
    return Criterion(
        id=at["id"].own_name(),
        outcome_id=at["outcome_id"].name(),
        title=at["title"].localized(NAME),
        description=at["description"].localized(TEXT),
        critical=at["critical"].flag(),
        weight=1 if weight is None else weight,
        levels=at["levels"].parts(MAX_LEVELS, _level),
        required_level_id=at["required_level_id"].name(),
    )


def _level(cursor: _Cursor) -> Level:
    at = cursor.members(_names(Level))
    return Level(
        id=at["id"].own_name(),
        title=at["title"].localized(NAME),
        description=at["description"].localized(TEXT),
        points=at["points"].whole(0, 1000) or 0,
    )


def _requirement(cursor: _Cursor) -> EvidenceRequirement:
    at = cursor.members(_names(EvidenceRequirement))
    kinds = at["kinds"].parts(len(EvidenceKind), lambda part: part.choice(EvidenceKind))
    return EvidenceRequirement(
        id=at["id"].own_name(),
        name=at["name"].localized(NAME),
        description=at["description"].localized(TEXT),
        genre=at["genre"].text(60),
        kinds=tuple(dict.fromkeys(kind for kind in kinds if kind is not None)),
        required=at["required"].flag(),
    )


def _assessment(cursor: _Cursor) -> Assessment:
    if cursor.value is None:
        return Assessment()
    at = cursor.members(_names(Assessment))
    return Assessment(
        type=at["type"].choice(AssessmentType),
        supervision=at["supervision"].choice(Supervision),
        pass_rule=at["pass_rule"].localized(TEXT),
        qa_statement=at["qa_statement"].localized(TEXT),
        assessor_qualification=at["assessor_qualification"].localized(TEXT),
        moderation=at["moderation"].localized(TEXT),
    )


def _references(content: AchievementContent, problems: dict[str, str]) -> None:
    _once("outcomes", [outcome.id for outcome in content.outcomes], problems)
    _once("rubric.criteria", [criterion.id for criterion in content.rubric.criteria], problems)
    _once("requirements", [requirement.id for requirement in content.requirements], problems)
    # Level ids are fragments of one address, so they are unique over the whole rubric.
    _once("rubric.levels", [level.id for row in content.rubric.criteria for level in row.levels], problems)
    outcomes = {outcome.id for outcome in content.outcomes}
    for place, row in enumerate(content.rubric.criteria):
        path = f"rubric.criteria[{place}]"
        if row.outcome_id and row.outcome_id not in outcomes:
            problems.setdefault(f"{path}.outcome_id", "There is no outcome with this id.")
        if row.required_level_id and row.required_level_id not in {level.id for level in row.levels}:
            problems.setdefault(f"{path}.required_level_id", "There is no level with this id.")


def _once(path: str, names: list[str], problems: dict[str, str]) -> None:
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        problems.setdefault(path, f"The id {twice[0]} stands here twice.")


def content_to_json(content: AchievementContent) -> dict[str, Any]:
    """Give the JSON that `content_from_json` reads back to an equal value."""
    value: dict[str, Any] = _plain(content)
    if content.renewal is None:
        del value["renewal"]  # versions published before it could be said keep their hash
    return value


def _plain(value: object) -> Any:  # noqa: ANN401  - any JSON value
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, StrEnum):
        return value.value
    return dict(value) if isinstance(value, Mapping) else value


def content_canonical(content: AchievementContent) -> bytes:
    """Spell the content in the one canonical way: sorted keys, no spaces, UTF-8."""
    return _canonical(content_to_json(content))


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def content_hash(
    content: AchievementContent,
    *,
    credential_class: str = "",
    alignments: Iterable[tuple[str, str]] = (),
    image_sha256: str = "",
) -> str:
    """Hash what a published version promises: SHA-256 (hex) over content, class, alignments and picture.

    `alignments` are pairs (outcome id, what the item says); their order does not count.
    """
    whole = {
        "alignments": sorted([list(pair) for pair in alignments]),
        "class": credential_class,
        "content": content_to_json(content),
        "image": image_sha256,
    }
    return hashlib.sha256(_canonical(whole)).hexdigest()

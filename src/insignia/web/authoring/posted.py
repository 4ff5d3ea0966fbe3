"""What a screen sent, as content JSON: only its own parts change, texts of other languages stay."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence

from django.http import QueryDict

from insignia.web.authoring.paths import Json, value_at

PARTS: Mapping[int, tuple[str, ...]] = {
    1: ("name", "description", "credential_class", "field", "outcomes", "criteria", "tags"),
    2: ("rubric", "requirements", "assessment"),
    3: ("level", "image_alt", "validity_months", "notional_hours", "participation", "renewal"),
    4: (),
}
"""What each screen is about; `credential_class` stands beside the content."""
MOST_ROWS = 60
ASSESSMENT_TEXTS = ("pass_rule", "qa_statement", "assessor_qualification", "moderation")


class _Reader:
    def __init__(self, post: QueryDict, languages: Sequence[str]) -> None:
        self.post, self.languages = post, languages

    def text(self, path: str, old: Json, *, line: bool = False) -> Json:
        """Read a text in each language of the form; languages the form does not show stay."""
        kept = {tag: words for tag, words in (old or {}).items() if tag not in self.languages}
        shown = {tag: self.plain(f"{path}.{tag}", line=line) for tag in self.languages}
        return {**{tag: words for tag, words in shown.items() if words}, **kept}

    def plain(self, path: str, *, line: bool = False) -> str:
        words = self.post.get(path, "").replace("\r\n", "\n").replace("\r", "\n")
        return " ".join(words.split()) if line else words.strip()

    def whole(self, path: str) -> Json:
        """Read a number; what is no number stays as typed, so that it is refused and shown again."""
        words = self.plain(path, line=True)
        return int(words) if re.fullmatch(r"[0-9]{1,9}", words) else words or None

    def rows(self, path: str, old: Json, read: Callable[[str, Json], Json]) -> list[Json]:
        before = {row["id"]: row for row in old or []}
        found = []
        for place in range(MOST_ROWS):
            name = self.post.get(f"{path}[{place}].id")
            if name is None:
                break
            found.append({"id": name, **read(f"{path}[{place}]", before.get(name, {}))})
        return found


def posted(post: QueryDict, step: int, before: Json, languages: Sequence[str]) -> Json:
    """Give `before` with this screen's parts as they were sent."""
    reader, data = _Reader(post, languages), copy.deepcopy(before)
    screens = {1: _certifies, 2: _judged, 3: _terms}
    if step in screens:
        data.update(screens[step](reader, before))
    return data


def _certifies(reader: _Reader, old: Json) -> Json:
    tags = [" ".join(tag.split()) for tag in re.split(r"[,\n]", reader.plain("tags"))]
    return {
        "name": reader.text("name", old["name"], line=True),
        "description": reader.text("description", old["description"]),
        "criteria": reader.text("criteria", old["criteria"]),
        "credential_class": reader.plain("credential_class") or old["credential_class"],
        "field": reader.plain("field") or old["field"],
        "tags": list(dict.fromkeys(tag for tag in tags if tag)),
        "outcomes": reader.rows(
            "outcomes",
            old["outcomes"],
            lambda path, row: {
                "statement": reader.text(f"{path}.statement", row.get("statement"), line=True),
            },
        ),
    }


def _judged(reader: _Reader, old: Json) -> Json:
    assessment = {name: reader.text(f"assessment.{name}", old["assessment"][name]) for name in ASSESSMENT_TEXTS}
    return {
        "rubric": {
            "title": reader.text("rubric.title", old["rubric"]["title"], line=True),
            "criteria": reader.rows(
                "rubric.criteria",
                old["rubric"]["criteria"],
                lambda path, row: _criterion(reader, path, row),
            ),
        },
        "requirements": reader.rows(
            "requirements", old["requirements"], lambda path, row: _requirement(reader, path, row)
        ),
        "assessment": {
            "type": reader.plain("assessment.type") or None,
            "supervision": reader.plain("assessment.supervision") or None,
            **assessment,
        },
    }


def _criterion(reader: _Reader, path: str, old: Json) -> Json:
    return {
        "outcome_id": reader.plain(f"{path}.outcome_id"),
        "title": reader.text(f"{path}.title", old.get("title"), line=True),
        "description": reader.text(f"{path}.description", old.get("description")),
        "critical": f"{path}.critical" in reader.post,
        "weight": old.get("weight", 1),
        "levels": reader.rows(
            f"{path}.levels", old.get("levels"), lambda inner, level: _level(reader, inner, level)
        ),
        "required_level_id": reader.plain(f"{path}.required_level_id"),
    }


def _level(reader: _Reader, path: str, old: Json) -> Json:
    return {
        "title": reader.text(f"{path}.title", old.get("title"), line=True),
        "description": reader.text(f"{path}.description", old.get("description")),
        "points": old.get("points", 0),
    }


def _requirement(reader: _Reader, path: str, old: Json) -> Json:
    return {
        "name": reader.text(f"{path}.name", old.get("name"), line=True),
        "description": reader.text(f"{path}.description", old.get("description")),
        "genre": old.get("genre", ""),
        "kinds": reader.post.getlist(f"{path}.kinds"),
        "required": f"{path}.required" in reader.post,
    }


def _terms(reader: _Reader, old: Json) -> Json:
    return {
        "level": reader.whole("level") or 0,
        "image_alt": reader.text("image_alt", old["image_alt"], line=True),
        "validity_months": reader.whole("validity_months"),
        "notional_hours": reader.whole("notional_hours"),
        "participation": reader.plain("participation") or None,
        "renewal": reader.plain("renewal") or None,
    }


def part_of(data: Json, step: int) -> Json:
    """Cut out what a screen is about."""
    return {name: value_at(data, name) for name in PARTS[step]}

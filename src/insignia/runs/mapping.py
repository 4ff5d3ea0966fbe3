"""Which column of a table means what: guessed from its name and what stands in it, for people to correct."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz

from insignia.foundation.search import folded
from insignia.runs.errors import MappingUnusable
from insignia.runs.table import BESIDE
from insignia.runs.values import EMAIL, WORDS_NO, WORDS_YES, date_parts, looks_like_date

EMAIL_FIELD, PERSON_FIELD, PASSED_FIELD = "email", "person", "passed"
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "email": (
        "email", "e-mail", "mail", "email address", "e-mail address", "student email", "school email",
        "contact email", "correo", "correo electronico", "direccion de correo", "correo del estudiante",
    ),
    "name": (
        "name", "full name", "student name", "learner", "student", "recipient", "recipient name", "participant",
        "nombre", "nombre completo", "nombre y apellidos", "alumno", "alumna", "estudiante", "participante",
    ),
    "first_name": ("first name", "given name", "firstname", "forename", "nombre de pila", "nombres"),
    "last_name": ("last name", "surname", "family name", "lastname", "apellido", "apellidos"),
    "number": (
        "number", "student number", "student id", "id", "id number", "sis id", "local id", "school number",
        "learner id", "student no",
        "matricula", "numero", "numero de alumno", "numero de estudiante", "expediente", "codigo",
    ),
    "language": ("language", "lang", "preferred language", "idioma", "lengua"),
    "awarded_on": (
        "date", "awarded on", "date awarded", "award date", "earned on", "completed", "completion date",
        "completed on", "issue date", "exam date", "fecha", "fecha de entrega", "fecha de finalizacion",
        "otorgada el",
        "fecha del examen",
    ),
    "expires_on": (
        "expires", "expires on", "expiry", "expiry date", "expiration", "expiration date", "valid until",
        "vence", "vencimiento", "fecha de vencimiento", "valida hasta", "caduca",
    ),
    "narrative": (
        "narrative", "note", "notes", "comment", "what they did", "description",
        "nota", "notas", "comentario", "que hizo", "descripcion",
    ),
    "exam": ("exam", "test", "exam name", "assessment", "examen", "prueba", "nombre del examen", "evaluacion"),
    "score": ("score", "points", "result", "grade", "mark", "puntuacion", "puntos", "nota final", "calificacion"),
    "passed": ("passed", "pass", "passed?", "outcome", "status", "aprobado", "superado", "aprobada", "resultado"),
    "proctored": ("proctored", "supervised", "invigilated", "supervisado", "vigilado", "con supervision"),
}  # fmt: skip
FIELDS = tuple(HEADINGS)
UNASKED = (
    "date of birth", "birth date", "birthdate", "birthday", "dob", "enrollment date", "enrolment date",
    "start date", "due date", "school", "school name", "class", "class name", "course name", "group name",
    "event name", "teacher", "teacher name", "parent name", "guardian name", "user name", "username",
    "fecha de nacimiento", "fecha nacimiento", "nacimiento", "fecha de inscripcion", "fecha de ingreso",
    "fecha de inicio", "escuela", "nombre de la escuela", "curso", "nombre del curso", "grupo", "docente",
    "maestro", "profesor", "tutor", "nombre del tutor", "usuario", "nombre de usuario",
)  # fmt: skip
"""Headings that tables of schools have beside what a row says; some are written nearly like one of those above."""
ACCOUNTS = frozenset({"user name", "username", "usuario", "nombre de usuario", "id usuario", "user id"})
"""Headings among them under which an address may stand."""
EXAM_FIELDS = ("exam", "score", "passed", "proctored")
REASON_HEADINGS = ("Why not", "Por qué no")
"""How the reasons are called that we write beside rows to be corrected, in every language of the pages."""
SET_ASIDE = frozenset(folded(heading) for heading in (*REASON_HEADINGS, BESIDE))
"""Columns that we add to such a table: it may come back with them, and is the same table."""
ALIKE = 80
"""From how much likeness of 100 on a heading counts as one of the words above."""
DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
SAMPLE_ROWS = 50


@dataclass(frozen=True)
class ColumnMapping:
    """Field -> the column that holds it; and how dates like 03/04/2026 are meant."""

    columns: Mapping[str, str] = field(default_factory=dict)
    date_order: str = DAY_FIRST

    def to_json(self) -> dict[str, Any]:
        """Write it as a run and the memory of an organization keep it."""
        return {"columns": dict(self.columns), "date_order": self.date_order}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ColumnMapping:
        """Read what `to_json` wrote."""
        return cls(dict(stored.get("columns", {})), stored.get("date_order", DAY_FIRST))


def columns_hash(columns: Sequence[str], *, exams: bool = False) -> str:
    """Name a table by its headings, in any order, so that the next one like it is known; exams by themselves."""
    names = sorted(folded(name) for name in columns_own(columns))
    return hashlib.sha256(json.dumps([*names, {"exams": True}] if exams else names).encode()).hexdigest()


def columns_own(columns: Iterable[str]) -> list[str]:
    """Leave out the columns that we added to a table."""
    return [name for name in columns if folded(name) not in SET_ASIDE]


def mapping_checked(mapping: ColumnMapping, columns: Iterable[str]) -> ColumnMapping:
    """Give a mapping without its empty choices.

    Raises:
        MappingUnusable: an unknown field or column, a column twice, or nothing that says whose a row is.
    """
    chosen = {name: column for name, column in mapping.columns.items() if column}
    known = set(columns)
    for name, column in chosen.items():
        if name not in (*FIELDS, PERSON_FIELD) or column not in known:
            raise _unusable(name, f"There is no column called {column}.")
    twice = next((name for name in chosen if list(chosen.values()).count(chosen[name]) > 1), None)
    if twice is not None:
        raise _unusable(twice, f"The column {chosen[twice]} is chosen twice.")
    if EMAIL_FIELD not in chosen and PERSON_FIELD not in chosen:
        raise _unusable(EMAIL_FIELD, "Choose the column with the e-mail addresses.")
    order = mapping.date_order if mapping.date_order in {DAY_FIRST, MONTH_FIRST} else DAY_FIRST
    return ColumnMapping(chosen, order)


def _unusable(name: str, sentence: str) -> MappingUnusable:
    return MappingUnusable(sentence, fields={name: sentence}, field=name)


def mapping_guess(
    columns: Sequence[str], sample: Sequence[Mapping[str, str]], *, exams: bool = False, country: str = ""
) -> ColumnMapping:
    """Guess the mapping: by headings, closest first; then what is left by what stands in it.

    Args:
        columns: the headings.
        sample: the first rows.
        exams: whether the table holds results of an exam.
        country: of the organization; decides how a date is meant that could be either.
    """
    wanted, columns = [name for name in FIELDS if exams or name not in EXAM_FIELDS], columns_own(columns)
    chosen: dict[str, str] = {}
    alike = {column: _likest(column) for column in columns}
    ranked = sorted(
        ((score, name, column) for column, (score, name) in alike.items() if name in wanted), reverse=True
    )
    for _score, name, column in ranked:
        if name not in chosen:
            chosen[name] = column
    for name, fits in _CONTENTS.items():
        if name in wanted and name not in chosen and not _is_answered(name, chosen):
            taken = {*chosen.values(), *(column for column in columns if _is_left_alone(column, alike, name))}
            found = next((one for one in columns if one not in taken and _mostly(fits, sample, one)), None)
            if found is not None:
                chosen[name] = found
    return ColumnMapping(chosen, _date_order(chosen, sample, country))


def mapping_carried_over(other: ColumnMapping, guess: ColumnMapping) -> ColumnMapping:
    """Take what was chosen for a table of the other kind, people or exams; only what says of exams is guessed."""
    chosen = {name: column for name, column in other.columns.items() if name not in EXAM_FIELDS}
    for name in EXAM_FIELDS:
        if name in guess.columns and guess.columns[name] not in chosen.values():
            chosen[name] = guess.columns[name]
    return ColumnMapping(chosen, other.date_order)


def _is_left_alone(column: str, alike: Mapping[str, tuple[float, str]], name: str) -> bool:
    """Say whether a column means nobody of ours, whatever it holds; the account somebody signs in with may be an
    address."""
    return alike[column][1] == NOBODYS and not (name == EMAIL_FIELD and _heading(column) in ACCOUNTS)


def _is_answered(name: str, chosen: Mapping[str, str]) -> bool:
    """First and last name together are a name."""
    return name == "name" and "first_name" in chosen


NOBODYS = "nobody's"
"""Says of a column that its heading is known, and that no field is meant by it."""


def _heading(column: str) -> str:
    return folded(column).replace("_", " ").replace(".", " ").strip()


def _likest(column: str) -> tuple[float, str]:
    """Give the field that a heading is most like, and how much; no name where it is like none."""
    heading = _heading(column)
    words = {**HEADINGS, NOBODYS: UNASKED}
    scores = {name: max(fuzz.ratio(heading, folded(word)) for word in words[name]) for name in words}
    best = max(scores, key=lambda name: scores[name])
    return (scores[best], best) if scores[best] >= ALIKE else (0.0, "")


def _mostly(fits: Callable[[str], bool], sample: Sequence[Mapping[str, str]], column: str) -> bool:
    cells = [row[column] for row in sample if row.get(column)]
    return bool(cells) and sum(map(fits, cells)) / len(cells) >= 0.8


def _looks_like_name(cell: str) -> bool:
    return 1 < len(cell) < 80 and " " in cell and sum(letter.isalpha() for letter in cell) / len(cell) > 0.7


_CONTENTS: Mapping[str, Callable[[str], bool]] = {
    "email": lambda cell: EMAIL.fullmatch(cell) is not None,
    "awarded_on": looks_like_date,
    "passed": lambda cell: folded(cell) in WORDS_YES | WORDS_NO,
    "name": _looks_like_name,
}
"""What a cell of a field looks like, for columns whose heading says nothing."""


def _date_order(chosen: Mapping[str, str], sample: Sequence[Mapping[str, str]], country: str) -> str:
    for name in ("awarded_on", "expires_on"):
        for row in sample:
            parts = date_parts(row.get(chosen.get(name, ""), ""))
            if parts is not None and (parts[0] > 12) != (parts[1] > 12):
                return DAY_FIRST if parts[0] > 12 else MONTH_FIRST
    return MONTH_FIRST if country == "US" else DAY_FIRST

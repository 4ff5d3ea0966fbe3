"""The people and schools of the demo. All of them are invented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class School:
    """One organization: `name` in both languages, `learners` by their keys."""

    slug: str
    name: dict[str, str]
    kind: str
    learners: tuple[str, ...]


@dataclass(frozen=True)
class Player:
    """One person. `age` is in years at the start of the demo; None means that nobody recorded it."""

    key: str
    name: str
    age: int | None
    language: str
    roles: tuple[str, ...]
    about: dict[str, str]

    @property
    def email(self) -> str:
        """Give the made-up address."""
        return f"{self.key}@quillwater.example"


SCHOOLS = (
    School(
        "quillwater-high",
        {"en": "Quillwater High", "es": "Instituto Quillwater"},
        "school",
        ("itzel", "noor", "mai", "tobias"),
    ),
    School(
        "dolores-ibarra-high",
        {"en": "Dolores Ibarra High", "es": "Instituto Dolores Ibarra"},
        "school",
        ("noor", "mai"),
    ),
    School(
        "quillwater-college",
        {"en": "Quillwater Community College", "es": "Colegio Comunitario Quillwater"},
        "college",
        ("tobias",),
    ),
)

PLAYERS = (
    Player(
        "itzel",
        "Itzel Marroquín",
        18,
        "es",
        (),
        {
            "en": "Learner. Has badges, shares one, and is working on the next.",
            "es": "Estudiante. Tiene insignias, comparte una y prepara la siguiente.",
        },
    ),
    Player(
        "noor",
        "Noor Haddad",
        17,
        "en",
        (),
        {
            "en": "Learner, 17. Waits for one judgement, and was told not yet in another.",
            "es": "Estudiante, 17 años. Espera una evaluación, y en otra le dijeron todavía no.",
        },
    ),
    Player(
        "mai",
        "Mai Nguyen",
        15,
        "en",
        (),
        {
            "en": "Learner, 15. Her badge stays private: nobody recorded consent.",
            "es": "Estudiante, 15 años. Su insignia es privada: nadie registró un permiso.",
        },
    ),
    Player(
        "tobias",
        "Tobias Lindqvist-Osei",
        18,
        "en",
        (),
        {
            "en": "Leaver. Has an expired, a revoked and a paused badge, and one on hold.",
            "es": "Egresado. Tiene una insignia caducada, una revocada, una pausada y una detenida.",
        },
    ),
    Player(
        "priscilla",
        "Priscilla Yazzie",
        44,
        "en",
        ("author",),
        {"en": "Badge author at all three schools.", "es": "Autora de insignias en los tres centros."},
    ),
    Player(
        "samuel",
        "Samuel Okafor",
        39,
        "en",
        ("assessor",),
        {"en": "Assessor. Work is waiting for him.", "es": "Evaluador. Tiene trabajos por evaluar."},
    ),
    Player(
        "lucia",
        "Lucía Ferreyra",
        35,
        "es",
        ("assessor",),
        {"en": "Assessor, works in Spanish.", "es": "Evaluadora, trabaja en español."},
    ),
    Player(
        "marguerite",
        "Marguerite Boudreaux",
        51,
        "en",
        ("owner", "registrar"),
        {
            "en": "Owner and registrar: awards, people, keys.",
            "es": "Propietaria y registradora: insignias otorgadas, personas, claves.",
        },
    ),
    Player(
        "jonah",
        "Jonah Feld",
        47,
        "en",
        (),
        {
            "en": "Admissions officer elsewhere. Needs no account to check a badge.",
            "es": "Responsable de admisiones en otro centro. Comprueba insignias sin cuenta.",
        },
    ),
)

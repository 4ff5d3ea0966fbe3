"""Contents of every shape that the codec accepts."""

from __future__ import annotations

from hypothesis import strategies as st

from insignia.achievements.rules import (
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

texts = st.text(
    st.characters(categories=("L", "N", "P", "S", "Zs", "M"), max_codepoint=0x2FFF), min_size=1, max_size=40
).map(str.strip)
localized = st.dictionaries(st.sampled_from(["en", "es", "es-MX", "vi"]), texts.filter(bool), max_size=3)


def _level(name: str) -> st.SearchStrategy[Level]:
    return st.builds(Level, id=st.just(name), title=localized, description=localized, points=st.integers(0, 1000))


@st.composite
def criteria(draw: st.DrawFn, number: int, outcomes: tuple[str, ...]) -> Criterion:
    """Draw one criterion whose references hold."""
    levels = tuple(draw(_level(f"c{number}l{step}")) for step in range(draw(st.integers(0, 4))))
    return Criterion(
        id=f"c{number}",
        outcome_id=draw(st.sampled_from(["", *outcomes])),
        title=draw(localized),
        description=draw(localized),
        critical=draw(st.booleans()),
        weight=draw(st.integers(0, 1000)),
        levels=levels,
        required_level_id=draw(st.sampled_from(["", *(level.id for level in levels)])),
    )


@st.composite
def contents(draw: st.DrawFn) -> AchievementContent:
    """Draw a content with consistent ids."""
    outcomes = tuple(Outcome(f"o{number}", draw(localized)) for number in range(draw(st.integers(0, 3))))
    names = tuple(outcome.id for outcome in outcomes)
    rows = tuple(draw(criteria(number, names)) for number in range(draw(st.integers(0, 3))))
    requirements = tuple(
        EvidenceRequirement(
            id=f"r{number}",
            name=draw(localized),
            description=draw(localized),
            genre=draw(texts),
            kinds=tuple(draw(st.lists(st.sampled_from(EvidenceKind), unique=True))),
            required=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 2)))
    )
    return AchievementContent(
        language=draw(st.sampled_from(["en", "es", "es-MX"])),
        name=draw(localized),
        description=draw(localized),
        criteria=draw(localized),
        achievement_type=draw(st.sampled_from(ACHIEVEMENT_TYPES)),
        field=draw(st.sampled_from(Field)),
        tags=tuple(draw(st.lists(texts.filter(bool), max_size=3))),
        level=draw(st.integers(0, 4)),
        outcomes=outcomes,
        rubric=Rubric(draw(localized), rows),
        requirements=requirements,
        validity_months=draw(st.none() | st.integers(1, 1200)),
        notional_hours=draw(st.none() | st.integers(1, 10_000)),
        participation=draw(st.none() | st.sampled_from(Participation)),
        assessment=Assessment(
            type=draw(st.none() | st.sampled_from(AssessmentType)),
            supervision=draw(st.none() | st.sampled_from(Supervision)),
            pass_rule=draw(localized),
            qa_statement=draw(localized),
            assessor_qualification=draw(localized),
            moderation=draw(localized),
        ),
        image_alt=draw(localized),
        renewal=draw(st.none() | st.sampled_from(Renewal)),
    )

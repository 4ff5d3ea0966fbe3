"""Complete contents and badges for tests, made the way an author makes them."""

from __future__ import annotations

from dataclasses import replace

from insignia.accounts.models import Person
from insignia.achievements.models import AchievementVersion
from insignia.achievements.rules import (
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
    Rubric,
    Supervision,
)
from insignia.achievements.services import achievement_create, alignment_set, image_compose, version_publish
from insignia.frameworks.models import Framework, FrameworkItem
from insignia.organizations.models import Organization
from tests.platform.factories import AT

ART = {"tincture": "azure", "metal": "gold", "symbol": "chart-line-up", "ribbon": "Data"}


def criterion(number: int, *, critical: bool = False) -> Criterion:
    """Make one row of a rubric with three levels, the middle one required."""
    words = (
        "Names what is asked.",
        "Shows it with one source.",
        "Shows it with several sources and their limits.",
    )
    levels = tuple(
        Level(
            id=f"c{number}l{step}",
            title={"en": title, "es": title},
            description={"en": text, "es": f"{text} (es)"},
            points=step,
        )
        for step, (title, text) in enumerate(zip(("Beginning", "Proficient", "Advanced"), words, strict=True))
    )
    return Criterion(
        id=f"c{number}",
        outcome_id=f"o{number}",
        title={"en": f"Criterion {number}", "es": f"Criterio {number}"},
        description={"en": "How well it is shown.", "es": "Qué tan bien se muestra."},
        critical=critical,
        weight=1,
        levels=levels,
        required_level_id=f"c{number}l1",
    )


def application_content(name: str = "Data visualization") -> AchievementContent:
    """Make a content that an application may be published with."""
    return AchievementContent(
        language="en",
        name={"en": name, "es": "Visualización de datos"},
        description={
            "en": "Turns a data set into a picture that answers a question.",
            "es": "Convierte datos en imagen.",
        },
        criteria={
            "en": "Draw two charts of one public data set, and explain which question each one answers.",
            "es": "Dibuja dos gráficos de un conjunto público y explica qué pregunta responde cada uno.",
        },
        achievement_type="MicroCredential",
        field=Field.ACADEMIC,
        tags=("statistics", "python"),
        level=2,
        outcomes=(
            Outcome(
                "o1",
                {"en": "Design charts that answer a stated question.", "es": "Diseña gráficos que responden."},
            ),
            Outcome(
                "o2", {"en": "Explain the limits of a data set to a lay reader.", "es": "Explica los límites."}
            ),
        ),
        rubric=Rubric({"en": "Charts", "es": "Gráficos"}, (criterion(1, critical=True), criterion(2))),
        requirements=(
            EvidenceRequirement(
                id="r1",
                name={"en": "Two charts", "es": "Dos gráficos"},
                description={"en": "As files or as a link.", "es": "Como archivos o enlace."},
                genre="artifact",
                kinds=(EvidenceKind.FILE, EvidenceKind.LINK),
                required=True,
            ),
        ),
        validity_months=36,
        notional_hours=10,
        participation=Participation.BLENDED,
        assessment=Assessment(
            type=AssessmentType.ARTIFACT,
            supervision=Supervision.UNSUPERVISED,
            pass_rule={"en": "Every criterion at its required level.", "es": "Cada criterio en su nivel."},
            qa_statement={"en": "One in ten is judged twice.", "es": "Uno de cada diez se evalúa dos veces."},
            assessor_qualification={"en": "Teaches statistics.", "es": "Enseña estadística."},
            moderation={"en": "A second assessor sees a sample.", "es": "Otra persona ve una muestra."},
        ),
        image_alt={"en": "Blue shield with a rising chart", "es": "Escudo azul con un gráfico"},
    )


def recognition_content(name: str = "Took part") -> AchievementContent:
    """Make a content with no more than a recognition needs."""
    full = application_content(name)
    return replace(
        full, outcomes=(), rubric=Rubric(), requirements=(), assessment=Assessment(), notional_hours=None
    )


def make_item(organization: Organization, code: str = "MP.1") -> FrameworkItem:
    """Make a framework with one item."""
    framework, _made = Framework.objects.get_or_create(
        organization=organization,
        identifier="framework-1",
        defaults={
            "title": "Quillwater practices",
            "source_format": "case",
            "source_sha256": "0" * 64,
            "imported_at": AT,
        },
    )
    return FrameworkItem.objects.create(
        organization=organization,
        framework=framework,
        identifier=f"item-{code}",
        uri=f"https://example.org/items/{code}",
        human_code=code,
        full_statement=f"Statement of {code}",
        added_at=AT,
        changed_at=AT,
    )


def make_draft(
    organization: Organization,
    author: Person,
    *,
    slug: str = "data-visualization",
    content: AchievementContent | None = None,
    credential_class: str = "application",
) -> AchievementVersion:
    """Make a draft that lacks nothing but being published."""
    version = achievement_create(
        organization=organization,
        slug=slug,
        content=content or application_content(),
        credential_class=credential_class,
        person=author,
        at=AT,
    )
    item = FrameworkItem.objects.filter(organization=organization).first() or make_item(organization)
    outcomes = application_content().outcomes if credential_class != "recognition" else ()
    chosen = [(item.public_id, outcome.id) for outcome in outcomes[:1]]
    alignment_set(version_id=version.public_id, alignments=chosen, person=author, at=AT)
    image_compose(version_id=version.public_id, choices=ART, person=author, at=AT)
    return version


def make_published(
    organization: Organization,
    author: Person,
    *,
    slug: str = "data-visualization",
    content: AchievementContent | None = None,
    credential_class: str = "application",
) -> AchievementVersion:
    """Make a published version."""
    draft = make_draft(organization, author, slug=slug, content=content, credential_class=credential_class)
    return version_publish(version_id=draft.public_id, person=author, at=AT)

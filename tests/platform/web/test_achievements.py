"""The catalogue, the badge page and its permanent addresses, as any client sees them."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from insignia.accounts.models import Person
from insignia.achievements.models import AchievementVersion
from insignia.achievements.rules import AssessmentType, Field, Rubric
from insignia.achievements.selectors import image_png
from insignia.achievements.services import image_upload, version_new_draft, version_publish, version_retire
from insignia.assessment.services import submission_start
from insignia.issuing.selectors import did_document
from insignia.issuing.services import issuer_create
from insignia.organizations.models import Organization
from insignia.web.achievements.views import SIZES
from tests.platform.achievements.samples import (
    application_content,
    criterion,
    make_draft,
    make_published,
    recognition_content,
)
from tests.platform.factories import AT, SETUP, make_member, make_organization, make_person

pytestmark = pytest.mark.django_db
AtMost = Callable[[int], AbstractContextManager[object]]
LATER = AT + timedelta(days=30)


@pytest.fixture
def school() -> Organization:
    """A school."""
    return make_organization("quillwater-high")


@pytest.fixture
def author(school: Organization) -> Person:
    """A badge author of it."""
    return make_member(school, "author")


@pytest.fixture
def badge(school: Organization, author: Person) -> AchievementVersion:
    """A published badge."""
    return make_published(school, author)


def page_of(version: AchievementVersion, name: str = "achievement_version", **more: object) -> str:
    """Spell an address of a version."""
    kwargs = {"lineage": version.achievement.public_id, "number": version.number, **more}
    return reverse(name, kwargs=kwargs)


def text_of(client: Client, address: str, *, language: str = "en") -> str:
    """Read a page that has to be there."""
    answer = client.get(address, headers={"accept-language": language})
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


class TestCatalogue:
    """The list of what can be earned."""

    def test_shows_published_badges_and_no_drafts(
        self, client: Client, school: Organization, author: Person
    ) -> None:
        """A draft is nobody's business but its authors'."""
        make_published(school, author, slug="charts", content=application_content("Honest charts"))
        make_draft(school, author, slug="secret", content=application_content("Secret plan"))
        client.force_login(author)
        text = text_of(client, "/badges")
        assert "Honest charts" in text
        assert "Secret plan" not in text

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("q=CHARTS", {"Honest charts"}),
            ("q=visualizacion", {"Honest charts", "Town voice"}),
            ("field=civic", {"Town voice"}),
            ("class=recognition", {"Town voice"}),
            ("class=knowledge", set()),
            ("level=2&hours=10", {"Honest charts"}),
            ("hours=5", set()),
            ("organization=quillwater-high", {"Honest charts", "Town voice"}),
            ("language=en", {"Honest charts", "Town voice"}),
            (
                "field=cooking&level=nine&class=%00&page=999999999&organization=nobody",
                {"Honest charts", "Town voice"},
            ),
            ("q=%00charts", {"Honest charts"}),
        ],
    )
    def test_filters_by_address_and_ignores_what_means_nothing(
        self, client: Client, school: Organization, author: Person, query: str, found: set[str]
    ) -> None:
        """The same address gives the same list; a filter that does not exist filters nothing."""
        make_published(school, author, slug="charts", content=application_content("Honest charts"))
        civic = replace(recognition_content("Town voice"), field=Field.CIVIC)
        make_published(school, author, slug="voice", content=civic, credential_class="recognition")
        text = text_of(client, f"/badges?{query}")
        assert {name for name in ("Honest charts", "Town voice") if name in text} == found

    def test_keeps_every_other_filter_when_one_is_removed(self, client: Client, badge: AchievementVersion) -> None:
        """Each chip is the same search without itself."""
        text = text_of(client, "/badges?q=data&field=academic&level=2")
        for without in ("field=academic&amp;level=2", "q=data&amp;level=2", "q=data&amp;field=academic"):
            assert f'href="/badges?{without}"' in text

    def test_turns_pages_within_a_search(self, client: Client, school: Organization, author: Person) -> None:
        """24 a page; the next page asks the same question."""
        first = make_published(school, author, slug="first")
        AchievementVersion.objects.bulk_create(_copies(first, 25))
        text = text_of(client, "/badges?field=academic")
        assert text.count("card-badge") == 24
        assert 'href="?field=academic&amp;page=2"' in text
        assert text_of(client, "/badges?field=academic&page=2").count("card-badge") == 2

    def test_costs_few_queries_however_many_badges(
        self, client: Client, school: Organization, author: Person, django_assert_max_num_queries: AtMost
    ) -> None:
        """No query per card."""
        first = make_published(school, author, slug="first")
        AchievementVersion.objects.bulk_create(_copies(first, 20))
        with django_assert_max_num_queries(6):
            client.get("/badges")

    def test_teaches_when_it_is_empty_and_when_nothing_matches(self, client: Client, school: Organization) -> None:
        """Two different empty states, each with a next step."""
        assert "No badge is published here yet." in text_of(client, "/badges")
        text = text_of(client, "/badges?q=sailing")
        assert "No badge matches." in text
        assert 'href="/frameworks?q=sailing"' in text


def _copies(first: AchievementVersion, many: int) -> list[AchievementVersion]:
    """Multiply a published version cheaply, each as a lineage of its own."""
    lineage = type(first.achievement)
    rows = [
        lineage.objects.create(organization=first.organization, slug=f"copy-{n}", created_at=AT)
        for n in range(many)
    ]
    fields = (
        "organization", "number", "state", "credential_class", "content", "field", "language", "level",
        "notional_hours", "sort_name", "search_text", "content_hash", "created_at", "published_at", "published_by",
    )  # fmt: skip
    values = {name: getattr(first, name) for name in fields}
    return [AchievementVersion(achievement=row, **values) for row in rows]


class TestBadgePage:
    """What must I show?"""

    def test_says_what_to_show_how_it_is_judged_and_where_the_bar_lies(
        self, client: Client, badge: AchievementVersion
    ) -> None:
        """Outcomes, evidence, every level of every criterion, the bar once per criterion, the pass rule."""
        text = text_of(client, page_of(badge))
        for words in (
            "You show that you can…",
            "Design charts that answer a stated question.",
            "Two charts",
            "As a file or a link",
            "Shows it with several sources and their limits.",
            "Every criterion at its required level.",
            "You meet it when all 2 criteria reach their bar.",
            "Teaches statistics.",
            "10 hours",
            "3 years",
            "MP.1",
        ):
            assert words in text, words
        assert text.count("The bar<") == 2

    def test_has_every_address_that_signed_documents_point_at(
        self, client: Client, badge: AchievementVersion
    ) -> None:
        """Each fragment of the JSON is an id on the page: criteria, criteria of the rubric, levels."""
        document = client.get(page_of(badge, "achievement_json")).json()
        text = text_of(client, page_of(badge))
        ids = [document["criteria"]["id"]]
        for row in document["resultDescription"]:
            ids += [row["id"], row["requiredLevel"], *(level["id"] for level in row["rubricCriterionLevel"])]
        assert len(ids) > 8
        for full in ids:
            assert f'id="{full.split("#")[1]}"' in text, full

    def test_invents_nothing(self, client: Client, badge: AchievementVersion) -> None:
        """How fast and how well assessors agree is nowhere stated, and the page says so."""
        text = text_of(client, page_of(badge))
        judging = text[text.index('id="judging"') :]
        assert judging.count("Not stated by the issuer") == 2

    def test_says_of_a_recognition_that_nobody_assessed_it(
        self, client: Client, school: Organization, author: Person
    ) -> None:
        """No rubric, no start; the class in words."""
        content = recognition_content()
        version = make_published(school, author, content=content, credential_class="recognition")
        text = text_of(client, page_of(version))
        assert "Participation, not assessed" in text
        assert "Nobody judged how well." in text
        assert "There is nothing to hand in." in text
        assert "Sign in to start" not in text
        assert "Who judges" not in text

    @pytest.mark.parametrize("lacking", [{"rubric": Rubric()}, {"requirements": ()}])
    def test_offers_no_start_where_nobody_could_hand_in_or_judge(
        self, client: Client, school: Organization, author: Person, lacking: dict[str, Any]
    ) -> None:
        """Such a badge is given to many at once, by the results of an exam."""
        full = application_content()
        exam = replace(full.assessment, type=AssessmentType.EXAM)
        content = replace(full, assessment=exam, **lacking)
        version = make_published(school, author, content=content, credential_class="knowledge")
        text = text_of(client, page_of(version))
        assert "Sign in to start" not in text
        assert "by results that it holds itself" in text
        client.force_login(make_person())
        assert "Start this badge" not in text_of(client, page_of(version))
        answer = client.post(reverse("work_start", kwargs={"version_id": version.public_id}))
        assert answer.status_code == 409
        assert "Nothing is handed in for this badge" in answer.content.decode()

    def test_names_each_level_in_its_cell_where_columns_differ(
        self, client: Client, school: Organization, author: Person
    ) -> None:
        """Criteria with scales of their own: columns are numbered, and a short row is filled."""
        odd = criterion(2)
        levels = (replace(odd.levels[0], title={"en": "No"}), replace(odd.levels[1], title={"en": "Yes"}))
        rubric = Rubric({"en": "Mixed", "es": "Mixta"}, (criterion(1), replace(odd, levels=levels)))
        version = make_published(school, author, content=replace(application_content(), rubric=rubric))
        text = text_of(client, page_of(version))
        assert "Level 3" in text
        assert "rubric-own" in text
        assert text.count("is-none") == 1

    def test_is_in_spanish_where_the_badge_is(self, client: Client, badge: AchievementVersion) -> None:
        """Frame and content."""
        text = text_of(client, page_of(badge), language="es")
        assert "Visualización de datos" in text
        assert "Nivel requerido" in text
        assert "The bar" not in text

    def test_says_when_it_is_written_in_another_language_only(
        self, client: Client, school: Organization, author: Person
    ) -> None:
        """A badge without Spanish is shown in its own language, and marked as such."""
        name = {"en": "English only"}
        version = make_published(school, author, content=replace(application_content(), name=name))
        text = text_of(client, page_of(version), language="es")
        assert "solo en otro idioma" in text
        assert '<h1 lang="en">English only</h1>' in text

    def test_shows_markup_as_text(self, client: Client, school: Organization, author: Person) -> None:
        """Whatever an author writes, no tag of theirs reaches the page."""
        nasty = {"en": "<script>alert(1)</script>", "es": "<img src=x onerror=alert(1)>"}
        content = replace(application_content(), name=nasty, description=nasty, criteria=nasty, image_alt=nasty)
        version = make_published(school, author, content=content)
        for address in (page_of(version), "/badges"):
            for language in ("en", "es"):
                text = text_of(client, address, language=language)
                assert "<script>alert" not in text
                assert "<img src=x" not in text

    def test_of_a_draft_is_not_there_not_even_for_its_author(
        self, client: Client, school: Organization, author: Person
    ) -> None:
        """A permanent address never changes its mind: drafts have their own pages."""
        draft = make_draft(school, author)
        client.force_login(author)
        for name in ("achievement_version", "achievement_json", "achievement_png", "achievement_svg"):
            assert client.get(page_of(draft, name)).status_code == 404
        assert client.get(f"/achievements/{draft.achievement.public_id}").status_code == 404
        assert client.get(f"/badges/quillwater-high/{draft.achievement.slug}").status_code == 404

    def test_of_a_retired_version_stays_and_says_so(
        self, client: Client, badge: AchievementVersion, author: Person
    ) -> None:
        """200, since when, no start; its files stay too."""
        version_retire(version_id=badge.public_id, person=author, at=LATER)
        text = text_of(client, page_of(badge))
        assert "Retired" in text
        assert "13 June 2026" in text
        assert "Sign in to start" not in text
        assert client.get(page_of(badge, "achievement_json")).status_code == 200
        assert client.get(page_of(badge, "achievement_png")).status_code == 200

    def test_of_an_older_version_points_to_the_newer_one(
        self, client: Client, badge: AchievementVersion, author: Person
    ) -> None:
        """Both stay; the lineage and the short name lead to the newest."""
        draft = version_new_draft(achievement_id=badge.achievement.public_id, person=author, at=LATER)
        newer = version_publish(version_id=draft.public_id, person=author, at=LATER)
        assert "Version 2 is newer" in text_of(client, page_of(badge))
        assert "Published" in text_of(client, page_of(newer))
        short = f"/badges/quillwater-high/{badge.achievement.slug}"
        for address in (short, f"/achievements/{badge.achievement.public_id}"):
            answer = client.get(address)
            assert (answer.status_code, answer.headers["Location"]) == (302, page_of(newer))

    def test_leads_to_the_issuer_once_there_is_one(
        self, client: Client, badge: AchievementVersion, school: Organization
    ) -> None:
        """The page of its keys; the JSON names it as creator from then on."""
        assert "/issuers/" not in text_of(client, page_of(badge)).split("<main")[1]
        assert "creator" not in client.get(page_of(badge, "achievement_json")).json()
        issuer = issuer_create(organization=school, actor=SETUP, at=AT)
        assert f'href="/issuers/{issuer.public_id}"' in text_of(client, page_of(badge))
        document = client.get(page_of(badge, "achievement_json")).json()
        assert document["creator"]["id"] == did_document(issuer)["id"]

    @pytest.mark.parametrize("address", ["/badges/quillwater-high/none", "/badges/nobody/data-visualization"])
    def test_is_not_there_under_a_wrong_name(
        self, client: Client, badge: AchievementVersion, address: str
    ) -> None:
        """404 with words."""
        assert client.get(address).status_code == 404


class TestStart:
    """The one button of the badge page."""

    def test_asks_a_visitor_to_sign_in_and_leads_on(self, client: Client, badge: AchievementVersion) -> None:
        """After signing in one arrives at starting this badge."""
        start = reverse("work_start", kwargs={"version_id": badge.public_id})
        assert f'href="{reverse("account_login")}?next={start}"' in text_of(client, page_of(badge))

    def test_posts_for_somebody_signed_in(self, client: Client, badge: AchievementVersion) -> None:
        """A form, so that nothing starts by following a link."""
        client.force_login(make_person())
        start = reverse("work_start", kwargs={"version_id": badge.public_id})
        assert f'<form method="post" action="{start}"' in text_of(client, page_of(badge))

    def test_leads_to_the_work_that_was_begun(self, client: Client, badge: AchievementVersion) -> None:
        """Nobody begins twice by mistake; another person's work is not offered."""
        learner = make_person()
        work = submission_start(version=badge, learner=learner, at=AT)
        client.force_login(learner)
        own = reverse("work", kwargs={"submission_id": work.public_id})
        assert f'href="{own}"' in text_of(client, page_of(badge))
        client.force_login(make_person())
        assert own not in text_of(client, page_of(badge))


class TestAchievementJson:
    """The Open Badges form of a version."""

    @pytest.mark.parametrize(
        ("accept", "kind"),
        [
            ("application/json", "application/json"),
            ("application/ld+json", "application/ld+json"),
            ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
            ("*/*", "text/html"),
        ],
    )
    def test_is_given_to_whoever_asks_for_it(
        self, client: Client, badge: AchievementVersion, accept: str, kind: str
    ) -> None:
        """The permanent id answers in the form asked for, and caches know that it depends."""
        answer = client.get(page_of(badge), headers={"accept": accept})
        assert answer.headers["Content-Type"].split(";")[0] == kind
        assert "Accept" in answer.headers["Vary"]

    def test_says_the_same_at_its_own_address(self, client: Client, badge: AchievementVersion) -> None:
        """`.json` is the same document, open to any site, under the id it is served at."""
        answer = client.get(page_of(badge, "achievement_json"))
        asked = client.get(page_of(badge), headers={"accept": "application/json"})
        assert json.loads(answer.content) == json.loads(asked.content)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.json()["id"] == f"https://badges.example.org{page_of(badge)}"
        assert answer.json()["type"] == ["Achievement"]

    def test_is_a_problem_document_where_there_is_nothing(self, client: Client, badge: AchievementVersion) -> None:
        """A machine gets a machine's answer."""
        answer = client.get(page_of(badge, "achievement_json").replace("/v1", "/v7"))
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"


class TestPicture:
    """The pictures of a version."""

    def test_never_changes_and_is_never_guessed_at(self, client: Client, badge: AchievementVersion) -> None:
        """A year in every cache, no sniffing, usable from other sites, no active content."""
        for name, kind in (("achievement_png", "image/png"), ("achievement_svg", "image/svg+xml")):
            answer = client.get(page_of(badge, name))
            assert answer.headers["Content-Type"] == kind
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        png = client.get(page_of(badge, "achievement_png")).content
        assert png == image_png(badge, pixels=badge.image.width)

    @pytest.mark.parametrize("pixels", SIZES)
    def test_comes_in_the_sizes_that_pages_ask_for(
        self, client: Client, badge: AchievementVersion, pixels: int
    ) -> None:
        """A PNG of exactly that width (bytes 16 to 19 of its header)."""
        png = client.get(page_of(badge, "achievement_png_sized", pixels=pixels)).content
        assert int.from_bytes(png[16:20]) == pixels

    @pytest.mark.parametrize("pixels", [0, 33, 2048, 99999])
    def test_comes_in_no_other_size(self, client: Client, badge: AchievementVersion, pixels: int) -> None:
        """Nobody makes us draw what no page needs."""
        assert client.get(page_of(badge, "achievement_png_sized", pixels=pixels)).status_code == 404

    def test_for_printers_has_no_colour(self, client: Client, badge: AchievementVersion) -> None:
        """Black on white, with hatching."""
        assert b"<pattern" in client.get(page_of(badge, "achievement_svg_mono")).content

    def test_that_was_uploaded_as_png_has_no_svg(
        self, client: Client, school: Organization, author: Person
    ) -> None:
        """The page does not offer what is not there."""
        draft = make_draft(school, author)
        image_upload(version_id=draft.public_id, raw=image_png(draft, pixels=256), person=author, at=AT)
        version = version_publish(version_id=draft.public_id, person=author, at=AT)
        assert client.get(page_of(version, "achievement_svg")).status_code == 404
        assert "image-mono.svg" not in text_of(client, page_of(version))

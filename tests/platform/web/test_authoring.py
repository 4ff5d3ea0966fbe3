"""Authors' pages through the front door: who may, what is kept, what is refused, what two authors at once get."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from lxml import html
from PIL import Image

from insignia import demo
from insignia.accounts.models import Person
from insignia.achievements.models import AchievementImage, AchievementVersion
from insignia.achievements.rules import FINDING_SENTENCES, GAP_SENTENCES
from insignia.achievements.services import version_new_draft
from insignia.audit.actor import Actor
from insignia.frameworks.services import framework_import
from insignia.organizations.models import Organization
from insignia.web.authoring import editor, words
from insignia.web.authoring.draft import Lineage, draft_whole
from tests.platform.achievements.samples import make_draft, make_item, make_published
from tests.platform.factories import AT, make_member, make_organization, make_person

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def school() -> Organization:
    """Make an organization."""
    return make_organization("quillwater-high")


@pytest.fixture
def author(school: Organization) -> Person:
    """Make its author."""
    return make_member(school, "author")


@pytest.fixture
def desk(author: Person) -> Client:
    """Give the author's browser."""
    return signed_in(author)


def signed_in(person: Person) -> Client:
    """Give a browser in which this person is signed in."""
    client = Client()
    client.force_login(person)
    return client


def address(version: AchievementVersion, name: str = "author_edit", **more: object) -> str:
    """Name a page of a version's lineage."""
    names = {"organization": version.organization.slug, "lineage": version.achievement.public_id, **more}
    return reverse(name, kwargs=names)


def form_of(page: bytes) -> dict[str, Any]:
    """Read the editor's form as a browser would send it: every field by name, lists where names repeat."""
    return _sent(page, "//form[@id='editor']")


def _sent(page: bytes, where: str) -> dict[str, Any]:
    form: Any = html.fromstring(page).xpath(where)
    sent: dict[str, list[str]] = {}
    for name, value in form[0].form_values():
        sent.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in sent.items()}


def posted(client: Client, version: AchievementVersion, step: int, **changes: Any) -> Any:  # noqa: ANN401  - a test response
    """Open a screen, change fields (dots and brackets in names: pass a dict), send it."""
    form = form_of(client.get(address(version, step=step)).content)
    return client.post(address(version, step=step), {**form, **changes.pop("fields", {}), **changes})


def content(version: AchievementVersion) -> dict[str, Any]:
    """Read what is stored now."""
    found: dict[str, Any] = AchievementVersion.objects.get(pk=version.pk).content
    return found


def import_framework(organization: Organization) -> None:
    """Import the demo's framework, as an author would."""
    raw = (Path(demo.__file__).parent / "data" / "quillwater_framework.case.json").read_bytes()
    owner = Actor.person(make_member(organization, "owner"))
    framework_import(organization=organization, actor=owner, at=AT, raw=raw, filename="quillwater.json")


def boxes(page: bytes) -> list[str]:
    """List the items that can be ticked."""
    found: Any = html.fromstring(page).xpath("//input[@name='items'][not(@checked)]/@value")
    return list(found)


class TestList:
    """The organization's badges."""

    def test_teaches_where_there_is_nothing(self, desk: Client, school: Organization) -> None:
        """An empty page says what to do, with the one button."""
        page = desk.get(reverse("author_badges", kwargs={"organization": school.slug})).content.decode()
        assert "A badge takes four screens" in page
        assert page.count("New badge") == 1

    def test_shows_drafts_published_and_retired(self, desk: Client, school: Organization, author: Person) -> None:
        """Each in its own part."""
        make_draft(school, author, slug="one")
        make_published(school, author, slug="two")
        page = desk.get(reverse("author_badges", kwargs={"organization": school.slug}))
        shown = html.fromstring(page.content)
        assert shown.xpath("count(//section[@aria-labelledby='drafts']//li[contains(., 'Can be published')])") == 1
        assert shown.xpath("count(//section[@aria-labelledby='published']//li)") == 1
        assert shown.xpath("count(//section[@aria-labelledby='retired'])") == 0

    def test_begins_a_badge_in_the_language_of_the_organization(self, desk: Client, school: Organization) -> None:
        """A POST makes the draft; a GET makes nothing."""
        begin = reverse("author_begin", kwargs={"organization": school.slug})
        assert desk.get(begin).status_code == 405
        answer = desk.post(begin)
        version = AchievementVersion.objects.get()
        assert (answer.status_code, answer.headers["Location"]) == (303, address(version, step=1))
        assert version.content["language"] == school.language


class TestPermission:
    """Who gets in."""

    ADDRESSES: ClassVar[tuple[tuple[str, dict[str, int]], ...]] = (
        ("author_badge", {}), ("author_edit", {"step": 1}), ("author_edit", {"step": 4}),
        ("author_discard", {}), ("author_picture", {}),
    )  # fmt: skip

    @pytest.mark.parametrize(("name", "more"), ADDRESSES)
    @pytest.mark.parametrize(("roles", "status"), [(("assessor",), 403), (("owner",), 200), (None, 404)])
    def test_is_for_authors_and_owners(
        self, school: Organization, author: Person, name: str, more: dict[str, int],
        roles: tuple[str, ...] | None, status: int,
    ) -> None:  # fmt: skip
        """Members without the role are told so; outsiders learn nothing."""
        draft = make_draft(school, author)
        person = make_person() if roles is None else make_member(school, *roles)
        assert signed_in(person).get(address(draft, name, **more)).status_code == status

    def test_asks_strangers_to_sign_in(self, school: Organization, author: Person) -> None:
        """Signed out: the sign-in page."""
        answer = Client().get(address(make_draft(school, author), step=1))
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in")

    def test_does_not_show_another_organizations_badge(self, desk: Client, school: Organization) -> None:
        """Neither under its own address nor under ours, even when it is published."""
        other = make_organization("elsewhere")
        theirs = make_published(other, make_member(other, "author"))
        assert desk.get(address(theirs, "author_badge")).status_code == 404
        ours = reverse(
            "author_badge", kwargs={"organization": school.slug, "lineage": theirs.achievement.public_id}
        )
        assert desk.get(ours).status_code == 404

    def test_writes_nothing_for_a_member_without_the_role(self, school: Organization, author: Person) -> None:
        """Every POST is refused too."""
        draft, published = make_draft(school, author), make_published(school, author, slug="other")
        client = signed_in(make_member(school, "assessor", "registrar"))
        for target in (
            address(draft, step=1), address(draft, "author_publish"), address(draft, "author_discard"),
            address(published, "author_draft"), address(published, "author_retire", number=1),
            reverse("author_begin", kwargs={"organization": school.slug}),
        ):  # fmt: skip
            assert client.post(target, {"name.en": "Mine"}).status_code == 403
        assert AchievementVersion.objects.count() == 2


class TestEditor:
    """Saving screens."""

    def test_opening_and_saving_changes_nothing(self, desk: Client, school: Organization, author: Person) -> None:
        """What a complete badge shows is what it stores, on every screen."""
        draft = make_draft(school, author)
        before = content(draft)
        for step in (1, 2, 3):
            answer = posted(desk, draft, step, go=str(step + 1))
            assert (answer.status_code, answer.headers["Location"]) == (303, address(draft, step=step + 1))
        now = AchievementVersion.objects.get(pk=draft.pk)
        assert (now.content, now.lock_version) == (before, 1)
        assert now.alignments.count() == 1
        assert (AchievementImage.objects.get(version=draft).art or {})["ribbon"] == "Data"

    @pytest.mark.parametrize(
        ("name", "text", "status"),
        [
            ("go", "9" * 5000, 303),
            ("do", f"up outcomes[{'9' * 5000}]", 303),
            ("take:", "theirs", 303),
            ("take:outcomes[99999999999].statement", "theirs", 303),
            ("credential_class", "x", 422),
        ],
    )
    def test_takes_what_no_page_sends_calmly(
        self, desk: Client, school: Organization, author: Person, name: str, text: str, status: int
    ) -> None:
        draft = make_draft(school, author)
        before = content(draft)
        assert posted(desk, draft, 1, fields={name: text}).status_code == status
        now = AchievementVersion.objects.get(pk=draft.pk)
        assert (now.content, now.credential_class) == (before, draft.credential_class)

    @pytest.mark.parametrize("base", ["[" * 100_000, "9" * 5000, "{", "1"])
    def test_compares_nothing_with_a_start_that_cannot_be_read(
        self, desk: Client, school: Organization, author: Person, base: str
    ) -> None:
        draft = make_draft(school, author)
        sent = {"base": base, "lock_version": "7", "name.en": "Mine"}
        assert posted(desk, draft, 1, fields=sent).status_code == 409
        assert content(draft)["name"]["en"] != "Mine"

    def test_saves_both_languages_and_says_when(self, desk: Client, school: Organization, author: Person) -> None:
        """Typed text is stored, trimmed; the next page says so."""
        draft = make_draft(school, author)
        answer = posted(desk, draft, 1, fields={"name.en": " Peer  mediation ", "name.es": "Mediación"})
        assert content(draft)["name"] == {"en": "Peer mediation", "es": "Mediación"}
        assert "Saved" in desk.get(answer.headers["Location"]).content.decode()

    def test_keeps_languages_that_it_does_not_show(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """A Vietnamese name survives an edit of the English one."""
        draft = make_draft(school, author)
        stored = content(draft)
        stored["name"]["vi"] = "Hòa giải"
        AchievementVersion.objects.filter(pk=draft.pk).update(content=stored)
        posted(desk, draft, 1, fields={"name.en": "Mediation"})
        assert content(draft)["name"]["vi"] == "Hòa giải"

    @pytest.mark.parametrize(
        ("command", "order", "focus"),
        [
            ("down outcomes[0]", ["o2", "o1"], "f-outcomes-1"),
            ("up outcomes[1]", ["o2", "o1"], "f-outcomes-0"),
            ("remove outcomes[0]", ["o2"], "f-outcomes-0"),
            ("remove outcomes[9]", ["o1", "o2"], ""),
            ("add nonsense", ["o1", "o2"], ""),
        ],
    )
    def test_moves_and_removes_rows_without_script(
        self, desk: Client, school: Organization, author: Person, command: str, order: list[str], focus: str
    ) -> None:
        """Focus follows the row."""
        draft = make_draft(school, author)
        answer = posted(desk, draft, 1, do=command)
        assert [row["id"] for row in content(draft)["outcomes"]] == order
        assert answer.headers["Location"].partition("#")[2] == focus

    def test_forgets_references_to_rows_that_are_gone(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """A criterion without its outcome, a rubric row without its level: gaps, not errors."""
        draft = make_draft(school, author)
        assert posted(desk, draft, 1, do="remove outcomes[0]").status_code == 303
        assert content(draft)["rubric"]["criteria"][0]["outcome_id"] == ""
        assert posted(desk, draft, 2, do="remove rubric.criteria[1].levels[1]").status_code == 303
        assert content(draft)["rubric"]["criteria"][1]["required_level_id"] == ""

    def test_adds_a_criterion_with_levels_and_a_bar(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """Three levels, the middle one required, points rising."""
        draft = make_draft(school, author)
        posted(desk, draft, 2, do="add rubric.criteria")
        new = content(draft)["rubric"]["criteria"][2]
        assert [level["points"] for level in new["levels"]] == [0, 1, 2]
        assert new["required_level_id"] == new["levels"][1]["id"]
        posted(desk, draft, 2, do="up rubric.criteria[2].levels[2]")
        moved = content(draft)["rubric"]["criteria"][2]["levels"]
        assert [level["points"] for level in moved] == [0, 1, 2]
        assert moved[1]["id"] == new["levels"][2]["id"]

    def test_shows_typed_text_again_where_something_cannot_be_kept(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """422, the sentence at the field and in the summary, nothing stored, nothing lost."""
        draft = make_draft(school, author)
        answer = posted(desk, draft, 3, notional_hours="about ten", fields={"image_alt.en": "A new picture"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert 'value="about ten"' in page
        assert "A new picture" in page
        assert "<title>Error:" in page.replace("\n", "")
        assert 'href="#f-notional_hours">Hours of work: This is a whole number from 1 to 10000.' in page
        assert content(draft)["notional_hours"] == 10
        answer = posted(desk, draft, 1, fields={"name.en": "x" * 201, "description.en": "kept"})
        assert answer.status_code == 422
        assert "At most 200 characters fit here; there are 201." in answer.content.decode()
        assert "kept" in answer.content.decode()

    def test_keeps_what_was_typed_when_the_sign_in_ended(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """Shown again, saved by the same page after signing in; what the page sends for itself stays unseen."""
        draft = make_draft(school, author)
        form = form_of(desk.get(address(draft, step=1)).content)
        typed = {**form, "name.en": "Charts, typed while signed out, and long enough to be worth keeping"}
        kept = Client().post(address(draft, step=1), typed)
        assert kept.status_code == 401
        again = _sent(kept.content, "//main//form")
        again.pop("csrfmiddlewaretoken")
        typed.pop("csrfmiddlewaretoken")
        assert again == typed
        boxes = {box.get("name") for box in html.fromstring(kept.content).findall(".//main//textarea")}
        assert "name.en" in boxes
        assert "base" not in boxes
        assert desk.post(address(draft, step=1), again).status_code == 303
        assert content(draft)["name"]["en"] == typed["name.en"]

    def test_says_in_one_line_that_a_save_came_after_the_sign_in_ended(
        self, school: Organization, author: Person
    ) -> None:
        draft = make_draft(school, author)
        answer = Client().post(address(draft, step=1), {"name.en": "Charts"}, headers=HTMX)
        assert answer.status_code == 401
        assert "Not saved: you were signed out." in answer.content.decode()
        assert "<html" not in answer.content.decode()

    def test_refuses_a_ribbon_and_a_symbol_that_cannot_be_drawn(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """The choices stay as they were chosen."""
        draft = make_draft(school, author)
        answer = posted(desk, draft, 3, fields={"art.ribbon": "Thirteen long", "art.symbol": "no-such"})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "The ribbon holds at most 12 letters." in page
        assert 'value="Thirteen long"' in page

    def test_answers_an_autosave_with_what_changed_beside_the_fields(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """Live checks, the rail and the lock come back; no whole page."""
        draft = make_draft(school, author)
        form = form_of(desk.get(address(draft, step=1)).content)
        form["outcomes[0].statement.en"] = "Understands statistics in general terms."
        answer = desk.post(address(draft, step=1), form, headers=HTMX)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "<html" not in page
        assert "Saved" in page
        assert "Nobody can see “understands”" in page
        assert 'name="lock_version" value="2"' in page
        assert 'id="rail"' in page

    def test_answers_an_autosave_with_nothing_that_its_page_does_not_have(
        self, desk: Client, school: Organization, author: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A row was added while it was on its way: another page shows it, this one has no place for its checks."""
        draft = make_draft(school, author)
        last = len(content(draft)["requirements"])
        form = form_of(desk.get(address(draft, step=2)).content)

        def late(whole: Lineage, person: Person) -> AchievementVersion:
            monkeypatch.undo()
            posted(desk, draft, 2, do="add requirements")
            return draft_whole(whole, person)

        monkeypatch.setattr(editor, "draft_whole", late)
        answer = desk.post(address(draft, step=2), form, headers=HTMX)
        assert len(content(draft)["requirements"]) == last + 1
        swapped = set(re.findall(r'id="c-f-([^"]*)"', answer.content.decode()))
        assert f"requirements-{last - 1}-name-en" in swapped
        assert not [name for name in swapped if name.startswith(f"requirements-{last}-")]
        given: Any = html.fromstring(answer.content).xpath("//input[@name='lock_version' or @name='base']")
        locks = {box.get("name"): box.get("value") for box in given}
        assert set(locks) == {"lock_version", "base"}
        assert desk.post(address(draft, step=2), form | locks, headers=HTMX).status_code == 409
        assert len(content(draft)["requirements"]) == last + 1, "a page that never showed the row took it out"

    def test_answers_an_autosave_that_cannot_be_kept(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """It says that nothing was saved, and where."""
        draft = make_draft(school, author)
        form = form_of(desk.get(address(draft, step=3)).content) | {"notional_hours": "0"}
        answer = desk.post(address(draft, step=3), form, headers=HTMX)
        assert answer.status_code == 422
        assert "Not saved: one field needs another look." in answer.content.decode()

    def test_speaks_spanish(self, desk: Client, school: Organization, author: Person) -> None:
        """Gaps and checks are said in the reader's language."""
        desk.cookies["language"] = "es"
        draft = make_draft(school, author)
        answer = posted(desk, draft, 1, fields={"outcomes[0].statement.en": "Understands charts.", "name.en": ""})
        page = desk.get(answer.headers["Location"]).content.decode()
        assert "Nadie puede ver" in page
        assert "Escribe esto también en el idioma de la insignia." in page

    @pytest.mark.parametrize("junk", [{}, {"lock_version": "9" * 40, "base": "{"}, {"name.en": "\x00\u202e"}])
    def test_survives_forged_forms(
        self, desk: Client, school: Organization, author: Person, junk: dict[str, str]
    ) -> None:
        """Whatever arrives, the answer is a page and the badge stays whole."""
        draft = make_draft(school, author)
        for step in (1, 2, 3):
            assert desk.post(address(draft, step=step), junk).status_code in {303, 409, 422}
        assert desk.get(address(draft, step=9)).status_code == 404
        assert desk.get(address(draft, step=1)).status_code == 200


class TestAlignment:
    """Choosing items of frameworks."""

    def test_finds_by_code_words_and_misspelt_words_and_keeps_what_is_typed(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """The search button saves first; the found items are checkboxes."""
        draft = make_draft(school, author)
        import_framework(school)
        answer = posted(desk, draft, 1, do="search", q="CV.2", fields={"name.en": "Typed before searching"})
        assert content(draft)["name"]["en"] == "Typed before searching"
        first = boxes(desk.get(answer.headers["Location"]).content)
        for query in ("peer mediation", "peer mediatoin"):
            assert first[0] in boxes(desk.get(address(draft, step=1), {"q": query}).content)
        nothing = desk.get(address(draft, step=1), {"q": "zzqqxx"})
        assert "Nothing has this code. Try words." in nothing.content.decode()

    def test_aligns_what_is_ticked_to_the_outcome_beside_it(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """A tick aligns, the select says to what, an unticked one is gone."""
        draft, item = make_draft(school, author), make_item(school, "DM.3")
        key = f"{item.public_id}:"
        posted(desk, draft, 1, items=[key])
        assert list(draft.alignments.values_list("item", "outcome_id")) == [(item.pk, "")]
        posted(desk, draft, 1, fields={f"for:{key}": "o2"})
        assert list(draft.alignments.values_list("item", "outcome_id")) == [(item.pk, "o2")]
        form = form_of(desk.get(address(draft, step=1)).content)
        del form["items"]
        desk.post(address(draft, step=1), form)
        assert not draft.alignments.exists()

    def test_is_a_fragment_for_the_page_and_a_page_by_itself(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """The same address."""
        draft = make_draft(school, author)
        here = address(draft, step=1)
        part = desk.get(here, {"q": "MP"}, headers=HTMX | {"HX-Target": "found"}).content.decode()
        assert "<html" not in part
        assert 'id="found"' in part
        assert "item-search" not in part  # the field somebody types in is never swapped
        assert "<html" in desk.get(here, {"q": "MP"}).content.decode()


class TestPicture:
    """The designer."""

    def test_composes_from_the_first_save_on(self, desk: Client, school: Organization) -> None:
        """Choices become the stored picture; it is served at each size, for print too."""
        desk.post(reverse("author_begin", kwargs={"organization": school.slug}))
        version = AchievementVersion.objects.get()
        fields = {
            "art.tincture": "vert",
            "art.metal": "gold",
            "art.symbol": "leaf",
            "art.ribbon": "Green",
            "level": "3",
        }
        assert posted(desk, version, 3, fields=fields).status_code == 303
        image = AchievementImage.objects.get()
        assert image.art == {"tincture": "vert", "metal": "gold", "symbol": "leaf", "ribbon": "Green"}
        for pixels in (32, 128, 512):
            answer = desk.get(address(version, "author_picture"), {"pixels": pixels, "mono": 1})
            assert answer.headers["Content-Type"] == "image/svg+xml"

    def test_takes_an_upload_and_keeps_what_is_typed(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """One form: the picture and the words."""
        draft = make_draft(school, author)
        raw = io.BytesIO()
        Image.new("RGBA", (200, 200), "teal").save(raw, "PNG")
        upload = SimpleUploadedFile("badge.png", raw.getvalue(), "image/png")
        answer = posted(desk, draft, 3, do="upload", upload=upload, fields={"image_alt.en": "A teal square"})
        assert answer.status_code == 303
        assert AchievementImage.objects.get().art is None
        assert content(draft)["image_alt"]["en"] == "A teal square"
        page = desk.get(address(draft, step=3)).content.decode()
        assert "The uploaded one" in page
        assert desk.get(address(draft, "author_picture"), {"pixels": 32}).headers["Content-Type"] == "image/png"
        posted(desk, draft, 3)
        assert AchievementImage.objects.get().art is None
        posted(desk, draft, 3, picture="compose")
        assert AchievementImage.objects.get().art is not None

    @pytest.mark.parametrize(
        ("raw", "sentence"),
        [
            (
                b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>1</script></svg>',
                "can run or load",
            ),
            (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>', "document type"),
            (b"GIF89a", "neither a PNG nor an SVG"),
        ],
    )
    def test_refuses_hostile_pictures_with_a_clear_word(
        self, desk: Client, school: Organization, author: Person, raw: bytes, sentence: str
    ) -> None:
        """The old picture stays, the words typed beside it are saved."""
        draft = make_draft(school, author)
        answer = posted(desk, draft, 3, do="upload", upload=SimpleUploadedFile("x.svg", raw, "image/svg+xml"))
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
        assert AchievementImage.objects.get().art is not None

    def test_finds_symbols_by_words_of_either_language(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """A Spanish author finds the book by its Spanish name."""
        draft = make_draft(school, author)
        desk.cookies["language"] = "es"
        page = desk.get(address(draft, step=3), {"symbols": "libro"}).content.decode()
        assert 'value="book-open"' in page
        assert desk.get("/symbols/book-open.svg").headers["Content-Type"] == "image/svg+xml"
        assert desk.get("/symbols/no-such.svg").status_code == 404


class TestConflict:
    """Two authors at once."""

    def test_shows_both_texts_and_overwrites_nothing(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """409: yours and theirs per field; choosing saves a mixture."""
        draft = make_draft(school, author)
        mine = form_of(desk.get(address(draft, step=1)).content)
        other = signed_in(make_member(school, "author", name="Samuel Okafor"))
        posted(other, draft, 1, fields={"name.en": "Their name", "description.en": "Their description."})
        mine |= {
            "name.en": "My name",
            "criteria.en": "My criteria, in some more words than before, in all detail.",
        }
        answer = desk.post(address(draft, step=1), mine)
        page = answer.content.decode()
        assert answer.status_code == 409
        for words_kept in ("My name", "Their name", "Their description.", "My criteria"):
            assert words_kept in page
        assert content(draft)["name"]["en"] == "Their name"
        chosen = chosen_of(answer.content) | {"take:name.en": "mine"}
        assert desk.post(address(draft, step=1), chosen).status_code == 303
        now = content(draft)
        assert now["name"]["en"] == "My name"
        assert now["description"]["en"] == "Their description."  # not touched here, so theirs was proposed
        assert now["criteria"]["en"].startswith("My criteria")

    def test_merges_what_does_not_touch(self, desk: Client, school: Organization, author: Person) -> None:
        """A change on another screen is no conflict, and the same text twice is none either."""
        draft = make_draft(school, author)
        mine = form_of(desk.get(address(draft, step=3)).content)
        other = signed_in(make_member(school, "author"))
        posted(other, draft, 1, fields={"name.en": "Their name"})
        assert desk.post(address(draft, step=3), mine | {"notional_hours": "12"}).status_code == 303
        assert content(draft)["name"]["en"] == "Their name"
        assert content(draft)["notional_hours"] == 12
        mine = form_of(desk.get(address(draft, step=1)).content)
        posted(other, draft, 1, fields={"description.en": "Their description."})
        stays = desk.post(address(draft, step=1), mine | {"name.en": "Mine"}, headers=HTMX)
        assert stays.status_code == 409  # this page would not show their text, and undo it with its next save
        assert desk.post(address(draft, step=1), mine | {"name.en": "Mine"}).status_code == 303
        assert content(draft)["name"]["en"] == "Mine"
        assert content(draft)["description"]["en"] == "Their description."

    def test_compares_whole_lists_where_rows_differ(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """Theirs has a row more: the list is one choice."""
        draft = make_draft(school, author)
        mine = form_of(desk.get(address(draft, step=1)).content)
        posted(signed_in(make_member(school, "author")), draft, 1, do="remove outcomes[1]")
        mine |= {"outcomes[0].statement.en": "Design three charts that answer a stated question."}
        answer = desk.post(address(draft, step=1), mine)
        assert answer.status_code == 409
        assert 'name="take:outcomes"' in answer.content.decode()
        desk.post(address(draft, step=1), chosen_of(answer.content))
        assert [row["id"] for row in content(draft)["outcomes"]] == ["o1", "o2"]

    def test_is_not_made_by_a_pages_own_autosave(self, desk: Client, school: Organization, author: Person) -> None:
        """An autosave still under way when the button is pressed is the same author's."""
        draft = make_draft(school, author)
        form = form_of(desk.get(address(draft, step=1)).content)
        assert desk.post(address(draft, step=1), form | {"name.en": "Half"}, headers=HTMX).status_code == 200
        assert desk.post(address(draft, step=1), form | {"name.en": "Half and whole"}).status_code == 303
        assert content(draft)["name"]["en"] == "Half and whole"

    def test_tells_an_autosave_that_it_did_not_save(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """The text stays in the form; a button compares."""
        draft = make_draft(school, author)
        form = form_of(desk.get(address(draft, step=1)).content)
        posted(signed_in(make_member(school, "author")), draft, 1, fields={"name.en": "Their name"})
        answer = desk.post(address(draft, step=1), form | {"name.en": "Mine"}, headers=HTMX)
        assert answer.status_code == 409
        assert "Compare both" in answer.content.decode()
        assert content(draft)["name"]["en"] == "Their name"


def chosen_of(page: bytes) -> dict[str, Any]:
    """Read the form of the page that compares, as a browser would send it."""
    return _sent(page, "//form[.//input[@name='lock_version']]")


class TestPublish:
    """The last screen, and versions."""

    def test_lists_what_is_missing_with_links_and_refuses(self, desk: Client, school: Organization) -> None:
        """Every gap leads to its field."""
        desk.post(reverse("author_begin", kwargs={"organization": school.slug}))
        version = AchievementVersion.objects.get()
        page = desk.get(address(version, step=4)).content.decode()
        assert f'href="{address(version, step=1)}#f-name-en"' in page
        assert f'href="{address(version, step=2)}#f-requirements"' in page
        answer = desk.post(address(version, "author_publish"), {"lock_version": "1"})
        assert answer.status_code == 422
        assert "things are missing before you can publish" in answer.content.decode()

    def test_leads_to_fields_that_exist(self, desk: Client, school: Organization, author: Person) -> None:
        """No link of the last screen points nowhere."""
        desk.post(reverse("author_begin", kwargs={"organization": school.slug}))
        version = AchievementVersion.objects.get()
        for step, command in ((1, "add outcomes"), (2, "add rubric.criteria"), (2, "add requirements")):
            posted(desk, version, step, do=command)
        posted(desk, version, 1, fields={"name.es": "Solo español", "outcomes[0].statement.es": "TBD"})
        last = desk.get(address(version, step=4))
        pages = {address(version, step=step): desk.get(address(version, step=step)) for step in (1, 2, 3)}
        found = re.findall(r'<li><a href="([^"#]+)#([^"]+)">', last.content.decode())
        assert len(found) > 12
        for page, anchor in found:
            assert html.fromstring(pages[page].content).xpath("//*[@id=$id]", id=anchor), (page, anchor)

    def test_publishes_once_and_names_the_lineage(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """303 to the badge; the editor is closed from then on."""
        draft = make_draft(school, author, slug="draft-abc")
        answer = desk.post(address(draft, "author_publish"), {"lock_version": "1"})
        assert (answer.status_code, answer.headers["Location"]) == (303, address(draft, "author_badge"))
        draft.refresh_from_db()
        draft.achievement.refresh_from_db()
        assert (draft.state, draft.achievement.slug) == ("published", "data-visualization")
        assert desk.get(address(draft, step=1)).status_code == 303
        assert desk.post(address(draft, step=1), {"name.en": "Late"}).status_code == 303
        assert content(draft)["name"]["en"] == "Data visualization"

    def test_refuses_to_publish_what_was_not_shown(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """Somebody saved since: 409, nothing published."""
        draft = make_draft(school, author)
        posted(desk, draft, 1, fields={"name.en": "Changed since"})
        assert desk.post(address(draft, "author_publish"), {"lock_version": "1"}).status_code == 409
        draft.refresh_from_db()
        assert draft.state == "draft"

    def test_shows_a_twin_beside_it(self, desk: Client, school: Organization, author: Person) -> None:
        """The same words twice are shown side by side."""
        make_published(school, author, slug="first")
        draft = make_draft(school, author, slug="second")
        page = desk.get(address(draft, step=4))
        assert html.fromstring(page.content).xpath("count(//section[@aria-labelledby='twins']/div)") == 1
        assert "Is this the same badge?" in page.content.decode()

    def test_begins_a_new_version_discards_it_and_retires(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """The life of a badge after its publication, each step asked first where it cannot be undone."""
        version = make_published(school, author)
        assert desk.post(address(version, "author_draft")).headers["Location"] == address(version, step=1)
        assert AchievementVersion.objects.filter(state="draft").count() == 1
        assert desk.post(address(version, "author_draft")).status_code == 303  # goes on with the one there is
        assert desk.get(address(version, "author_discard")).status_code == 200
        assert desk.post(address(version, "author_discard")).headers["Location"] == address(
            version, "author_badge"
        )
        assert desk.get(address(version, "author_discard")).status_code == 404
        retire = address(version, "author_retire", number=1)
        assert "Badges already earned stay valid" in desk.get(retire).content.decode()
        assert desk.post(retire, {"reason": "Replaced by a course."}).status_code == 303
        version.refresh_from_db()
        assert version.state == "retired"
        assert desk.post(retire).status_code == 404
        page = desk.get(address(version, "author_badge")).content.decode()
        assert "Retired" in page

    def test_discards_a_badge_that_was_never_published(
        self, desk: Client, school: Organization, author: Person
    ) -> None:
        """Nothing is left of it."""
        draft = make_draft(school, author)
        answer = desk.post(address(draft, "author_discard"))
        assert answer.headers["Location"] == reverse("author_badges", kwargs={"organization": school.slug})
        assert desk.get(address(draft, "author_badge")).status_code == 404

    def test_shows_a_version_history(self, desk: Client, school: Organization, author: Person) -> None:
        """Newest first, each with its state."""
        version = make_published(school, author)
        version_new_draft(achievement_id=version.achievement.public_id, person=author, at=AT)
        page = desk.get(address(version, "author_badge")).content.decode()
        assert page.index("Version 2") < page.index("Version 1")

    def test_knows_no_badge_that_is_not_there(self, desk: Client, school: Organization) -> None:
        """404 for an address nobody gave out."""
        nowhere = reverse("author_badge", kwargs={"organization": school.slug, "lineage": uuid4()})
        assert desk.get(nowhere).status_code == 404


class TestWithoutScript:
    """Forms, buttons and links alone."""

    def test_makes_and_publishes_a_complete_application_badge(self, desk: Client, school: Organization) -> None:
        """Four screens; what is sent is what the forms hold, with texts typed into their fields."""
        import_framework(school)
        desk.post(reverse("author_begin", kwargs={"organization": school.slug}))
        version = AchievementVersion.objects.get()
        posted(desk, version, 1, do="add outcomes", fields={"name.en": "Peer mediation"})
        search = posted(desk, version, 1, do="search", q="CV.2", fields={
            "description.en": "Helps two people in a dispute to find an agreement they both keep.",
            "outcomes[0].statement.en": "Mediate a dispute between two peers so that both sign an agreement.",
            "criteria.en": "Mediate three real disputes and hand in notes on each of them.",
        })  # fmt: skip
        found = desk.get(search.headers["Location"]).content
        sent = form_of(found) | {"items": boxes(found)[:1], "go": "2"}
        assert desk.post(address(version, step=1), sent).headers["Location"] == address(version, step=2)
        posted(desk, version, 2, do="add rubric.criteria")
        posted(desk, version, 2, do="add requirements")
        row = "rubric.criteria[0]"
        third = posted(desk, version, 2, go="3", fields={
            f"{row}.title.en": "Both sides are heard", f"{row}.critical": "1",
            f"{row}.levels[0].description.en": "One side speaks.",
            f"{row}.levels[1].description.en": "Both sides speak.",
            f"{row}.levels[2].description.en": "Each side sums up the other one.",
            "requirements[0].name.en": "Notes on three mediations",
            "assessment.type": "artifact", "assessment.supervision": "unsupervised",
            "assessment.pass_rule.en": "The criterion reaches its bar.",
            "assessment.qa_statement.en": "The council reads ten decisions a year.",
            "assessment.assessor_qualification.en": "Trained mediators with a year of practice.",
            "assessment.moderation.en": "One in ten is judged twice.",
        })  # fmt: skip
        assert third.headers["Location"] == address(version, step=3)
        posted(desk, version, 3, do="symbols", symbols="handshake")
        fields = {
            "art.symbol": "handshake",
            "image_alt.en": "Blue shield with a handshake",
            "notional_hours": "20",
        }
        posted(desk, version, 3, go="4", fields=fields)
        last: Any = desk.get(address(version, step=4))
        assert "Nothing is missing. You can publish." in last.content.decode()
        assert "Worth a thought" not in last.content.decode()
        lock = form_of_publishing(last.content)
        assert desk.post(address(version, "author_publish"), lock).status_code == 303
        version.refresh_from_db()
        version.achievement.refresh_from_db()
        assert (version.state, version.achievement.slug) == ("published", "peer-mediation")


def form_of_publishing(page: bytes) -> dict[str, Any]:
    """Read the form that publishes."""
    return _sent(page, "//form[contains(@action, '/publish')]")


class TestWords:
    """The sentences of codes."""

    def test_cover_every_gap_and_finding_of_the_domain(self) -> None:
        """No code without a sentence here, none here that the domain does not know."""
        assert set(words.GAPS) == set(GAP_SENTENCES)
        assert set(words.FINDINGS) == set(FINDING_SENTENCES)

    def test_say_the_same_as_the_domain_in_english(self) -> None:
        """The domain's own sentences reach logs and problem documents; both say the same."""
        assert {code: str(text) for code, text in words.GAPS.items()} == GAP_SENTENCES
        said = {code: str(text).replace("%(", "{").replace(")s", "}") for code, text in words.FINDINGS.items()}
        assert said == FINDING_SENTENCES

"""Frameworks for everybody, and their import by badge authors."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from insignia.accounts.models import Person
from insignia.achievements.services import alignment_set, version_publish
from insignia.frameworks.findings import KINDS
from insignia.frameworks.models import Framework, FrameworkImport, FrameworkItem
from insignia.frameworks.selectors import ItemLine, TreeNode
from insignia.frameworks.services import framework_import
from insignia.organizations.models import Organization
from insignia.web.catalogues import catalogue_merged
from insignia.web.frameworks import views
from insignia.web.frameworks.tree import steps_of
from tests.platform.achievements.samples import make_draft
from tests.platform.factories import AT, SETUP, make_member, make_organization, make_person
from tests.platform.frameworks.files import demo_file, item, package, tie, uuid_of

Answer = Any
AtMost = Callable[[int], AbstractContextManager[object]]


@pytest.fixture
def district() -> Organization:
    """A district."""
    return make_organization("quillwater-high")


@pytest.fixture
def author(district: Organization) -> Person:
    """A badge author of it."""
    return make_member(district, "author")


@pytest.fixture
def skills(district: Organization) -> Framework:
    """The demo's framework, imported."""
    return bring(demo_file(), district)


def bring(raw: bytes, organization: Organization) -> Framework:
    """Import a file."""
    report = framework_import(organization=organization, actor=SETUP, at=AT, raw=raw, filename="skills.json")
    return Framework.objects.get(public_id=report.framework_id)


def text_of(client: Client, address: str, *, language: str = "en") -> str:
    """Read a page that has to be there."""
    answer = client.get(address, headers={"accept-language": language})
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def page_of(found: FrameworkItem) -> str:
    """Spell an item's address."""
    return reverse("framework_item", args=[found.framework.public_id, found.public_id])


@pytest.mark.django_db
class TestList:
    """Every framework, and a search through all."""

    def test_teaches_when_there_is_none(self, client: Client) -> None:
        """What a framework is and who brings one."""
        assert "A badge author imports one" in text_of(client, "/frameworks")

    def test_shows_publisher_size_and_licence(self, client: Client, skills: Framework) -> None:
        """What one needs to choose."""
        text = text_of(client, "/frameworks")
        for words in (skills.title, "57 items", "Creative Commons Attribution 4.0 International"):
            assert words in text

    @pytest.mark.parametrize(
        ("query", "expected", "why"),
        [
            ("QGS.SC.2", "Communicate science to two audiences", "Its code"),
            ("qgs.sc", "Communicate science to two audiences", "Its code begins so"),
            ("two audiences", "Communicate science to two audiences", "Its words"),
            ("comunicate sience", "Communicate science to two audiences", "Nearly its words"),
        ],
    )
    def test_finds_by_code_words_and_slips_and_shows_parents(
        self, client: Client, skills: Framework, query: str, expected: str, why: str
    ) -> None:
        """Each find says where it stands and why it was found."""
        text = text_of(client, f"/frameworks?q={query}")
        assert expected in text
        assert "Science and inquiry" in text
        assert why in text

    def test_searches_for_one_visitor_only_so_often(
        self, client: Client, skills: Framework, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What looks through every word of every framework is no tool to stop the others with."""
        monkeypatch.setattr(views, "SEARCHES_PER_MINUTE", 2)
        cache.clear()
        pages = ["/frameworks?q=river", f"/frameworks/{skills.public_id}?q=river", "/frameworks?q=river"]
        assert [client.get(page).status_code for page in pages] == [200, 200, 429]
        assert client.get("/frameworks").status_code == 200
        cache.clear()

    def test_says_what_to_try_when_nothing_is_found(self, client: Client, skills: Framework) -> None:
        """The search teaches words instead of codes, and keeps what was typed."""
        text = text_of(client, "/frameworks?q=%3Cb%3Ezz9")
        assert "Nothing has this code. Try words." in text
        assert 'value="&lt;b&gt;zz9"' in text

    def test_offers_the_import_to_authors_only(
        self, client: Client, district: Organization, author: Person
    ) -> None:
        """Nobody else sees a door they cannot open."""
        address = f"/o/{district.slug}/frameworks"
        assert address not in text_of(client, "/frameworks")
        client.force_login(make_member(district, "assessor"))
        assert address not in text_of(client, "/frameworks")
        client.force_login(author)
        assert address in text_of(client, "/frameworks")


@pytest.mark.django_db
class TestFramework:
    """One framework."""

    def test_holds_every_item_once_and_the_licence(self, client: Client, skills: Framework) -> None:
        """57 links to 57 items."""
        text = text_of(client, reverse("framework", args=[skills.public_id]))
        for found in skills.items.all():
            assert text.count(f'href="{page_of(found)}"') == 1
        assert "You may share and adapt it, with credit." in text

    def test_searches_in_itself_only(self, client: Client, skills: Framework, district: Organization) -> None:
        """Another framework's item does not turn up."""
        other = bring(package([item(1, fullStatement="Communicate science underwater")], title="Diving"), district)
        address = reverse("framework", args=[skills.public_id])
        assert "underwater" not in text_of(client, f"{address}?q=science")
        assert "underwater" in text_of(client, f"{reverse('framework', args=[other.public_id])}?q=science")

    def test_says_that_a_licence_is_not_stated(self, client: Client, district: Organization) -> None:
        """Silence of the publisher is no permission."""
        bare = bring(package([item(1)]), district)
        assert "Not stated by the publisher." in text_of(client, reverse("framework", args=[bare.public_id]))

    def test_costs_the_same_queries_however_large(
        self, client: Client, skills: Framework, django_assert_max_num_queries: AtMost
    ) -> None:
        """Framework, items, badges."""
        with django_assert_max_num_queries(5):
            client.get(reverse("framework", args=[skills.public_id]))

    def test_is_not_there_under_a_wrong_id(self, client: Client) -> None:
        """404."""
        assert client.get(reverse("framework", args=[UUID(int=1)])).status_code == 404


@pytest.mark.django_db
class TestItem:
    """One skill."""

    def test_shows_parents_parts_ties_and_badges(
        self, client: Client, skills: Framework, district: Organization, author: Person
    ) -> None:
        """All around it, each a link; a draft that is aligned to it is not shown."""
        found = skills.items.get(human_code="QGS.SC.2")
        part = skills.items.get(human_code="QGS.SC.2.a")
        draft = make_draft(district, author)
        alignment_set(version_id=draft.public_id, alignments=[(found.public_id, "o1")], person=author, at=AT)
        assert "No badge certifies this skill yet." in text_of(client, page_of(found))
        version_publish(version_id=draft.public_id, person=author, at=AT)
        text = text_of(client, page_of(found))
        assert "Data visualization" in text
        assert page_of(skills.items.get(human_code="QGS.SC")) in text
        assert page_of(part) in text
        assert "Is related to" in text
        assert "1 badge" in text_of(client, reverse("framework", args=[skills.public_id]))

    def test_that_left_the_framework_stays_and_says_so(self, client: Client, district: Organization) -> None:
        """Badges point at it for ever."""
        framework = bring(package([item(1), item(2)]), district)
        later = AT + timedelta(days=1)
        framework_import(
            organization=district, actor=SETUP, at=later, raw=package([item(1)]), filename="skills.json"
        )
        gone = framework.items.get(human_code="T.2")
        text = text_of(client, page_of(gone))
        assert "Retired" in text
        assert "15 May 2026" in text

    def test_links_to_no_address_that_runs(self, client: Client, district: Organization) -> None:
        """A tie or source with a scheme other than http stays text."""
        raw = package(
            [item(1, uri="urn:skill:1"), item(2)],
            [
                tie(
                    1,
                    9,
                    "isRelatedTo",
                    destinationNodeURI={"identifier": "x", "uri": "urn:elsewhere", "title": "Far"},
                )
            ],
        )
        framework = bring(raw, district)
        text = text_of(client, page_of(framework.items.get(human_code="T.1")))
        assert "Far" in text
        assert 'href="urn:' not in text

    def test_is_not_there_in_another_framework(
        self, client: Client, skills: Framework, district: Organization
    ) -> None:
        """The two ids have to belong together."""
        other = bring(package([item(1)]), district)
        wrong = reverse("framework_item", args=[skills.public_id, other.items.get().public_id])
        assert client.get(wrong).status_code == 404


def line(number: int) -> ItemLine:
    """Make an item for a tree."""
    return ItemLine(UUID(int=number), f"T.{number}", "", "", "", (), "", None)


nodes = st.recursive(
    st.builds(TreeNode, st.integers(0, 9**9).map(line), st.just(())),
    lambda children: st.builds(
        TreeNode, st.integers(0, 9**9).map(line), st.lists(children, max_size=4).map(tuple)
    ),
    max_leaves=30,
)


class TestSteps:
    """The tree as a run of steps."""

    @given(st.lists(nodes, max_size=5))
    def test_build_the_same_tree_again(self, top: list[TreeNode]) -> None:
        """Every branch is closed once, where it has to be."""
        stack: list[tuple[ItemLine | None, list[TreeNode]]] = [(None, [])]
        for step in steps_of(top, {}):
            if step.kind == "branch":
                stack.append((step.item, []))
            elif step.kind == "leaf":
                assert step.item is not None
                stack[-1][1].append(TreeNode(step.item, ()))
            else:
                owner, children = stack.pop()
                assert owner is not None
                stack[-1][1].append(TreeNode(owner, tuple(children)))
        assert len(stack) == 1
        assert stack[0][1] == top

    def test_stand_any_depth(self) -> None:
        """No recursion: a chain of 5,000 items."""
        node = TreeNode(line(0), ())
        for number in range(1, 5000):
            node = TreeNode(line(number), (node,))
        assert sum(1 for _ in steps_of([node], {})) == 2 * 5000 - 1


Send = Callable[..., Answer]


@pytest.fixture
def send(client: Client, district: Organization) -> Send:
    """Give `send(raw, filename="skills.json", into="")`: upload a file as the person signed in."""

    def sent(raw: bytes, filename: str = "skills.json", into: str = "") -> Answer:
        file = SimpleUploadedFile(filename, raw)
        return client.post(f"/o/{district.slug}/frameworks/import", {"file": file, "into": into})

    return sent


@pytest.mark.django_db
class TestImport:
    """Choose a file, read what it would do, import, read what it did."""

    def test_shows_a_report_first_and_changes_nothing(
        self, client: Client, district: Organization, author: Person, send: Send
    ) -> None:
        """The preview is a page of its own, and stays when it is loaded again."""
        client.force_login(author)
        answer = send(package([item(1), item(2, humanCodingScheme="T.1"), "no item"]))
        assert answer.status_code == 303
        for _again in range(2):
            text = text_of(client, answer.headers["Location"])
            assert "2 items will be imported." in text
            assert "Left out" in text
            assert "The entry is no item. It was left out." in text
            assert "CFItems[2]" in text
        assert not Framework.objects.exists()

    def test_imports_once_when_told_to_and_shows_what_it_did(
        self, client: Client, district: Organization, author: Person, send: Send
    ) -> None:
        """POST, 303, the stored report; the file is forgotten, and a second press does no harm."""
        client.force_login(author)
        waiting = send(package([item(1), item(2)])).headers["Location"]
        answer = client.post(waiting)
        assert answer.status_code == 303
        assert "2 items were imported." in text_of(client, answer.headers["Location"])
        again = client.post(waiting)
        assert again.headers["Location"] == f"/o/{district.slug}/frameworks/import"
        assert Framework.objects.count() == FrameworkImport.objects.count() == 1

    def test_brings_a_framework_up_to_date(
        self, client: Client, district: Organization, author: Person, send: Send
    ) -> None:
        """What is new, changed and retired, with names."""
        framework = bring(package([item(1), item(2)]), district)
        client.force_login(author)
        newer = package([item(1, fullStatement="Do it better"), item(3)], identifier=uuid_of(0))
        text = text_of(client, send(newer, into=str(framework.public_id)).headers["Location"])
        for words in (
            "It will be brought up to date",
            "New (1)",
            "Changed (1)",
            "Retired: no longer in the file (1)",
        ):
            assert words in text, words

    def test_says_that_the_same_file_changes_nothing(
        self, client: Client, district: Organization, author: Person, send: Send
    ) -> None:
        """No button to press for nothing; pressed all the same, nothing happens."""
        bring(package([item(1)]), district)
        client.force_login(author)
        waiting = send(package([item(1)])).headers["Location"]
        text = text_of(client, waiting)
        assert "Nothing to do" in text
        assert "Import it" not in text
        answer = client.post(waiting, follow=True)
        assert "Nothing changed" in answer.content.decode()
        assert FrameworkImport.objects.count() == 1

    def test_can_be_left(self, client: Client, district: Organization, author: Person, send: Send) -> None:
        """The file is deleted at once."""
        client.force_login(author)
        waiting = send(package([item(1)])).headers["Location"]
        client.post(waiting, {"forget": "1"})
        assert client.get(waiting).status_code == 303
        assert not Framework.objects.exists()

    @pytest.mark.parametrize(
        ("raw", "filename", "english", "spanish"),
        [
            (b"hello", "notes.txt", "no framework that we know", "no es un marco"),
            (b"", "empty.json", "nothing in it", "vacío"),
            (b'{"CFDocument": {}, "CFItems": []}', "none.json", "not one item", "no tiene elementos"),
            (b'{"CFItems": [', "cut.json", "cannot be read", "dañado"),
            (b"PK\x03\x04rest", "table.xlsx", "Save the sheet as CSV", "no es un marco"),
        ],
    )
    def test_refuses_other_files_with_words_at_the_field(
        self, client: Client, author: Person, send: Send, raw: bytes, filename: str, english: str, spanish: str
    ) -> None:
        """422, error summary, what to do; in the reader's language; nothing is kept."""
        client.force_login(author)
        for language, words in (("en", english), ("es", spanish)):
            client.cookies["language"] = language
            answer = send(raw, filename)
            assert answer.status_code == 422
            text = answer.content.decode()
            assert words in text
            assert "error-summary" in text
        assert not Framework.objects.exists()

    def test_asks_for_a_file(self, client: Client, district: Organization, author: Person) -> None:
        """A form without one is no error of ours."""
        client.force_login(author)
        answer = client.post(f"/o/{district.slug}/frameworks/import", {})
        assert answer.status_code == 422
        assert "Choose the file to import." in answer.content.decode()

    def test_is_for_authors_of_this_organization(
        self, client: Client, district: Organization, author: Person, send: Send
    ) -> None:
        """Signed out: sign in. Outsiders: 404. Members without the role: 403. Another session: no file."""
        client.force_login(author)
        waiting = send(package([item(1)])).headers["Location"]
        home = f"/o/{district.slug}/frameworks"
        addresses = [home, f"{home}/import", waiting]
        people = [(make_person(), 404), (make_member(district, "assessor", "registrar"), 403)]
        people += [(make_member(make_organization(), "author"), 404)]
        for person, status in people:
            client.force_login(person)
            assert [client.get(address).status_code for address in addresses] == [status] * 3
            assert client.post(waiting).status_code == status
        client.logout()
        assert all("/sign-in" in client.get(address).headers["Location"] for address in addresses)
        client.force_login(make_member(district, "author"))
        assert client.post(waiting).headers["Location"] == f"{home}/import"
        assert not Framework.objects.exists()

    def test_keeps_reports_and_frameworks_of_others_out(
        self, client: Client, district: Organization, author: Person, send: Send
    ) -> None:
        """Ids of another organization's things answer 404 here."""
        other = make_organization()
        foreign = bring(package([item(1)]), other)
        client.force_login(author)
        report = FrameworkImport.objects.get()
        assert client.get(f"/o/{district.slug}/frameworks/imports/{report.public_id}").status_code == 404
        assert send(package([item(2)]), into=str(foreign.public_id)).status_code == 404
        assert foreign.title not in text_of(
            client, f"/o/{district.slug}/frameworks/import?into={foreign.public_id}"
        )
        assert client.get(f"/o/{district.slug}/frameworks/import?into=nonsense").status_code == 200

    def test_forgets_files_after_a_day(
        self, client: Client, author: Person, send: Send, data_directory: Path
    ) -> None:
        """A preview nobody came back to does not fill the disk."""
        client.force_login(author)
        waiting = send(package([item(1)])).headers["Location"]
        (old,) = (data_directory / "cache" / "frameworks").iterdir()
        long_ago = time.time() - 25 * 3600
        os.utime(old, (long_ago, long_ago))
        send(package([item(2)]))
        assert not old.exists()
        answer = client.get(waiting, follow=True)
        assert "This file is no longer here." in answer.content.decode()

    def test_teaches_when_nothing_is_imported(
        self, client: Client, district: Organization, author: Person
    ) -> None:
        """Where to get a file."""
        client.force_login(author)
        assert "Ask the publisher of your standards" in text_of(client, f"/o/{district.slug}/frameworks")


class TestWordsOfReports:
    """The sentences about oddities."""

    def test_are_all_in_spanish(self) -> None:
        """Every finding's two sentences, with the same names to fill in."""
        spanish = catalogue_merged("es")
        for code, kind in KINDS.items():
            for text in (kind.what, kind.done):
                message = spanish.get(text)
                assert message is not None, (code, text)
                names = dict.fromkeys(("name", "meant", "limit", "on", "encoding", "code"), "x")
                assert str(message.string).format_map(names)
                assert _names(text) == _names(str(message.string)), text


def _names(text: str) -> set[str]:
    return {part.split("}")[0] for part in text.split("{")[1:]}


@pytest.mark.django_db
class TestStoredReport:
    """A report read back from the database."""

    def test_of_an_older_release_is_still_shown(
        self, client: Client, district: Organization, author: Person
    ) -> None:
        """A code that is no longer known is left out, the rest is shown."""
        bring(package([item(1), "no item"]), district)
        stored = FrameworkImport.objects.get()
        report = json.loads(json.dumps(stored.report))
        report["findings"].append({"code": "of-yore", "where": "x", "data": {}})
        report["finding_counts"]["of-yore"] = 3
        FrameworkImport.objects.filter(pk=stored.pk).update(report=report)
        client.force_login(author)
        text = text_of(client, f"/o/{district.slug}/frameworks/imports/{stored.public_id}")
        assert "The entry is no item." in text
        assert "1 item was imported." in text

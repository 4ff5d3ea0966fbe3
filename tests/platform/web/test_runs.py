"""The pages of runs, asked as a registrar's browser asks."""

from __future__ import annotations

import csv
import io
import re
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext, override

from insignia.awards.models import Award
from insignia.foundation.search import folded
from insignia.organizations.models import Membership
from insignia.runs.mapping import SET_ASIDE
from insignia.runs.models import Run, RunChunk, RunRow
from insignia.runs.services import run_converge, run_start
from insignia.runs.turns import LEASE
from tests.platform.factories import AT, join, make_person
from tests.platform.runs.world import RunWorld, make_run_world, people
from tests.platform.web.award_world import now

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quiet(settings: LazySettings) -> None:
    settings.INSIGNIA_WAKE = "worker"


@pytest.fixture
def world() -> RunWorld:
    return make_run_world()


@pytest.fixture
def client(world: RunWorld) -> Client:
    client = Client()
    client.force_login(world.school.registrar)
    return client


def own(world: RunWorld, rest: str = "") -> str:
    return f"/o/{world.school.organization.slug}/runs{rest}"


def table(rows: list[dict[str, str]]) -> SimpleUploadedFile:
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return SimpleUploadedFile("people.csv", written.getvalue().encode(), content_type="text/csv")


def asked(world: RunWorld, **more: object) -> dict[str, object]:
    return {"badge": str(world.version.public_id), "kind": "people", "key": str(uuid4()), "pasted": ""} | more


def newest() -> Run:
    return Run.objects.order_by("-id")[0]


def until_nothing_moves() -> None:
    while run_converge(now()):
        pass


def sent(client: Client, world: RunWorld, **more: object) -> Run:
    """Send the form, and the columns as they were guessed; look at every row."""
    answer = client.post(own(world, "/new"), asked(world, **more))
    assert answer.status_code == 303, answer.content.decode()
    run = newest()
    order = {"date_order": run.mapping["date_order"]}
    client.post(own(world, f"/{run.public_id}/columns"), {**run.mapping["columns"], **order})
    until_nothing_moves()
    return newest()


def faulty(client: Client, world: RunWorld, run: Run) -> bytes:
    """Give the file of the rows without a badge, to be corrected and sent back."""
    return client.get(own(world, f"/{run.public_id}/rows.csv?only=faulty")).getvalue()


def page_of(client: Client, world: RunWorld, run: Run, rest: str = "") -> str:
    answer = client.get(own(world, f"/{run.public_id}{rest}"))
    assert answer.status_code == 200
    return words(answer.content.decode())


def words(page: str) -> str:
    """Give the text of a page as somebody reads it."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


class TestNew:
    """`/o/{org}/runs/new`."""

    def test_takes_a_file_and_leads_to_its_columns(self, client: Client, world: RunWorld) -> None:
        answer = client.post(own(world, "/new"), asked(world, file=table(people(3))))
        assert answer.status_code == 303
        assert answer["Location"] == own(world, f"/{newest().public_id}/columns")
        page = client.get(answer["Location"]).content.decode()
        assert "learner1@quillwater.example" in page
        assert '<option value="E-mail" selected>' in page

    def test_takes_pasted_rows(self, client: Client, world: RunWorld) -> None:
        run = sent(client, world, pasted="Ana <ana@quillwater.example>\nLuis <luis@quillwater.example>")
        assert (run.source, run.counts) == ("pasted", {"new": 2})

    def test_takes_a_class(self, client: Client, world: RunWorld) -> None:
        join(world.school.organization, make_person("Ana"))
        Membership.objects.filter(enrolled_name="Ana").update(class_group="7B")
        answer = client.post(own(world, "/new"), asked(world, group="7B"))
        until_nothing_moves()
        assert answer["Location"] == own(world, f"/{newest().public_id}")
        assert newest().counts == {"new": 1}

    def test_takes_a_large_file_from_disk(self, client: Client, world: RunWorld) -> None:
        file = table([row | {"Note": "x" * 300} for row in people(10_000)])
        assert file.size is not None
        assert file.size > 2.5 * 2**20
        client.post(own(world, "/new"), asked(world, file=file))
        assert newest().total == 10_000

    def test_takes_headings_that_no_database_holds(self, client: Client, world: RunWorld) -> None:
        raw = b'{"email":"a@quillwater.example","no\\u0000te":"x"}\n'
        assert sent(client, world, file=SimpleUploadedFile("x.ndjson", raw)).counts == {"new": 1}

    def test_reads_what_only_later_lines_say(self, client: Client, world: RunWorld) -> None:
        raw = b'{"email":"a@quillwater.example"}\n{"email":"b@quillwater.example","expires_on":"2099-01-01"}\n'
        run = sent(client, world, file=SimpleUploadedFile("x.ndjson", raw))
        client.post(own(world, f"/{run.public_id}/start"))
        until_nothing_moves()
        late = Award.objects.filter(valid_until__year=2099)
        assert [award.recipient.email for award in late] == ["b@quillwater.example"]

    def test_makes_one_run_of_two_clicks(self, client: Client, world: RunWorld) -> None:
        form = asked(world)
        places = {client.post(own(world, "/new"), form | {"file": table(people(2))})["Location"] for _ in range(2)}
        assert len(places) == Run.objects.count() == 1

    @pytest.mark.parametrize(
        "change", [{"kind": "exams"}, {"pasted": "E-mail,Passed\nb@quillwater.example,yes\n"}]
    )
    def test_makes_another_run_of_a_form_that_was_changed_and_sent_once_more(
        self, client: Client, world: RunWorld, change: dict[str, object]
    ) -> None:
        """Back, choose something else, send: refused once and said why; the form that is shown then works."""
        form = asked(world, pasted="E-mail,Passed\na@quillwater.example,no\n")
        client.post(own(world, "/new"), form)
        answer = client.post(own(world, "/new"), form | change)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "This form made another run before." in words(page)
        key = re.search(r'name="key" value="([^"]+)"', page)
        assert key is not None
        assert client.post(own(world, "/new"), form | change | {"key": key[1]}).status_code == 303
        assert Run.objects.count() == 2

    @pytest.mark.parametrize(
        ("more", "sentence"),
        [
            ({}, "Choose a file, paste rows, or choose a class."),
            ({"file": "both", "pasted": "a@b.example"}, "There is more than one table here."),
            ({"pasted": "Name,E-mail\n"}, "There is no row in it."),
            ({"pasted": "a@b.example", "badge": ""}, "Choose the badge."),
            ({"file": "damaged"}, "Line 3 holds a letter that cannot be read"),
            ({"pasted": "E-mail\n" + "x" * 40_000}, "Row 2 has a cell of more than 32,768 characters."),
        ],
    )
    def test_says_what_is_wrong_where_it_is(
        self, client: Client, world: RunWorld, more: dict[str, object], sentence: str
    ) -> None:
        damaged = SimpleUploadedFile("people.csv", "Name,E-mail\nÑandú,a@quillwater.example\nIñ".encode()[:-1])
        files = {"both": table(people(1)), "damaged": damaged}
        given = more | ({"file": files[str(more["file"])]} if "file" in more else {})
        answer = client.post(own(world, "/new"), asked(world, **given))
        assert answer.status_code == 422
        assert sentence in words(answer.content.decode())
        assert not Run.objects.exists()

    def test_says_it_in_spanish(self, client: Client, world: RunWorld) -> None:
        client.cookies["language"] = "es"
        answer = client.post(own(world, "/new"), asked(world))
        assert "Elija un archivo, pegue filas o elija un grupo." in words(answer.content.decode())

    def test_offers_no_badge_of_another_school(self, client: Client, world: RunWorld) -> None:
        other = make_run_world()
        answer = client.post(own(world, "/new"), asked(other, pasted="a@b.example"))
        assert answer.status_code == 422


class TestDryRun:
    """A run that was looked at."""

    def test_tells_totals_reasons_fixes_and_the_first_badge(self, client: Client, world: RunWorld) -> None:
        bad = {"Name": "Ana", "E-mail": "ana@@school"}
        page = page_of(client, world, sent(client, world, file=table([*people(2), bad, people(1)[0]])))
        assert "2 rows ready, 2 not. Nothing has been sent." in page
        assert "Row 4: “ana@@school” is not an address." in page
        assert "Write it like name@school.org." in page
        assert "Row 5: Means the same person as row 2." in page
        assert "Give 2 badges" in page
        assert "The badge of row 2, finished" in page
        assert "Learner 1 Ñandú" in page
        assert "OpenBadgeCredential" in page
        assert not Award.objects.exists()

    def test_gives_the_rows_to_correct_as_a_file_that_can_be_sent_back(
        self, client: Client, world: RunWorld
    ) -> None:
        bad = {"Name": '=HYPERLINK("http://evil.example")', "E-mail": "ana@@school"}
        run = sent(client, world, file=table([*people(2), bad]))
        answer = client.get(own(world, f"/{run.public_id}/rows.csv?only=faulty"))
        raw = answer.getvalue()
        assert raw.startswith(b"\xef\xbb\xbf")
        lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
        assert lines == [
            ["Name", "E-mail", "Why not"],
            ["'" + bad["Name"], "ana@@school", "“ana@@school” is not an address."],
        ]
        corrected = raw.replace(b"ana@@school,", b"ana@school.example,")
        again = sent(client, world, file=SimpleUploadedFile("again.csv", corrected))
        assert again.counts == {"new": 1}
        assert RunRow.objects.get(run=again).values["Name"] == bad["Name"]

    @pytest.mark.parametrize("language", ["en", "es"])
    def test_gives_a_file_whose_reasons_are_taken_for_no_name_and_whose_columns_are_remembered(
        self, client: Client, world: RunWorld, language: str
    ) -> None:
        client.cookies["language"] = language
        text = b"correo,fecha\nana@quillwater.example,03/04/2026\nbob@@quillwater.example,03/04/2026\n"
        client.post(own(world, "/new"), asked(world, file=SimpleUploadedFile("people.csv", text)))
        run = newest()
        chosen = "mdy" if run.mapping["date_order"] == "dmy" else "dmy"
        client.post(own(world, f"/{run.public_id}/columns"), {**run.mapping["columns"], "date_order": chosen})
        until_nothing_moves()
        raw = faulty(client, world, run).replace(b"@@", b"@")
        again = sent(client, world, file=SimpleUploadedFile("again.csv", raw))
        assert again.mapping["columns"] == {"email": "correo", "awarded_on": "fecha"}
        assert again.mapping["date_order"] == chosen

    def test_names_the_column_of_reasons_as_the_reader_knows_it(self) -> None:
        for language in ("en", "es"):
            with override(language):
                assert folded(gettext("Why not")) in SET_ASIDE

    def test_gives_what_stood_beside_the_table_in_a_column_of_its_own(
        self, client: Client, world: RunWorld
    ) -> None:
        """Sent back unchanged it is told again; nothing of it is cut off."""
        text = b"name,email,note\nAna,ana@quillwater.example,Built a robot, then a bridge\n"
        run = sent(client, world, file=SimpleUploadedFile("people.csv", text))
        for _round in range(2):
            lines = list(csv.reader(io.StringIO(faulty(client, world, run).decode("utf-8-sig"))))
            assert lines[0] == ["name", "email", "note", "…", "Why not"]
            assert lines[1][2:4] == ["Built a robot", "then a bridge"]
            run = sent(client, world, file=SimpleUploadedFile("again.csv", faulty(client, world, run)))
            assert run.counts == {"invalid": 1}
        mended = faulty(client, world, run).replace("…".encode(), b"more")
        assert sent(client, world, file=SimpleUploadedFile("again.csv", mended)).counts == {"new": 1}

    def test_gives_the_rows_that_were_refused_while_signing(self, client: Client, world: RunWorld) -> None:
        """Another run gave them the badge meanwhile; the row itself looked new."""
        late, first = (sent(client, world, file=table(people(2))) for _number in range(2))
        for run in (first, late):
            client.post(own(world, f"/{run.public_id}/start"))
            until_nothing_moves()
        lines = list(csv.reader(io.StringIO(faulty(client, world, late).decode("utf-8-sig"))))
        assert [line[-1] for line in lines[1:]] == ["Has this badge already; will be skipped."] * 2
        assert len(list(csv.reader(io.StringIO(faulty(client, world, first).decode("utf-8-sig"))))) == 1

    def test_asks_for_a_reason_where_assessment_is_missing(self, client: Client, world: RunWorld) -> None:
        run = sent(client, world, file=table(people(2)), badge=str(world.school.version.public_id))
        assert "2 rows rest on no assessment here." in page_of(client, world, run)
        assert "badges</button>" not in client.get(own(world, f"/{run.public_id}")).content.decode()
        address = own(world, f"/{run.public_id}/override")
        assert client.post(address, {"reason": " "}).status_code == 422
        assert client.post(address, {"reason": "Judged on paper."}).status_code == 303
        until_nothing_moves()
        page = page_of(client, world, run)
        assert "Give 2 badges" in page
        assert "An exception is recorded: Judged on paper." in page

    def test_says_that_nothing_can_be_signed_yet(self, client: Client, world: RunWorld) -> None:
        run = sent(client, world, file=table(people(1)))
        world.school.issuer.keys.update(retired_at=now())
        page = page_of(client, world, run)
        assert "Give one badge" in page


class TestWaiting:
    """Runs of one badge go one after the other, and the page of the later one says so."""

    WAITS = "It waits until another run of this badge is through"

    def two(self, world: RunWorld) -> list[Run]:
        """Start two runs of the same people and the same badge, neither of which has given anything yet."""
        runs = [world.checked(people(5)) for _number in range(2)]
        return [run_start(run_id=run.public_id, actor=world.actor, at=AT) for run in runs]

    def test_is_said_with_a_link_to_the_run_that_is_first(self, client: Client, world: RunWorld) -> None:
        first, second = self.two(world)
        assert self.WAITS not in page_of(client, world, first)
        page = client.get(own(world, f"/{second.public_id}")).content.decode()
        assert self.WAITS in words(page)
        assert f'href="{own(world, f"/{first.public_id}")}"' in page
        assert "It is beginning." not in words(page)

    def test_lasts_while_a_worker_holds_a_chunk_of_one_that_was_paused(
        self, client: Client, world: RunWorld
    ) -> None:
        first, second = self.two(world)
        held = RunChunk.objects.filter(run=first)
        held.update(leased_until=now() + LEASE)
        client.post(own(world, f"/{first.public_id}/pause"))
        assert self.WAITS in page_of(client, world, second)
        assert self.WAITS not in page_of(client, world, first)
        held.update(leased_until=None)
        assert self.WAITS not in page_of(client, world, second)


class TestRunning:
    """A run that was started."""

    def test_is_started_watched_and_undone(self, client: Client, world: RunWorld) -> None:
        run = sent(client, world, file=table(people(3)))
        address = own(world, f"/{run.public_id}")
        assert client.post(f"{address}/start").status_code == 303
        assert 'hx-trigger="every 2s"' in client.get(address).content.decode()
        until_nothing_moves()
        page = page_of(client, world, run)
        assert re.search(r"3 badges go out at .*\. Undo all of it", page)
        assert 'hx-trigger="every 2s"' not in client.get(address).content.decode()
        client.post(f"{address}/undo")
        until_nothing_moves()
        assert "Taken back 3" in page_of(client, world, run)
        assert set(Award.objects.values_list("state", flat=True)) == {"revoked"}

    def test_leads_to_revoking_once_the_mails_are_out(self, client: Client, world: RunWorld) -> None:
        run = sent(client, world, file=table(people(2)))
        client.post(own(world, f"/{run.public_id}/start"))
        until_nothing_moves()
        address = own(world, f"/{run.public_id}")
        leading = f"/awards/many?run={run.public_id}"
        assert leading not in client.get(address).content.decode()
        Run.objects.update(undo_until=now())
        assert leading in client.get(address).content.decode()
        many = client.get(f"/o/{world.school.organization.slug}{leading}").content.decode()
        assert str(run.public_id) in many

    def test_asks_for_the_whole_page_once_it_has_moved_on(self, client: Client, world: RunWorld) -> None:
        run = sent(client, world, file=table(people(1)))
        address = own(world, f"/{run.public_id}?state=running")
        client.post(own(world, f"/{run.public_id}/start"))
        still = client.get(address, headers={"HX-Request": "true"})
        assert "HX-Refresh" not in still
        until_nothing_moves()
        assert client.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"

    def test_refuses_what_is_too_late_in_words(self, client: Client, world: RunWorld) -> None:
        run = sent(client, world, file=table(people(1)))
        answer = client.post(own(world, f"/{run.public_id}/pause"))
        assert answer.status_code == 409
        assert "The run has moved on meanwhile. Nothing changed." in words(answer.content.decode())

    def test_says_why_it_waits(self, client: Client, world: RunWorld) -> None:
        run = sent(client, world, file=table(people(1)))
        client.post(own(world, f"/{run.public_id}/start"))
        Run.objects.update(trouble="signer-unavailable")
        assert "It goes on by itself as soon as it can." in page_of(client, world, run)


class TestRows:
    """Row by row."""

    def test_walks_them_in_pages_without_a_gap(self, client: Client, world: RunWorld) -> None:
        run = sent(client, world, file=table(people(120)))
        seen, address = [], own(world, f"/{run.public_id}/rows")
        while address:
            page = client.get(address).content.decode()
            seen += re.findall(r'scope="row">(\d+)<', page)
            following = re.search(r'rel="next" href="([^"]+)"', page)
            address = own(world, f"/{run.public_id}/rows{following[1].replace('&amp;', '&')}") if following else ""
        assert seen == [str(number) for number in range(2, 122)]

    def test_narrows_them(self, client: Client, world: RunWorld) -> None:
        run = sent(client, world, file=table([*people(2), {"Name": "Ana", "E-mail": "x"}]))
        page = page_of(client, world, run, "/rows?class=invalid")
        assert "Ana" in page
        assert "Learner 1" not in page
        assert "No row is like this." in page_of(client, world, run, "/rows?outcome=issued")
        assert page_of(client, world, run, "/rows?outcome=%00&class=x&after=9999999999999")

    def test_gives_every_row_as_a_file(self, client: Client, world: RunWorld) -> None:
        run = sent(client, world, file=table([*people(2), {"Name": "Ana", "E-mail": "x"}]))
        client.post(own(world, f"/{run.public_id}/start"))
        until_nothing_moves()
        answer = client.get(own(world, f"/{run.public_id}/rows.csv"))
        lines = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
        assert lines[0] == ["Row", "Name", "E-mail", "Outcome", "Reason", "Award"]
        assert [line[3] for line in lines[1:]] == ["Signed", "Signed", "No badge"]
        assert {line[5] for line in lines[1:3]} == {str(award.public_id) for award in Award.objects.all()}

    def test_asks_no_query_a_row(self, client: Client, world: RunWorld) -> None:
        counted = []
        for number in (5, 45):
            run = sent(client, world, file=table(people(number)))
            with CaptureQueriesContext(connection) as queries:
                page_of(client, world, run, "/rows")
            counted.append(len(queries))
        assert counted[0] == counted[1]


class TestList:
    """`/o/{org}/runs`."""

    def test_teaches_the_first_step(self, client: Client, world: RunWorld) -> None:
        page = words(client.get(own(world)).content.decode())
        assert "nothing is sent before you start" in page

    def test_lists_the_newest_first(self, client: Client, world: RunWorld) -> None:
        sent(client, world, file=table(people(1)))
        page = words(client.get(own(world)).content.decode())
        assert "Took part" in page
        assert "Ready to start" in page

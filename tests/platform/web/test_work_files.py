"""Files that learners hand in: taken, refused with words, given back harmless."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile

from insignia.assessment.models import EvidenceItem
from insignia.assessment.services import (
    evidence_add_file,
)
from tests.platform.assessment.world import World
from tests.platform.factories import AT, make_person
from tests.platform.web.assessment_pages import HTMX, browser, leased, picture, text_of

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

DAMAGED = b"%PDF-1.7\n" + b"no document at all " * 20

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


class TestUploads:
    """Files as they come, friendly and not."""

    def upload(self, world: World, name: str, content: bytes, headers: dict[str, str] | None = None) -> Answer:
        work = world.draft()
        chosen = SimpleUploadedFile(name, content)
        return browser(world.learner).post(f"/my/work/{work.public_id}", {"file-report": chosen}, headers=headers)

    def test_says_what_to_do_with_a_file_over_the_limit(self, world: World, settings: LazySettings) -> None:
        settings.INSIGNIA_EVIDENCE_FILE_BYTES = 2 * 2**20
        answer = self.upload(world, "long.bin", bytes(3 * 2**20))
        assert answer.status_code == 422
        assert "This file is over 2 MB. Make it smaller, or add a link to it." in text_of(answer)
        assert not EvidenceItem.objects.exists()

    def test_takes_a_hundred_megabytes(self, world: World) -> None:
        assert self.upload(world, "film.bin", bytes(100 * 2**20)).status_code == 303
        assert EvidenceItem.objects.get().byte_size == 100 * 2**20

    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("empty.txt", b"", "This file is empty."),
            ("a" * 210 + ".txt", b"x", "This is too long."),
            ("broken.zip", b"PK\x03\x04 and no more", "This archive cannot be read."),
        ],
        ids=["empty", "long-name", "broken-archive"],
    )
    def test_names_what_cannot_be_kept(self, world: World, name: str, content: bytes, words: str) -> None:
        answer = self.upload(world, name, content)
        assert answer.status_code == 422
        assert words in text_of(answer)

    def test_refuses_an_archive_that_unpacks_without_end(self, world: World) -> None:
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("zeros", bytes(50 * 2**20))
        answer = self.upload(world, "bomb.zip", bomb.getvalue())
        assert answer.status_code == 422
        assert "unpacked it is far too large" in text_of(answer)

    @pytest.mark.parametrize(
        "content", [b"<html><script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
    )
    def test_gives_active_content_back_as_a_download_in_a_sandbox(self, world: World, content: bytes) -> None:
        assert self.upload(world, "../../<img src=x>.html", content).status_code == 303
        item = EvidenceItem.objects.get()
        client = browser(world.learner)
        answer = client.get(f"/work-files/{item.public_id}")
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answer["X-Content-Type-Options"] == "nosniff"
        page = client.get(f"/my/work/{item.attempt.submission.public_id}").content.decode()
        assert "<img src=x>" not in page

    def test_answers_a_fragment_with_the_pieces_alone(self, world: World) -> None:
        answer = self.upload(world, "notes.txt", b"abc", headers=HTMX)
        page = text_of(answer)
        assert "notes.txt" in page
        assert "<html" not in page
        assert "<textarea" not in page


class TestWorkFile:
    """A piece of evidence as a browser gets it."""

    def given(self, world: World, content: bytes = b"", name: str = "x.png") -> EvidenceItem:
        work = world.ready()
        return evidence_add_file(
            submission_id=work.public_id, requirement_id="talk", name=name,
            source=content or picture(), learner=world.learner, at=AT,
        )  # fmt: skip

    def test_is_for_its_learner_and_whoever_judges_it(self, world: World) -> None:
        item = self.given(world)
        address = f"/work-files/{item.public_id}"
        assert browser().get(address).status_code == 302
        assert browser(world.learner).get(address).status_code == 200
        assert browser(world.samuel).get(address).status_code == 404
        browser(world.learner).post(f"/my/work/{item.attempt.submission.public_id}/hand-in")
        leased(world, item.attempt.submission)
        assert browser(world.samuel).get(address).status_code == 200
        assert browser(world.lucia).get(address).status_code == 404
        assert browser(make_person()).get(address).status_code == 404
        assert browser(world.learner).get(f"/work-files/{uuid4()}").status_code == 404

    def test_shows_a_picture_in_place_and_leaves_no_copy(self, world: World) -> None:
        answer = browser(world.learner).get(f"/work-files/{self.given(world).public_id}")
        assert answer["Content-Type"] == "image/png"
        assert answer["Content-Disposition"] == 'inline; filename="x.png"'
        assert answer["Cache-Control"] == "private, no-store"
        assert answer.getvalue().startswith(b"\x89PNG")

    @pytest.mark.parametrize(
        ("asked", "status", "length", "part"),
        [
            ("bytes=0-3", 206, 4, "0-3/10"),
            ("bytes=4-", 206, 6, "4-9/10"),
            ("bytes=-2", 206, 2, "8-9/10"),
            ("bytes=5-99", 206, 5, "5-9/10"),
            ("bytes=0-9", 200, 10, ""),
            ("bytes=10-", 416, 0, "*/10"),
            ("bytes=-0", 416, 0, "*/10"),
            ("bytes=1-2,4-5", 200, 10, ""),
            ("bytes=-", 200, 10, ""),
            ("lines=1-2", 200, 10, ""),
        ],
    )
    def test_gives_the_range_asked_for(
        self, world: World, asked: str, status: int, length: int, part: str
    ) -> None:
        address = f"/work-files/{self.given(world, b'0123456789', 'x.txt').public_id}"
        answer = browser(world.learner).get(address, headers={"range": asked})
        body = answer.getvalue()
        assert (answer.status_code, len(body)) == (status, length)
        assert answer.headers.get("Content-Range", "") == (f"bytes {part}" if part else "")
        if status == 206:
            first, last = part.partition("/")[0].split("-")
            assert body == b"0123456789"[int(first) : int(last) + 1]


class TestCopies:
    """Files that others see differently, or not at all."""

    def test_says_so_beside_the_file_and_again_before_handing_in(self, world: World) -> None:
        work = world.ready()
        client = browser(world.learner)
        chosen = SimpleUploadedFile("report.pdf", DAMAGED)
        client.post(f"/my/work/{work.public_id}", {"file-talk": chosen})
        for end in ("", "/hand-in"):
            page = text_of(client.get(f"/my/work/{work.public_id}{end}"))
            assert "This file is damaged: only you can open it." in page

    def test_offers_the_assessor_no_file_that_cannot_be_shown(self, world: World) -> None:
        work = world.ready()
        client = browser(world.learner)
        client.post(
            f"/my/work/{work.public_id}",
            {"file-talk": SimpleUploadedFile("report.pdf", DAMAGED)},
        )
        client.post(f"/my/work/{work.public_id}/hand-in")
        held = leased(world, work)
        item = EvidenceItem.objects.get(kind="file")
        page = text_of(browser(world.samuel).get(f"/assess/{held.public_id}"))
        assert "This file is damaged or has a password." in page
        assert f"/work-files/{item.public_id}" not in page
        assert browser(world.samuel).get(f"/work-files/{item.public_id}").status_code == 404

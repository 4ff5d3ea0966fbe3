"""The assessor's pages, through the client: queue, marking, locking, and the ways work gets lost elsewhere."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from insignia.assessment.models import Assignment, Decision, EvidenceItem, Rating, Submission
from insignia.assessment.services import (
    assignment_release,
    evidence_add_file,
    revision_open,
    submission_withdraw,
)
from insignia.organizations.models import Membership
from tests.platform.assessment.world import LOW, World
from tests.platform.factories import AT, make_member, make_organization, make_person
from tests.platform.web.assessment_pages import HTMX, browser, leased, picture, rating_form, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


class TestQueue:
    """What waits for an assessor."""

    def test_is_for_assessors(self, world: World) -> None:
        for person in (world.learner, make_member(world.school, "owner", "author", "registrar")):
            client = browser(person)
            assert client.get("/assess").status_code == 403
            assert client.get("/assess/done").status_code == 403
            assert client.post("/assess/next").status_code == 403

    def test_teaches_patience_when_empty(self, world: World) -> None:
        page = text_of(browser(world.samuel).get("/assess"))
        assert "Nothing is waiting. We mail you when work arrives." in page
        assert browser(world.samuel).post("/assess/next")["Location"] == "/assess"

    def test_lists_the_oldest_first_by_code_alone(self, world: World) -> None:
        noor = make_person("Noor Haddad")
        later = world.submitted(noor, AT + timedelta(hours=1))
        first = world.submitted()
        page = text_of(browser(world.samuel).get("/assess"))
        assert page.index(first.code) < page.index(later.code)
        for secret in ("Itzel", "Noor", world.learner.email, noor.email):
            assert secret not in page

    def test_hides_other_organizations_and_own_work(self, world: World) -> None:
        other = make_member(make_organization(), "assessor")
        work = world.submitted()
        own = world.submitted(world.lucia)
        assert work.code not in text_of(browser(other).get("/assess"))
        assert own.code not in text_of(browser(world.lucia).get("/assess"))
        assert browser(other).post(f"/assess/take/{work.public_id}").status_code == 404
        refused = browser(world.lucia).post(f"/assess/take/{own.public_id}")
        assert refused.status_code == 403
        assert "This is your own work" in text_of(refused)

    def test_leases_with_one_press(self, world: World) -> None:
        world.submitted()
        answer = browser(world.samuel).post("/assess/next")
        held = Assignment.objects.get()
        assert (answer.status_code, answer["Location"]) == (303, f"/assess/{held.public_id}")
        assert browser(world.samuel).get("/assess/next").status_code == 405

    def test_gives_two_assessors_two_works(self, world: World) -> None:
        world.submitted()
        world.submitted(make_person("Noor Haddad"))
        places = {browser(person).post("/assess/next")["Location"] for person in (world.samuel, world.lucia)}
        assert len(places) == 2

    def test_says_so_when_somebody_was_quicker(self, world: World) -> None:
        work = world.submitted()
        leased(world, work)
        answer = browser(world.lucia).post(f"/assess/take/{work.public_id}")
        assert answer.status_code == 409
        assert "Another assessor has this work now. Take the next one." in text_of(answer)

    def test_lists_what_was_judged(self, world: World) -> None:
        decision = world.decided(sources=LOW)
        page = text_of(browser(world.samuel).get("/assess/done"))
        assert decision.attempt.submission.code in page
        assert "Almost" in page
        assert "Itzel" not in page


class TestMarking:
    """Judging one work."""

    def test_names_nobody(self, world: World) -> None:
        work = world.draft()
        evidence_add_file(
            submission_id=work.public_id, requirement_id="talk", name="Itzel-Marroquin.png",
            source=picture(), learner=world.learner, at=AT,
        )  # fmt: skip
        held = leased(world, world.submitted())
        client = browser(world.samuel)
        for address in (
            f"/assess/{held.public_id}",
            f"/assess/{held.public_id}/lock",
            f"/assess/{held.public_id}/return",
        ):
            page = text_of(client.get(address))
            for secret in ("Itzel", "Marroqu", world.learner.email, str(world.learner.public_id)):
                assert secret not in page
        file = client.get(f"/work-files/{EvidenceItem.objects.get(kind='file').public_id}")
        assert file["Content-Disposition"] == 'inline; filename="Talk recording 1.png"'

    def test_shows_the_bar_and_saves_without_script(self, world: World) -> None:
        held = leased(world, world.submitted())
        client = browser(world.samuel)
        assert text_of(client.get(f"/assess/{held.public_id}")).count("bar-mark") == 4
        answer = client.post(f"/assess/{held.public_id}", rating_form(held, feedback="Well argued"))
        assert (answer.status_code, answer["Location"]) == (303, f"/assess/{held.public_id}?saved=1#rubric")
        page = client.get(f"/assess/{held.public_id}").content.decode()
        assert "Well argued" in page
        assert len(re.findall(r"data-place=\"2\" checked", page)) == 4

    def test_answers_autosave_with_time_version_and_count(self, world: World) -> None:
        held = leased(world, world.submitted())
        data = {"version": "1", "level-claim": "claim1", "feedback": ""}
        page = text_of(browser(world.samuel).post(f"/assess/{held.public_id}", data, headers=HTMX))
        assert re.search(r"Saved \d\d:\d\d", page)
        assert 'id="rating-version" value="2" hx-swap-oob="true"' in page
        assert "1 of 4 judged" in page

    def test_takes_a_version_that_is_no_number_for_an_old_one(self, world: World) -> None:
        held = leased(world, world.submitted())
        for version in ("9" * 5000, "9" * 12, "x"):
            data = {"version": version, "level-claim": "claim1", "feedback": ""}
            assert browser(world.samuel).post(f"/assess/{held.public_id}", data).status_code == 409

    def test_never_overwrites_silently(self, world: World) -> None:
        """Two windows of one assessor: the second save shows both instead of winning."""
        held = leased(world, world.submitted())
        client = browser(world.samuel)
        first = rating_form(held, **{"feedback-claim": "From the first window"})
        client.post(f"/assess/{held.public_id}", first)
        second = {**first, "feedback-claim": "From the second window", "level-claim": f"claim{LOW}"}
        answer = client.post(f"/assess/{held.public_id}", second)
        page = text_of(answer)
        assert answer.status_code == 409
        assert "From the first window" in page
        assert "From the second window" in page
        assert 'name="version" id="rating-version" value="2"' in page
        assert client.post(f"/assess/{held.public_id}", {**second, "version": "2"}).status_code == 303
        assert Rating.objects.get().levels["claim"] == f"claim{LOW}"
        fragment = client.post(f"/assess/{held.public_id}", first, headers=HTMX)
        assert fragment.status_code == 409
        assert "Compare both" in text_of(fragment)

    def test_never_puts_a_rating_on_the_next_work(self, world: World) -> None:
        """A save that comes late belongs to the work it was made on, or to none."""
        first = leased(world, world.submitted())
        client = browser(world.samuel)
        late = rating_form(first, feedback="About the first work")
        assignment_release(assignment_id=first.public_id, assessor=world.samuel, at=datetime.now(UTC))
        second = leased(world, world.submitted(make_person("Noor Haddad"), AT - timedelta(days=1)))
        answer = client.post(f"/assess/{first.public_id}", late, headers=HTMX)
        assert answer.status_code == 409
        assert Rating.objects.get(assignment=second).levels == {}

    def test_never_loses_text_when_the_lease_is_gone(self, world: World) -> None:
        """Somebody else took it after the time ran out: clear words, and everything typed, to be copied."""
        work = world.submitted()
        held = leased(world, work, ago=timedelta(hours=1))
        data = rating_form(held, **{"feedback-claim": "Typed in vain, but not lost"})
        leased(world, work, world.lucia)
        answer = browser(world.samuel).post(f"/assess/{held.public_id}", data)
        page = text_of(answer)
        assert answer.status_code == 409
        assert "taken by someone else" in page
        assert "Typed in vain, but not lost" in page
        assert browser(world.samuel).get(f"/assess/{held.public_id}").status_code == 409

    def test_goes_on_after_the_time_ran_out_when_nobody_took_it(self, world: World) -> None:
        held = leased(world, world.submitted(), ago=timedelta(hours=1))
        client = browser(world.samuel)
        assert "Your time with this work ran out" in text_of(client.get(f"/assess/{held.public_id}"))
        assert client.post(f"/assess/{held.public_id}", rating_form(held)).status_code == 303
        assert "Your time with this work ran out" not in text_of(client.get(f"/assess/{held.public_id}"))

    def test_says_so_when_the_learner_took_the_work_back(self, world: World) -> None:
        work = world.submitted()
        held = leased(world, work)
        data = rating_form(held, feedback="Nearly done")
        submission_withdraw(submission_id=work.public_id, learner=world.learner, at=AT)
        answer = browser(world.samuel).post(f"/assess/{held.public_id}", data)
        assert answer.status_code == 409
        assert "it was withdrawn" in text_of(answer)
        assert "Nearly done" in text_of(answer)

    def test_says_by_which_version_when_the_badge_changed(self, world: World) -> None:
        held = leased(world, world.submitted())
        version = world.version
        values = {
            field.attname: getattr(version, field.attname)
            for field in version._meta.concrete_fields
            if field.name not in {"id", "public_id", "number"}
        }
        type(version).objects.create(**values, number=2)
        page = text_of(browser(world.samuel).get(f"/assess/{held.public_id}"))
        assert "The badge has a newer version. This work began with version 1" in page

    def test_is_nobody_elses(self, world: World) -> None:
        held = leased(world, world.submitted())
        for person in (world.lucia, world.learner, make_member(make_organization(), "assessor")):
            client = browser(person)
            for end in ("", "/lock", "/return", "/release"):
                assert client.get(f"/assess/{held.public_id}{end}").status_code == 404
                assert client.post(f"/assess/{held.public_id}{end}", rating_form(held)).status_code == 404
        assert Rating.objects.get().levels == {}

    def test_ends_with_the_role(self, world: World) -> None:
        held = leased(world, world.submitted())
        Membership.objects.get(person=world.samuel).roles.all().delete()
        assert browser(world.samuel).get(f"/assess/{held.public_id}").status_code in {403, 404}

    @pytest.mark.parametrize("level", ["claim9", "", "uncertainty1", "<script>"])
    def test_takes_no_level_the_rubric_does_not_know(self, world: World, level: str) -> None:
        held = leased(world, world.submitted())
        data = rating_form(held, feedback="Kept", **{"level-claim": level})
        answer = browser(world.samuel).post(f"/assess/{held.public_id}", data)
        assert answer.status_code == (422 if level else 303)
        if level:
            assert "Kept" in text_of(answer)
            assert Rating.objects.get().levels == {}

    def test_returns_with_words_for_the_learner(self, world: World) -> None:
        held = leased(world, world.submitted())
        client = browser(world.samuel)
        answer = client.post(f"/assess/{held.public_id}/return", {"note": " "})
        assert answer.status_code == 422
        assert "Say what the learner should mend." in text_of(answer)
        assert client.post(f"/assess/{held.public_id}/return", {"note": "The link is shut."}).status_code == 303
        assert Submission.objects.get().state == "returned"

    def test_puts_a_work_back_after_asking(self, world: World) -> None:
        held = leased(world, world.submitted())
        client = browser(world.samuel)
        assert client.get(f"/assess/{held.public_id}/release").status_code == 200
        assert Submission.objects.get().state == "in_review"
        assert client.post(f"/assess/{held.public_id}/release").status_code == 303
        assert Submission.objects.get().state == "submitted"

    def test_freezes_what_was_met_and_shows_earlier_feedback(self, world: World) -> None:
        decision = world.decided(sources=LOW)
        work = decision.attempt.submission
        revision_open(submission_id=work.public_id, learner=world.learner, at=AT)
        browser(world.learner).post(f"/my/work/{work.public_id}/hand-in")
        held = leased(world, work)
        page = text_of(browser(world.samuel).get(f"/assess/{held.public_id}"))
        assert page.count("is-frozen") == 3
        assert 'name="level-claim"' not in page
        assert "Give an interval." in page
        assert "0 of 1 judged" in page


class TestLock:
    """From a rating to a decision."""

    def test_names_what_is_missing(self, world: World) -> None:
        held = leased(world, world.submitted())
        client = browser(world.samuel)
        page = text_of(client.get(f"/assess/{held.public_id}/lock"))
        assert f'href="/assess/{held.public_id}#level-claim-1"' in page
        client.post(f"/assess/{held.public_id}", rating_form(held, **{"level-sources": f"sources{LOW}"}))
        page = text_of(client.get(f"/assess/{held.public_id}/lock"))
        assert "Almost" in page
        assert f'href="/assess/{held.public_id}#feedback-sources"' in page
        answer = client.post(f"/assess/{held.public_id}/lock", {"version": "2"})
        assert answer.status_code == 422
        assert not Decision.objects.exists()

    @pytest.mark.parametrize("version", ["1", "x", "", "99999999999999999999"])
    def test_locks_only_the_version_that_was_shown(self, world: World, version: str) -> None:
        held = leased(world, world.submitted())
        client = browser(world.samuel)
        client.post(f"/assess/{held.public_id}", rating_form(held))
        answer = client.post(f"/assess/{held.public_id}/lock", {"version": version})
        assert answer.status_code == 409
        assert not Decision.objects.exists()

    @pytest.mark.django_db(transaction=True)
    def test_decides_once(self, world: World) -> None:
        held = leased(world, world.submitted())
        client = browser(world.samuel)
        answer = client.post(f"/assess/{held.public_id}", rating_form(held, do="lock"))
        assert answer["Location"] == f"/assess/{held.public_id}/lock"
        assert "The badge is signed as soon as you lock." in text_of(client.get(answer["Location"]))
        locked = client.post(answer["Location"], {"version": "2"})
        assert (locked.status_code, locked["Location"]) == (303, "/assess?locked=1")
        assert "is decided: Met." in text_of(client.get("/assess?locked=1"))
        again = client.post(answer["Location"], {"version": "2"})
        assert again.status_code == 409
        assert Decision.objects.count() == 1

"""The registrar's pages for correcting, renewing, changing many; the day asked for; refusals in words."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from insignia.accounts.models import Person
from insignia.achievements.rules import Renewal
from insignia.awards.models import Award, AwardDocument, MassChange
from insignia.awards.selectors import award_json, award_public, expiry_days_of
from insignia.awards.services import award_revoke, mass_changes_converge
from insignia.foundation.ids import new_id
from insignia.issuing.mark import mark_path
from insignia.issuing.models import StatusSet
from insignia.issuing.services import key_rotate, lists_republish
from insignia.organizations.models import Organization
from tests.platform.awards.world import World, make_world
from tests.platform.factories import SETUP
from tests.platform.web.award_world import a_month_ago, make_award, make_past_world, now

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_past_world(months=2)


@pytest.fixture
def award(world: World) -> Award:
    return make_award(world, visibility="public")


def signed_in(person: Person | None) -> Client:
    assert person is not None
    client = Client()
    client.force_login(person)
    return client


def base(world: World) -> str:
    return f"/o/{world.organization.slug}/awards"


def text(answer: Any) -> str:  # noqa: ANN401  - the test client's answer has no type of its own
    return re.sub(r"\s+", " ", answer.content.decode())


def day_there(award: Award, moment: datetime) -> str:
    """Give the day as the school counts it: after midnight in Greenwich it is still yesterday in Denver."""
    return moment.astimezone(ZoneInfo(award.organization.time_zone)).date().isoformat()


def correction(award: Award, **changed: str) -> dict[str, str]:
    assert award.valid_until is not None
    days = {name: day_there(award, getattr(award, name)) for name in ("awarded_at", "valid_from", "valid_until")}
    return {"name": "Itzel Marroquín Ñ", **days, "reason": "Misspelt", "document": "1", **changed}


class TestCorrectionPage:
    def test_shows_what_the_badge_says(self, world: World, award: Award) -> None:
        page = text(signed_in(world.registrar).get(f"{base(world)}/{award.public_id}/correction"))
        assert 'value="Itzel Marroquín Ñ"' in page
        assert day_there(award, award.valid_from) in page

    def test_says_what_happens_before_it_happens(self, world: World, award: Award) -> None:
        client, address = signed_in(world.registrar), f"{base(world)}/{award.public_id}/correction"
        page = text(client.post(address, correction(award, name="Itzel Núñez")))
        assert "the name" in page
        assert "The earlier copy stays true" in page
        page = text(client.post(address, correction(award, valid_until="2031-01-01")))
        assert "the earlier copy is revoked" in page
        assert AwardDocument.objects.count() == 1

    def test_corrects_and_shows_both_copies(self, world: World, award: Award) -> None:
        client, address = signed_in(world.registrar), f"{base(world)}/{award.public_id}"
        answer = client.post(f"{address}/correction", correction(award, name="Itzel Núñez", sure="1"))
        assert (answer.status_code, answer.headers["Location"]) == (303, address)
        record = text(client.get(address))
        assert "Misspelt" in record
        assert f"/awards/{award.public_id}/documents/1" in record
        public = text(Client().get(f"/awards/{award.public_id}"))
        assert "Itzel Núñez" in public
        assert "Corrected: the name." in public
        assert "Misspelt" not in public
        first, second = (Client().get(f"/awards/{award.public_id}/documents/{n}").json() for n in (1, 2))
        assert first["id"] == second["id"]
        assert "Núñez" not in str(first)
        assert "Núñez" in str(second)

    def test_keeps_the_text_and_says_what_is_wrong(self, world: World, award: Award) -> None:
        client, address = signed_in(world.registrar), f"{base(world)}/{award.public_id}/correction"
        answer = client.post(address, correction(award, name="Kept", awarded_at="when?", sure="1"))
        assert answer.status_code == 422
        assert 'value="Kept"' in text(answer)
        reversed_days = {"valid_from": "2031-01-01", "valid_until": "2030-01-01"}
        answer = client.post(address, correction(award, sure="1", **reversed_days))
        assert answer.status_code == 422
        answer = client.post(address, correction(award, sure="1"), follow=True)
        assert "This is what the badge says already." in text(answer)


@pytest.mark.parametrize("zone", ["America/Denver", "UTC", "Europe/Berlin", "Pacific/Kiritimati"])
class TestDaysOfACorrection:
    def test_lie_in_years_that_can_be_written_everywhere(self, world: World, award: Award, zone: str) -> None:
        Organization.objects.filter(pk=world.organization.pk).update(time_zone=zone)
        there = Award.objects.select_related("organization").get(pk=award.pk)
        client, address = signed_in(world.registrar), f"{base(world)}/{award.public_id}/correction"
        for field in ("awarded_at", "valid_from", "valid_until"):
            for day in ("9999-12-31", "9001-01-01", "1899-12-31", "0001-01-01"):
                answer = client.post(address, correction(there, **{field: day}))
                assert answer.status_code == 422
                assert "Choose a day from 1900-01-01 to 9000-12-31." in text(answer)
        answer = client.post(address, correction(there, valid_until="9999-12-31", sure="1"))
        assert answer.status_code == 422
        assert AwardDocument.objects.count() == 1
        longest = correction(there, valid_until="9000-12-31", sure="1")
        assert client.post(address, longest).status_code == 303

    def test_of_awarding_do_not_lie_ahead(self, world: World, award: Award, zone: str) -> None:
        Organization.objects.filter(pk=world.organization.pk).update(time_zone=zone)
        there = Award.objects.select_related("organization").get(pk=award.pk)
        client, address = signed_in(world.registrar), f"{base(world)}/{award.public_id}/correction"
        for day in ("2999-01-01", day_there(there, now() + timedelta(days=1))):
            for sure in ({}, {"sure": "1"}):
                answer = client.post(address, correction(there, awarded_at=day) | sure)
                assert answer.status_code == 422
                assert "A badge cannot have been awarded on a day to come." in text(answer)
        assert AwardDocument.objects.count() == 1
        today = correction(there, awarded_at=day_there(there, now()), sure="1")
        assert client.post(address, today).status_code == 303


class TestCorrectionOfTwo:
    """Two registrars have the page of one badge open; none undoes what the other did without seeing it."""

    @pytest.fixture
    def address(self, world: World, award: Award) -> str:
        return f"{base(world)}/{award.public_id}/correction"

    @pytest.fixture
    def meanwhile(self, world: World, award: Award, address: str) -> None:
        """Let somebody correct the last day while the name is being typed elsewhere."""
        sent = correction(award, valid_until="2031-06-30", reason="Wrong last day", sure="1")
        assert signed_in(world.registrar).post(address, sent).status_code == 303

    def test_carries_which_copy_was_looked_at(self, world: World, address: str) -> None:
        assert '<input type="hidden" name="document" value="1">' in text(signed_in(world.registrar).get(address))

    @pytest.mark.usefixtures("meanwhile")
    @pytest.mark.parametrize("seen", ["1", "", "x", "9" * 5000])
    def test_shows_what_is_there_now_instead_of_undoing_it(
        self, world: World, award: Award, address: str, seen: str
    ) -> None:
        sent = correction(award, name="Itzel M.", document=seen, sure="1")
        client = signed_in(world.registrar)
        answer = client.post(address, sent)
        page = text(answer)
        assert answer.status_code == 409
        assert "This badge was changed meanwhile. Now it says:" in page
        assert "30 June 2031" in page
        assert 'value="Itzel M."' in page, "what was typed stays"
        assert f'value="{sent["valid_until"]}"' in page
        assert '<input type="hidden" name="document" value="2">' in page
        assert 'name="sure"' not in page
        assert AwardDocument.objects.count() == 2
        again = correction(award, name="Itzel M.", valid_until="2031-06-30", document="2", sure="1")
        assert client.post(address, again).status_code == 303
        award.refresh_from_db()
        assert award.valid_until is not None
        assert day_there(award, award.valid_until) == "2031-06-30"

    @pytest.mark.usefixtures("meanwhile")
    def test_is_refused_under_the_lock_too(
        self, world: World, award: Award, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The other's correction was signed after the page had looked."""
        first = AwardDocument.objects.get(number=1)
        monkeypatch.setattr("insignia.web.awards.correcting.document_current", lambda _award: first)
        answer = signed_in(world.registrar).post(address, correction(award, name="Itzel M.", sure="1"))
        assert answer.status_code == 409
        assert AwardDocument.objects.count() == 2


class TestDay:
    def test_is_answered_on_the_public_page_and_in_the_register(self, world: World, award: Award) -> None:
        award_revoke(award_id=award.public_id, reason="Issued in error", actor=world.registrar_acts, at=now())
        day = (a_month_ago() + timedelta(days=3)).date()
        for client, address in (
            (Client(), f"/awards/{award.public_id}"),
            (signed_in(world.registrar), f"{base(world)}/{award.public_id}"),
        ):
            for asked, words in (
                (day.isoformat(), "it was in force."),
                ((now() - timedelta(days=40)).date().isoformat(), "it did not exist yet."),
                ("2999-01-01", "Choose a day up to today"),
                ("2026-13-45", "Choose a day up to today"),
                ("<script>", "Choose a day up to today"),
            ):
                page = text(client.get(address, {"on": asked}))
                assert words in page
                assert "<script>" not in page.replace("<script src", "")


class TestManyPage:
    def test_counts_first_and_then_does_it(self, world: World, award: Award) -> None:
        client = signed_in(world.registrar)
        asked = {"change": "revoked", "badge": str(world.version.achievement.public_id)}
        page = text(client.get(f"{base(world)}/many", asked))
        assert "One badge is meant" in page
        assert not MassChange.objects.exists()
        assert 'name="shown" value="1"' in page
        assert client.post(f"{base(world)}/many", {**asked, "shown": "1", "reason": " "}).status_code == 422
        answer = client.post(f"{base(world)}/many", {**asked, "shown": "1", "reason": "Issued in error"})
        assert answer.status_code == 303
        assert "0 of 1" in text(client.get(answer.headers["Location"]))
        mass_changes_converge(now())
        page = text(client.get(answer.headers["Location"]))
        assert "1 of 1" in page
        assert "hx-trigger" not in page
        assert Award.objects.get().state == "revoked"

    @pytest.mark.parametrize("opened", ["", "?run=01980000-0000-7000-8000-000000000000", "?award=x"])
    def test_complains_of_nothing_before_anything_was_chosen(
        self, world: World, award: Award, opened: str
    ) -> None:
        page = text(signed_in(world.registrar).get(f"{base(world)}/many{opened}"))
        assert "This field is required" not in page
        assert "is meant" not in page

    def test_changes_nothing_without_being_told_what(self, world: World, award: Award) -> None:
        assert signed_in(world.registrar).post(f"{base(world)}/many", {"reason": "x"}).status_code == 422
        assert not MassChange.objects.exists()

    def test_means_those_that_were_ticked(self, world: World, award: Award) -> None:
        make_award(world, name="Another")
        page = text(signed_in(world.registrar).get(f"{base(world)}/many?change=revoked&award={award.public_id}"))
        assert "Only the badge you ticked." in page
        assert f'name="award" value="{award.public_id}"' in page

    def test_says_when_none_is_meant_and_takes_nonsense_calmly(self, world: World, award: Award) -> None:
        client = signed_in(world.registrar)
        assert "No badge is meant" in text(client.get(f"{base(world)}/many?change=reinstated"))
        for nonsense in (
            "change=erase",
            "change=revoked&badge=x",
            "change=revoked&given_from=x",
            "run=1",
        ):
            assert client.get(f"{base(world)}/many?{nonsense}").status_code == 200
        assert client.post(f"{base(world)}/many", {"change": "reinstated", "reason": "x"}).status_code == 422

    def test_complains_of_no_reason_where_nobody_is_asked_for_one(self, world: World, award: Award) -> None:
        """The box for it is hidden while no badge is meant: a link to it would lead nowhere."""
        nothing_meant = {"change": "reinstated", "reason": ""}
        page = text(signed_in(world.registrar).post(f"{base(world)}/many", nothing_meant))
        assert "No badge is meant" in page
        assert "error-summary" not in page

    @pytest.mark.parametrize("named", [["x"], [""], ["a\x00b"], ["9" * 5000], [str(new_id()), "x"]])
    def test_never_means_all_where_some_were_named_badly(
        self, world: World, award: Award, named: list[str]
    ) -> None:
        client, address = signed_in(world.registrar), f"{base(world)}/many"
        asked = client.get(address, {"change": "revoked", "award": named})
        sent = client.post(address, {"change": "revoked", "award": named, "reason": "x", "shown": "1"})
        for answer in (asked, sent):
            assert answer.status_code == 422
            assert "What was sent does not say which badges were ticked" in text(answer)
            assert "is meant" not in text(answer)
        assert not MassChange.objects.exists()

    def test_takes_all_that_were_ticked_or_none(self, world: World, award: Award) -> None:
        named = [str(award.public_id), *(str(new_id()) for _number in range(500))]
        answer = signed_in(world.registrar).post(
            f"{base(world)}/many", {"change": "revoked", "award": named, "reason": "x", "shown": "1"}
        )
        assert answer.status_code == 422
        assert "Up to 500 badges go at a time" in text(answer)
        assert not MassChange.objects.exists()

    @pytest.mark.parametrize("shown", ["1", "", "x", "9" * 5000])
    def test_changes_no_more_than_were_counted(self, world: World, award: Award, shown: str) -> None:
        make_award(world, name="Meanwhile")
        client, sent = signed_in(world.registrar), {"change": "revoked", "reason": "Typed already"}
        answer = client.post(f"{base(world)}/many", {**sent, "shown": shown})
        page = text(answer)
        assert answer.status_code == 409
        assert "2 badges are meant" in page
        assert "Nothing was changed: by now other badges are meant" in page
        assert "Typed already" in page
        assert 'name="shown" value="2"' in page
        assert not MassChange.objects.exists()
        assert client.post(f"{base(world)}/many", {**sent, "shown": "2"}).status_code == 303

    @pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
    def test_takes_the_first_day_of_all_and_the_last(self, world: World, award: Award, day: str) -> None:
        for zone in ("America/Denver", "Asia/Tokyo"):
            Organization.objects.update(time_zone=zone)
            for name in ("given_from", "given_to"):
                asked = {"change": "revoked", name: day}
                answer = signed_in(world.registrar).get(f"{base(world)}/many", asked)
                assert answer.status_code == 200
                meant = (name == "given_to") == day.startswith("9")
                assert ("One badge is meant" in text(answer)) is meant

    def test_can_be_stopped(self, world: World, award: Award) -> None:
        client = signed_in(world.registrar)
        sent = {"change": "revoked", "reason": "x", "shown": "1"}
        address = client.post(f"{base(world)}/many", sent).headers["Location"]
        assert "Stopped" in text(client.post(f"{address}/stop", follow=True))
        mass_changes_converge(now())
        assert Award.objects.get().state == "issued"


class TestEndingPage:
    def test_shows_what_ends_and_what_can_be_done(self, world: World, award: Award) -> None:
        client = signed_in(world.registrar)
        page = text(client.get(f"{base(world)}/ending"))
        assert "by being judged anew" in page
        assert 'type="checkbox"' not in page
        assert "Nothing ends in that time." in text(client.get(f"{base(world)}/ending?within=7"))
        assert client.get(f"{base(world)}/ending?within=x").status_code == 200

    def test_lets_those_be_ticked_that_need_no_new_work(self) -> None:
        world = make_world(months=2, renewal=Renewal.ATTESTATION, at=now() - timedelta(days=50))
        early, award = make_award(world, name="Too early"), make_award(world, at=now() - timedelta(days=50))
        client = signed_in(world.registrar)
        page = text(client.get(f"{base(world)}/ending"))
        assert "Too early" in page
        assert f'name="award" value="{early.public_id}"' not in page
        assert "Renew it without new work" not in text(client.get(f"{base(world)}/{early.public_id}"))
        assert f'name="award" value="{award.public_id}"' in page
        page = text(client.get(f"{base(world)}/{award.public_id}"))
        assert "Renew it without new work" in page
        answer = client.post(f"{base(world)}/{award.public_id}/renewal", {"reason": "Still teaches"}, follow=True)
        assert "Renewed. The badge keeps its address" in text(answer)
        assert AwardDocument.objects.count() == 3

    def test_takes_the_days(self, world: World, award: Award) -> None:
        client = signed_in(world.registrar)
        for wrong in ("", "soon", "0", "400", "1 2 3 4 5 6 7 8 9"):
            assert client.post(f"{base(world)}/ending", {"days": wrong}).status_code == 422
        assert client.post(f"{base(world)}/ending", {"days": "14, 60"}).status_code == 303
        assert expiry_days_of(world.organization) == (60, 14)


class TestRefusal:
    @pytest.mark.parametrize("language", ["en", "es"])
    def test_of_an_older_copy_is_said_where_people_work(self, world: World, award: Award, language: str) -> None:
        StatusSet.objects.update(reserved=0)
        client = signed_in(world.registrar)
        client.cookies["language"] = language
        words = {"en": "the database is an older copy", "es": "la base de datos es una copia anterior"}[language]
        for address in (base(world), f"/o/{world.organization.slug}/issuer"):
            page = text(client.get(address))
            assert words in page
            assert "insignia recover" in page
        answer = client.post(f"{base(world)}/{award.public_id}/revoke", {"reason": "x"})
        assert answer.status_code == 503
        assert words in text(answer)

    def test_of_a_lost_mark_is_said_too(self, world: World, award: Award) -> None:
        mark_path().unlink()
        assert "has lost the mark" in text(signed_in(world.registrar).get(f"/o/{world.organization.slug}/issuer"))


class TestKeysPage:
    def test_offers_to_sign_again_what_old_keys_signed(self, world: World, award: Award) -> None:
        client, address = signed_in(world.registrar), f"/o/{world.organization.slug}/issuer"
        assert "Sign them again" not in text(client.get(address))
        key_rotate(issuer=world.issuer, actor=SETUP, at=now(), compromised=True)
        lists_republish(now())
        page = text(client.get(address))
        assert "One badge is signed with a key you no longer use." in page
        assert "a key may be in other hands" in page
        asked = text(client.get(f"{base(world)}/many", {"change": "reissued"}))
        assert "nobody gets a mail" in asked
        assert "The learner gets it by mail" not in asked
        client.post(f"{base(world)}/many", {"change": "reissued", "reason": "New key", "shown": "1"})
        mass_changes_converge(now())
        view = award_public(award_id=award.public_id, viewer=None, on=now())
        assert view.document.number == 2
        assert award_json(view)
        assert "Sign them again" not in text(client.get(address))

"""The Achievement that credentials carry: its ids, its rubric, its alignments; the official schema takes it."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.accounts.models import Person
from insignia.achievements.document import VersionAddress, achievement_document
from insignia.achievements.rules import AchievementContent, class_gaps
from insignia.achievements.selectors import achievement_json, achievement_model, hash_of
from insignia.achievements.services import alignment_set, version_new_draft
from insignia.frameworks.models import FrameworkItem
from insignia.organizations.models import Organization
from tests.examples import examples
from tests.platform.achievements.samples import application_content, make_draft, make_item, make_published
from tests.platform.achievements.strategies import contents
from tests.platform.factories import AT, make_member, make_organization
from tests.shared_data import SHARED

ORIGIN, DID = "https://badges.example.org", "did:web:badges.example.org:issuers:1"
ADDRESS = VersionAddress(ORIGIN, UUID(int=7), 2)
CONTEXTS = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
SCHEMA = "ob_v3p0_achievementcredential_schema.json"


class TestAchievementDocument:
    def test_names_criteria_and_levels_as_fragments_of_its_own_address(self) -> None:
        document = achievement_document(application_content(), address=ADDRESS, alignments=(), creator=DID)
        here = f"{ORIGIN}/achievements/{UUID(int=7)}/v2"
        assert document.id == here
        assert [row.id for row in document.result_description] == [f"{here}#criterion-c1", f"{here}#criterion-c2"]
        first = document.result_description[0]
        assert first.required_level == f"{here}#level-c1l1"
        assert [level.id for level in first.rubric_criterion_level] == [
            f"{here}#level-c1l{step}" for step in range(3)
        ]
        assert first.result_type == "RubricCriterionLevel"
        assert [(row.id, row.version) for row in document.related] == [
            (f"{ORIGIN}/achievements/{UUID(int=7)}/v1", "1")
        ]
        assert document.image is not None
        assert not isinstance(document.image, str)
        assert document.image.id == f"{here}/image.png"
        assert document.creator is not None
        assert document.creator.id == DID

    def test_has_no_predecessor_in_its_first_version_and_no_creator_before_there_is_an_issuer(self) -> None:
        first = VersionAddress(ORIGIN, UUID(int=7), 1)
        document = achievement_document(application_content(), address=first, alignments=(), creator="")
        assert (document.related, document.creator) == ((), None)

    @given(contents(), st.integers(1, 9))
    @examples(60)
    def test_points_only_at_levels_it_has(self, content: AchievementContent, number: int) -> None:
        if class_gaps(content, "recognition"):
            content = application_content()
        address = VersionAddress(ORIGIN, UUID(int=7), number)
        document = achievement_document(content, address=address, alignments=(), creator=DID)
        ids = [document.id, *(row.id for row in document.result_description)]
        ids += [level.id for row in document.result_description for level in row.rubric_criterion_level]
        assert len(set(ids)) == len(ids)
        for row in document.result_description:
            assert row.required_level in {level.id for level in row.rubric_criterion_level}


@pytest.mark.django_db
class TestAchievementJson:
    @pytest.fixture
    def school(self) -> Organization:
        """A school."""
        return make_organization()

    @pytest.fixture
    def author(self, school: Organization) -> Person:
        """A badge author of it."""
        return make_member(school, "author")

    def test_says_each_framework_item_once_and_per_criterion(self, school: Organization, author: Person) -> None:
        version = make_draft(school, author)
        item, local = FrameworkItem.objects.get(), make_item(school, "LOCAL.1")
        FrameworkItem.objects.filter(pk=local.pk).update(uri="urn:uuid:1", abbreviated_statement="Short")
        pairs = [(item.public_id, "o1"), (item.public_id, "o2"), (local.public_id, "")]
        alignment_set(version_id=version.public_id, alignments=pairs, person=author, at=AT)
        document = achievement_model(version, origin=ORIGIN, issuer_id=DID)
        ours = f"{ORIGIN}/frameworks/{local.framework.public_id}/items/{local.public_id}"
        assert [row.target_url for row in document.alignment] == [ours, "https://example.org/items/MP.1"]
        assert [row.target_name for row in document.alignment] == ["Short", "Statement of MP.1"]
        assert {row.target_type for row in document.alignment} == {"CFItem"}
        for row in document.result_description:
            assert [alignment.target_code for alignment in row.alignment] == ["MP.1"]

    def test_stays_the_same_when_the_framework_is_imported_anew(
        self, school: Organization, author: Person
    ) -> None:
        version = make_published(school, author)
        before = achievement_json(version, origin=ORIGIN, issuer_id=DID)
        FrameworkItem.objects.update(full_statement="Other words", uri="https://example.org/moved", human_code="Z")
        assert achievement_json(version, origin=ORIGIN, issuer_id=DID) == before
        assert hash_of(version) == version.content_hash
        draft = version_new_draft(achievement_id=version.achievement.public_id, person=author, at=AT)
        renewed = achievement_model(draft, origin=ORIGIN, issuer_id=DID)
        assert [row.target_name for row in renewed.alignment] == ["Other words"]

    def test_is_what_the_official_schema_asks_of_an_achievement(
        self, school: Organization, author: Person
    ) -> None:
        found = sorted((SHARED / "standards" / "schemas").rglob(SCHEMA)) if SHARED.exists() else []
        if not found:
            pytest.skip("the official Open Badges schemas lie outside the repository and are not on this machine")
        first = make_published(school, author)
        second = version_new_draft(achievement_id=first.achievement.public_id, person=author, at=AT)
        import jsonschema_rs

        schema = json.loads(found[0].read_text())
        validator = jsonschema_rs.validator_for({**schema, "$id": "urn:test"})
        for version in (first, second):
            achievement = achievement_json(version, origin=ORIGIN, issuer_id=DID)
            assert achievement.pop("@context") == CONTEXTS
            credential: dict[str, Any] = {
                "@context": CONTEXTS,
                "id": "urn:uuid:1",
                "type": ["VerifiableCredential", "OpenBadgeCredential"],
                "issuer": {"id": DID, "type": ["Profile"]},
                "validFrom": "2026-05-14T10:00:00Z",
                "name": "x",
                "credentialSubject": {"type": ["AchievementSubject"], "achievement": achievement},
            }
            assert [error.message for error in validator.iter_errors(credential)] == []

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.vc.codec import from_json, serialize, to_json
from insignia.vc.errors import MalformedCredential
from insignia.vc.limits import parse_object
from insignia.vc.model import Credential
from insignia.vc.model.json import Json
from tests.examples import examples
from tests.shared_data import STANDARDS, needs_shared
from tests.vc.strategies import credentials, json_values

EXAMPLES = sorted((STANDARDS / "examples" / "ob_v3p0").glob("*Badge*.json")) + sorted(
    (STANDARDS / "examples" / "ob_v3p0").glob("*lignment*.json")
)


def _graded(number: Json) -> dict[str, Json]:
    achievement: Json = {"id": "urn:a", "type": [], "name": "A", "description": "B", "criteria": {}}
    subject: Json = {"type": ["AchievementSubject"], "achievement": achievement, "creditsEarned": number}
    named: dict[str, Json] = {"@context": [], "id": "urn:c", "type": [], "issuer": "urn:i", "validFrom": ""}
    return {**named, "credentialSubject": subject}


class TestRoundTrip:
    @given(credentials)
    @examples(60)
    def test_gives_back_the_same_value_with_unknown_fields(self, credential: Credential) -> None:
        assert from_json(to_json(credential)) == credential

    @given(credentials)
    @examples(60)
    def test_gives_back_the_same_bytes(self, credential: Credential) -> None:
        written = serialize(to_json(credential))
        assert serialize(to_json(from_json(parse_object(written)))) == written

    @needs_shared
    @pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
    def test_keeps_everything_the_specification_shows(self, path: Path) -> None:
        document = parse_object(path.read_bytes())
        again = to_json(from_json(document))
        assert again.keys() == document.keys()
        assert from_json(again) == from_json(document)


class TestReading:
    @given(credentials, st.data())
    @examples(60)
    def test_reads_or_refuses_whatever_stands_anywhere(self, credential: Credential, data: st.DataObject) -> None:
        document = to_json(credential)
        place: dict[str, Json] = document
        for _step in range(data.draw(st.integers(0, 3))):
            inner = [value for value in place.values() if isinstance(value, dict) and value]
            if not inner:
                break
            place = data.draw(st.sampled_from(inner))
        place[data.draw(st.sampled_from(sorted(place)))] = data.draw(json_values)
        try:
            read = from_json(document)
        except MalformedCredential:
            return
        assert from_json(to_json(read)) == read

    def test_takes_one_value_for_a_set_of_one_and_writes_it_as_a_set(self) -> None:
        achievement: dict[str, Json] = {
            "id": "urn:a",
            "type": "Achievement",
            "name": "A",
            "description": "B",
            "criteria": {},
        }
        document: dict[str, Json] = {
            "@context": "https://www.w3.org/ns/credentials/v2",
            "id": "urn:c",
            "type": ["VerifiableCredential"],
            "issuer": "urn:i",
            "validFrom": "2026-05-14T10:00:00Z",
            "credentialSubject": {"type": "AchievementSubject", "achievement": {**achievement, "tag": "one"}},
        }
        written = to_json(from_json(document))
        assert written["@context"] == ["https://www.w3.org/ns/credentials/v2"]
        subject = written["credentialSubject"]
        assert isinstance(subject, dict)
        assert subject["achievement"] == {**achievement, "type": ["Achievement"], "tag": ["one"]}

    @pytest.mark.parametrize(("number", "written"), [(3, 3), (3.0, 3), (1.5, 1.5), (0, 0)])
    def test_writes_a_whole_number_as_one(self, number: float, written: float) -> None:
        model = from_json(_graded(number))
        assert model.credential_subject.credits_earned == number
        subject = to_json(model)["credentialSubject"]
        assert isinstance(subject, dict)
        assert repr(subject["creditsEarned"]) == repr(written)

    @pytest.mark.parametrize("number", [True, "3", [3], {"@value": 3}, None, 10**400])
    def test_refuses_what_is_no_number(self, number: Json) -> None:
        with pytest.raises(MalformedCredential) as raised:
            from_json(_graded(number))
        assert raised.value.data["pointer"] == "/credentialSubject/creditsEarned"

    @given(json_values)
    @examples(100)
    def test_raises_nothing_but_the_kernels_error(self, value: Json) -> None:
        with pytest.raises(MalformedCredential):  # the issuer is always missing
            from_json({"@context": value, "id": value, "credentialSubject": value})

    def test_names_the_missing_member_and_where(self) -> None:
        document = {"@context": [], "id": "urn:x", "type": [], "issuer": {"type": ["Profile"]}, "validFrom": ""}
        with pytest.raises(MalformedCredential, match="id is missing at /issuer"):
            from_json({**document, "credentialSubject": {}})  # type: ignore[dict-item]  # lists of text are JSON


class TestSerialize:
    def test_writes_unicode_as_it_is_and_no_spaces(self) -> None:
        assert (
            serialize({"name": "Itzel Marroquín", "n": [1, 2]}) == '{"name":"Itzel Marroquín","n":[1,2]}'.encode()
        )

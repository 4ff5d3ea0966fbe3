from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from insignia.vc.codec import from_json, serialize, to_json
from insignia.vc.errors import MalformedCredential
from insignia.vc.limits import parse_object
from insignia.vc.model import Credential
from insignia.vc.model.json import Json
from tests.shared_data import STANDARDS, needs_shared
from tests.vc.strategies import credentials, json_values

EXAMPLES = sorted((STANDARDS / "examples" / "ob_v3p0").glob("*Badge*.json")) + sorted(
    (STANDARDS / "examples" / "ob_v3p0").glob("*lignment*.json")
)


class TestRoundTrip:
    @given(credentials)
    @settings(max_examples=60, deadline=None)
    def test_gives_back_the_same_value_with_unknown_fields(self, credential: Credential) -> None:
        assert from_json(to_json(credential)) == credential

    @given(credentials)
    @settings(max_examples=60, deadline=None)
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
    @given(json_values)
    @settings(max_examples=100)
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

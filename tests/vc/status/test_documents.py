"""The entry in a credential and the list credential: written, read, refused."""

from __future__ import annotations

import copy
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.vc.errors import StatusListMalformed
from insignia.vc.model.json import Json, JsonObject
from insignia.vc.status import StatusEntry, encode, parse_entry, parse_list, status_entry, status_list_credential

URL = "https://badges.example/status/1"
AT = datetime(2026, 5, 14, 10, 0, 0, 123, tzinfo=UTC)


def listed(**changes: str) -> JsonObject:
    arguments = {"id": URL, "issuer": "did:web:a.example", "purpose": "revocation"} | changes
    return status_list_credential(
        encoded_list=encode(bytes(16_384)), valid_from=AT, valid_until=AT, ttl_ms=300_000, **arguments
    )


class TestStatusEntry:
    @given(st.integers(0, 16 * 1024 * 1024 * 8))
    def test_reads_what_it_wrote(self, index: int) -> None:
        entry = status_entry(list_url=URL, index=index, purpose="revocation")
        assert parse_entry(entry) == StatusEntry("revocation", index, URL)

    def test_its_id_is_not_the_lists(self) -> None:
        assert status_entry(list_url=URL, index=7, purpose="revocation")["id"] != URL

    @pytest.mark.parametrize(
        "index", ["abc", "-1", "+1", "", "01", "1.0", "1e3", " 1", "1 ", "٣", "9" * 13, 7, None, True, ["1"]]
    )
    def test_refuses_an_index_that_is_no_decimal_text(self, index: Json) -> None:
        entry = status_entry(list_url=URL, index=7, purpose="revocation") | {"statusListIndex": index}
        with pytest.raises(StatusListMalformed):
            parse_entry(entry)

    @pytest.mark.parametrize(
        "change",
        [
            {"statusSize": 2},
            {"statusListCredential": None},
            {"statusPurpose": ["revocation", "suspension"]},
            {"id": URL},
        ],
    )
    def test_refuses_other_shapes(self, change: JsonObject) -> None:
        with pytest.raises(StatusListMalformed):
            parse_entry(status_entry(list_url=URL, index=7, purpose="revocation") | change)


class TestStatusListCredential:
    def test_reads_what_it_wrote(self) -> None:
        found = parse_list(listed())
        assert found.purposes == {"revocation"}
        assert len(found.bits) == 131_072

    def test_writes_whole_seconds_in_utc(self) -> None:
        assert listed()["validFrom"] == "2026-05-14T10:00:00Z"

    def test_refuses_a_list_shorter_than_the_minimum(self) -> None:
        document = listed()
        subject = copy.deepcopy(document["credentialSubject"])
        assert isinstance(subject, dict)
        subject["encodedList"] = encode(bytes(16_383))
        with pytest.raises(StatusListMalformed):
            parse_list(document | {"credentialSubject": subject})

    @pytest.mark.parametrize(
        "change",
        [
            {"type": ["VerifiableCredential"]},
            {"credentialSubject": None},
            {"credentialSubject": [{}, {}]},
            {"credentialSubject": {"type": "BitstringStatusList"}},
            {"credentialSubject": {"type": "Other", "encodedList": "u"}},
        ],
    )
    def test_refuses_other_documents(self, change: JsonObject) -> None:
        with pytest.raises(StatusListMalformed):
            parse_list(listed() | change)

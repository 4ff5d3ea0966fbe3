"""Nothing a document says may be missing from what its signature covers."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insignia.vc.canon import dropped_terms, rdfc_canonicalize
from insignia.vc.contexts import CREDENTIALS_V2, OB3_CONTEXT, ContextLoader
from insignia.vc.errors import (
    ContextInline,
    ContextUnknown,
    GraphTooLarge,
    RelativeIri,
    TermsDropped,
    TermsUnsigned,
    TooManyContexts,
    VcError,
)
from insignia.vc.limits import DEFAULT_LIMITS
from insignia.vc.model.json import Json
from tests.examples import examples
from tests.vc.strategies import json_values

LOADER = ContextLoader()
BADGE: dict[str, Any] = {
    "@context": [CREDENTIALS_V2, OB3_CONTEXT],
    "id": "https://badges.example.org/awards/1",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": {"id": "did:web:badges.example.org:issuers:1", "type": ["Profile"], "name": "Quillwater High"},
    "validFrom": "2026-05-14T10:00:00Z",
    "credentialSubject": {
        "id": "urn:uuid:0190",
        "type": ["AchievementSubject"],
        "achievement": {
            "id": "https://badges.example.org/achievements/1/v1",
            "type": ["Achievement"],
            "name": "Community Data Inquiry",
            "description": "Plan and carry out an inquiry.",
            "criteria": {"narrative": "Show how sure the numbers are."},
            "tag": ["data", "civic"],
        },
    },
    "evidence": [{"id": "https://badges.example.org/awards/1/evidence/1", "type": ["Evidence"], "name": "Report"}],
}
PLACES = [
    (),
    ("issuer",),
    ("credentialSubject",),
    ("credentialSubject", "achievement"),
    ("credentialSubject", "achievement", "criteria"),
    ("evidence", 0),
]


def badge_with(place: tuple[Any, ...], **members: Any) -> dict[str, Any]:  # noqa: ANN401  - any JSON
    document = copy.deepcopy(BADGE)
    target: Any = document
    for step in place:
        target = target[step]
    target.update(members)
    return document


class TestTerms:
    def test_a_usual_badge_is_covered_whole(self) -> None:
        assert dropped_terms(BADGE, loader=LOADER, limits=DEFAULT_LIMITS) == ()
        canonical = rdfc_canonicalize(BADGE, loader=LOADER)
        for said in ("Community Data Inquiry", "Show how sure", "civic", "Quillwater High", "Report"):
            assert said.encode() in canonical

    @pytest.mark.parametrize("place", PLACES, ids=str)
    @pytest.mark.parametrize("name", ["grade", "honours", "@honours", "x-note", "", " name", "Name"])
    def test_refuses_a_word_no_context_defines_at_any_depth(self, place: tuple[Any, ...], name: str) -> None:
        with pytest.raises(TermsDropped):
            rdfc_canonicalize(badge_with(place, **{name: "A"}), loader=LOADER)

    @pytest.mark.parametrize("place", PLACES, ids=str)
    def test_refuses_null_at_any_depth(self, place: tuple[Any, ...]) -> None:
        with pytest.raises(TermsDropped, match="null"):
            rdfc_canonicalize(badge_with(place, name=None), loader=LOADER)

    @pytest.mark.parametrize("place", PLACES[1:], ids=str)
    @pytest.mark.parametrize("context", [{"grade": "urn:grade"}, {"@vocab": "urn:x#"}, {"name": None}, None, 1])
    def test_refuses_words_defined_in_the_document(self, place: tuple[Any, ...], context: Json) -> None:
        with pytest.raises(ContextInline):
            rdfc_canonicalize(badge_with(place, **{"@context": context}), loader=LOADER)

    def test_refuses_a_context_nobody_knows_without_asking_for_it(self) -> None:
        with pytest.raises(ContextUnknown):
            rdfc_canonicalize(
                badge_with((), **{"@context": [CREDENTIALS_V2, "https://evil.example/c"]}), loader=LOADER
            )

    def test_refuses_one_context_said_a_thousand_times(self) -> None:
        with pytest.raises(TooManyContexts):
            rdfc_canonicalize(badge_with((), **{"@context": [CREDENTIALS_V2, OB3_CONTEXT] * 500}), loader=LOADER)

    def test_refuses_a_document_of_too_many_statements_before_making_any(self) -> None:
        place = ("credentialSubject", "achievement")
        crowd = badge_with(place, tag=[f"t{number}" for number in range(20_001)])
        with pytest.raises(GraphTooLarge, match="things"):
            rdfc_canonicalize(crowd, loader=LOADER)

    def test_takes_time_in_proportion_to_the_values_of_a_set(self) -> None:
        place = ("credentialSubject", "achievement")
        started = time.process_time()
        rdfc_canonicalize(badge_with(place, tag=[f"t{number}" for number in range(15_000)]), loader=LOADER)
        # About 0.3 s; comparing each value with all others takes 40.
        assert time.process_time() - started < 5

    def test_reads_sixty_levels(self) -> None:
        nested: Json = "urn:leaf"
        for _level in range(58):
            nested = {"type": ["Profile"], "parentOrg": nested}
        assert isinstance(nested, dict)
        canonical = rdfc_canonicalize(badge_with((), issuer={**nested, "id": "urn:top"}), loader=LOADER)
        assert canonical.count(b"#parentOrg>") == 58

    def test_refuses_a_crowd_of_contexts(self) -> None:
        crowd = [f"https://words.example/{number}" for number in range(9)]
        with pytest.raises(TooManyContexts):
            rdfc_canonicalize(badge_with((), **{"@context": crowd}), loader=LOADER)

    @pytest.mark.parametrize("iri", ["1", "/awards/1", "awards/1", "//x.example/1", "#f", "?q", "urn", "a b:c"])
    def test_refuses_an_address_that_depends_on_where_the_document_lies(self, iri: str) -> None:
        with pytest.raises(RelativeIri):
            rdfc_canonicalize(badge_with((), id=iri), loader=LOADER)
        with pytest.raises(RelativeIri):
            rdfc_canonicalize(badge_with(("evidence", 0), id=iri), loader=LOADER)

    def test_refuses_a_type_no_context_defines(self) -> None:
        with pytest.raises(TermsUnsigned):
            rdfc_canonicalize(badge_with((), type=["VerifiableCredential", "Diploma"]), loader=LOADER)

    def test_refuses_a_direction_that_would_vanish(self) -> None:
        name = {"@value": "abc", "@language": "ar", "@direction": "rtl"}
        with pytest.raises(TermsDropped, match="@direction"):
            rdfc_canonicalize(badge_with((), name=name), loader=LOADER)

    def test_writes_a_whole_number_one_way_whatever_its_spelling(self) -> None:
        one = rdfc_canonicalize(badge_with(("credentialSubject",), creditsEarned=3), loader=LOADER)
        other = rdfc_canonicalize(badge_with(("credentialSubject",), creditsEarned=3.0), loader=LOADER)
        assert one == other

    @given(place=st.sampled_from(PLACES), name=st.text(max_size=12), value=json_values)
    @examples(150)
    def test_an_added_member_changes_the_graph_or_is_refused(
        self, place: tuple[Any, ...], name: str, value: Json
    ) -> None:
        document = badge_with(place, **{name: value})
        if document == BADGE or value in ([], {}):
            return  # says nothing that was not said
        try:
            canonical = rdfc_canonicalize(document, loader=LOADER)
        except VcError:
            return
        assert canonical != rdfc_canonicalize(BADGE, loader=LOADER)

    @given(json_values)
    @examples(150)
    def test_raises_nothing_but_the_kernels_error(self, value: Json) -> None:
        for member in ("id", "type", "issuer", "credentialSubject", "evidence", "@context", "proof"):
            try:
                rdfc_canonicalize(badge_with((), **{member: value}), loader=LOADER)
            except VcError:
                continue

"""Every mark in a document shows in its canonical form, or the document is refused: whatever its shape."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from insignia.vc.canon import rdfc_canonicalize
from insignia.vc.contexts import CREDENTIALS_V2, OB3_CONTEXT, OB3_EXTENSIONS, ContextLoader
from insignia.vc.errors import TermsUnsigned, VcError
from insignia.vc.model.json import Json
from tests.examples import examples

HOSTILE = "https://words.example/hostile/v1"
WORDS: dict[str, Any] = {
    "@version": 1.1,
    "p": "https://words.example/p#",
    "plain": "p:plain",
    "nothing": None,
    "address": {"@id": "p:address", "@type": "@id"},
    "word": {"@id": "p:word", "@type": "@vocab"},
    "typed": {"@id": "p:typed", "@type": "p:datatype"},
    "double": {"@id": "p:double", "@type": "http://www.w3.org/2001/XMLSchema#double"},
    "json": {"@id": "p:json", "@type": "@json"},
    "list": {"@id": "p:list", "@container": "@list"},
    "set": {"@id": "p:set", "@container": "@set"},
    "indexed": {"@id": "p:indexed", "@container": "@index"},
    "tongues": {"@id": "p:tongues", "@container": "@language"},
    "byId": {"@id": "p:byId", "@container": "@id"},
    "byType": {"@id": "p:byType", "@container": "@type"},
    "graph": {"@id": "p:graph", "@container": "@graph"},
    "graphById": {"@id": "p:graphById", "@container": ["@graph", "@id"]},
    "graphByIndex": {"@id": "p:graphByIndex", "@container": ["@graph", "@index"]},
    "byProperty": {"@id": "p:byProperty", "@container": "@index", "@index": "plain"},
    "back": {"@reverse": "p:forth"},
    "nest": "@nest",
    "scoped": {"@id": "p:scoped", "@context": {"plain": None, "inner": "p:inner"}},
    "Kind": {"@id": "p:Kind", "@context": {"plain": None, "special": "p:special"}},
    "rtl": {"@id": "p:rtl", "@direction": "rtl"},
    "german": {"@id": "p:german", "@language": "de"},
    "id": "@id",
    "type": "@type",
    "value": "@value",
}
LOADER = ContextLoader({HOSTILE: {"@context": WORDS}})
KEYWORDS = """@id @type @value @language @direction @index @list @set @graph @included @reverse @nest @json @none
    @default @vocab @base @version @import @propagate @protected @prefix @requireAll @embed @null @annotation"""
WORDS_OF_HOSTILE = [*[*WORDS][1:] * 4, "p:other", "inner", "special", *KEYWORDS.split()]
WORDS_OF_BADGES = """
    id type name description issuer credentialSubject achievement criteria narrative evidence result proof
    image tag alignment source credentialStatus credentialSchema termsOfUse refreshService relatedResource
    digestSRI mediaType verifiableCredential holder resultDescription allowedValue identifier hashed salt
    endorsement endorsementJwt endorsementComment validFrom creditsEarned confidenceMethod renderMethod url
    address geo latitude encodedList ttl statusListIndex proofPurpose verificationMethod challenge nonce
"""

Shape = list[Any]
"""A document before its marks: ["mark", form], ["object", [(key, shape)]], ["array", [shape]] or a plain value."""

FORMS = [
    "{}",
    "urn:{}",
    "https://x.example/{}",
    "{}-x",
    "@{}",
    "p:{}",
    "plain{}",
    "_{}",
    "{}:",
    "#{}",
    "en-{}",
    " {}",
]
marks = st.sampled_from(FORMS).map(lambda form: ["mark", form])
plain = st.sampled_from(
    [True, False, 0, "", "Kind", "@id", "@json", "en", "ltr", "urn:x", "VerifiableCredential", "_:b"]
)


def shapes(words: list[str]) -> st.SearchStrategy[Shape]:
    names = st.sampled_from(words)
    keys = names | names | names | names | marks

    def grown(inner: st.SearchStrategy[Shape]) -> st.SearchStrategy[Shape]:
        members = st.lists(st.tuples(keys, inner), max_size=4).map(lambda pairs: ["object", pairs])
        return members | st.lists(inner, max_size=3).map(lambda items: ["array", items])

    value = st.recursive(marks | plain, grown, max_leaves=8)
    return st.lists(st.tuples(keys, value), min_size=1, max_size=4).map(lambda pairs: ["object", pairs])


def marked(shape: Any, serial: Iterator[int], found: list[str]) -> Json:  # noqa: ANN401  - a shape is any of four
    """Turn a shape into JSON with a mark of its own in each place, and note the marks."""
    if not isinstance(shape, list):
        plain_value: Json = shape
        return plain_value
    kind, content = shape
    if kind == "mark":
        mark = f"zq{next(serial)}qz"
        found.append(mark)
        return str(content).format(mark)
    if kind == "array":
        return [marked(item, serial, found) for item in content]
    members: dict[str, Json] = {}
    for key, value in content:
        name = key if isinstance(key, str) else str(marked(key, serial, found))
        if name in members:
            continue
        members[name] = marked(value, serial, found)
    return members


def require_covered(document: dict[str, Any], marks_made: list[str]) -> None:
    try:
        canonical = rdfc_canonicalize(document, loader=LOADER).decode()
    except VcError:
        event("refused")
        return
    event(f"accepted with {min(len(marks_made), 3)} marks")
    for mark in marks_made:
        assert mark in canonical, (mark, document, canonical)


class TestCoverage:
    @pytest.mark.parametrize(
        "members",
        [
            {"plain": "a", "nothing": "zq"},
            {"plain": {"@language": "zq"}},
            {"plain": {"@value": "a", "@direction": "ltr"}},
            {"@language": "zq", "plain": "a"},
            {"plain": "a", "@included": [{"@id": "urn:zq"}]},
            {"plain": "a", "@included": [{"@id": "urn:zq", "@included": [{"@id": "urn:y", "plain": "a"}]}]},
            {"id": "urn:x", "plain": "a", "@graph": ["zq"]},
            {"id": "urn:x", "plain": "a", "@graph": [{"@value": "zq"}]},
            {"graph": "urn:zq"},
            {"graph": {"id": "urn:zq"}},
            {"graph": {"@value": "zq"}},
            {"id": "urn:zq"},
            {"id": "urn:zq", "@graph": [{"id": "urn:y", "@graph": [{"id": "urn:z", "plain": "a"}]}]},
            {"indexed": {"zq": "a"}},
            {"graphByIndex": {"zq": {"plain": "a"}}},
            {"byId": {"urn:zq": {"id": "urn:y", "plain": "a"}}},
            {"tongues": {"zq": [], "en": "a"}},
            {"byType": {"zq": []}},
            {"plain": "a", "urn:zq": []},
            {"plain": "a", "@reverse": {"urn:zq": []}},
            {"rtl": "a"},
            {"tongues": {"p": "a"}},
            {"plain": {"@value": "a", "@language": "e n"}},
            {"plain": {"@set": ["a"], "@index": "zq"}},
            {"list": {"@list": ["a"], "@index": "zq"}},
            {"scoped": {"plain": "zq"}},
            {"type": "Kind", "plain": "zq"},
            {"double": "zq", "_:zq": "a"},
        ],
        ids=str,
    )
    def test_refuses_each_known_way_to_lose_a_word(self, members: dict[str, Any]) -> None:
        with pytest.raises(TermsUnsigned):
            rdfc_canonicalize({"@context": HOSTILE, **members}, loader=LOADER)

    @pytest.mark.parametrize(
        ("members", "said"),
        [
            ({"nest": {"plain": "zq"}}, '"zq"'),
            ({"back": {"id": "urn:zq"}}, "<urn:zq> <https://words.example/p#forth> _:c14n0 ."),
            ({"json": {"zq": [1.0, "a"]}}, r'"{\"zq\":[1,\"a\"]}"^^<http'),
            ({"byId": {"urn:zq": {"plain": "a"}}}, "<urn:zq> <https://words.example/p#plain>"),
            ({"byProperty": {"zq": {"id": "urn:y"}}}, '<urn:y> <https://words.example/p#plain> "zq"'),
            ({"tongues": {"EN": "zq"}}, '"zq"@en'),
            ({"graph": {"id": "urn:zq", "plain": "a"}}, '<urn:zq> <https://words.example/p#plain> "a" _:c14n'),
            ({"list": [["zq"], []]}, "#nil>"),
            ({"double": "1.50"}, '"1.50"^^<http://www.w3.org/2001/XMLSchema#double>'),
            ({"double": 15}, '"1.5E1"^^<http://www.w3.org/2001/XMLSchema#double>'),
            ({"typed": True}, '"true"^^<https://words.example/p#datatype>'),
            ({"plain": 0.000015}, '"1.5E-5"^^<http://www.w3.org/2001/XMLSchema#double>'),
            ({"plain": 10**21}, '"1.0E21"^^<http://www.w3.org/2001/XMLSchema#double>'),
            ({"plain": -2.0}, '"-2"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ],
        ids=str,
    )
    def test_writes_the_statement(self, members: dict[str, Any], said: str) -> None:
        assert said in rdfc_canonicalize({"@context": HOSTILE, **members}, loader=LOADER).decode()

    @given(shapes(WORDS_OF_HOSTILE))
    @examples(250)
    def test_holds_under_a_context_with_every_trick(self, shape: Shape) -> None:
        found: list[str] = []
        body = marked(shape, itertools.count(), found)
        assert isinstance(body, dict)
        require_covered({"@context": HOSTILE, **body}, found)

    @given(shapes(f"{WORDS_OF_BADGES * 3} {KEYWORDS}".split()))
    @examples(200)
    def test_holds_under_the_contexts_of_badges(self, shape: Shape) -> None:
        found: list[str] = []
        body = marked(shape, itertools.count(), found)
        assert isinstance(body, dict)
        contexts = [CREDENTIALS_V2, OB3_CONTEXT, OB3_EXTENSIONS]
        base = {"@context": contexts, "type": ["VerifiableCredential", "OpenBadgeCredential"], "name": "x"}
        require_covered({**base, **body}, found)

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

import pytest

from insignia.vc.canon import rdfc_canonicalize
from insignia.vc.contexts import KNOWN_CONTEXTS, OB3_CONTEXT, ContextLoader, older_ob3_context
from insignia.vc.errors import ContextUnknown
from tests.shared_data import shared_json


class TestKnownContexts:
    @pytest.mark.parametrize("url", KNOWN_CONTEXTS)
    def test_lies_in_its_package_with_its_hash(self, url: str) -> None:
        known = KNOWN_CONTEXTS[url]
        spec = find_spec(known.package)
        assert spec is not None
        assert spec.origin is not None
        raw = (Path(spec.origin).parent / known.path).read_bytes()
        assert hashlib.sha256(raw).hexdigest() == known.sha256
        assert "@context" in ContextLoader().body(url)

    @pytest.mark.parametrize(
        "url",
        [
            "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
            "https://www.w3.org/ns/credentials/v2/",
            "http://www.w3.org/ns/credentials/v2",
            "https://evil.example/v2",
        ],
    )
    def test_nothing_else_is_known(self, url: str) -> None:
        assert not ContextLoader().knows(url)
        with pytest.raises(ContextUnknown):
            ContextLoader().body(url)


class TestContextLoader:
    def test_one_callers_extra_body_never_answers_another(self) -> None:
        url = "https://words.example/v1"
        first = ContextLoader({url: {"@context": {"word": "urn:first"}}})
        second = ContextLoader({url: {"@context": {"word": "urn:second"}}})
        document = {"@context": url, "@id": "urn:x", "word": "yes"}
        assert b"urn:first" in rdfc_canonicalize(document, loader=first)  # type: ignore[arg-type]  # text is JSON
        assert b"urn:second" in rdfc_canonicalize(document, loader=second)  # type: ignore[arg-type]  # as above
        assert b"urn:first" in rdfc_canonicalize(document, loader=first)  # type: ignore[arg-type]  # as above

    def test_derives_the_older_open_badges_body(self) -> None:
        path = "standards/contexts/1edtech-mirror-variants/ob-v3p0-context-3.0.3.before-2026-06-29.json"
        assert older_ob3_context() == shared_json(path)
        assert "jti" in str(ContextLoader().body(OB3_CONTEXT)), "deriving must not change the newer one"

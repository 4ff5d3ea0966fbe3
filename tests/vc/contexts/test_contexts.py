from __future__ import annotations

import contextlib
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from insignia.vc import contexts
from insignia.vc.canon import rdfc_canonicalize
from insignia.vc.contexts import (
    CREDENTIALS_V1,
    CREDENTIALS_V2,
    KNOWN_CONTEXTS,
    OB3_CONTEXT,
    ContextLoader,
    older_ob3_context,
)
from insignia.vc.contexts.loader import _body
from insignia.vc.errors import ContextUnknown
from insignia.vc.model.json import JsonObject
from tests.shared_data import STANDARDS, shared_json


def _published() -> Iterator[JsonObject]:
    for path in (STANDARDS / "contexts").rglob("*.json*"):
        with contextlib.suppress(ValueError):  # one published file is not JSON
            yield json.loads(path.read_bytes())


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

    def test_says_what_its_publisher_says(self) -> None:
        published = list(_published())
        if not published:
            pytest.skip("the reference data is not here")
        strangers = [url for url in KNOWN_CONTEXTS if ContextLoader().body(url) not in published]
        assert strangers == []

    def test_the_copied_files_are_all_known_and_named_in_the_notice(self) -> None:
        folder = Path(contexts.__file__).parent / "w3c"
        copied = {path.name for path in folder.glob("*.jsonld")}
        known = {Path(one.path).name for one in KNOWN_CONTEXTS.values() if one.package == contexts.__name__}
        notice = (folder / "NOTICE.md").read_text("utf-8")
        assert copied == known
        assert [name for name in copied if name not in notice] == []

    def test_refuses_a_file_that_is_not_the_one_we_know(self) -> None:
        changed = replace(KNOWN_CONTEXTS[CREDENTIALS_V1], sha256="0" * 64)
        with pytest.raises(ContextUnknown, match="not the one we know"):
            _body(changed)


class TestContextLoader:
    def test_serves_many_threads_at_once(self) -> None:
        document: JsonObject = {"@context": CREDENTIALS_V2, "id": "urn:x", "type": ["VerifiableCredential"]}
        loader = ContextLoader()
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _turn: rdfc_canonicalize(document, loader=loader), range(64)))
        assert len(set(found)) == 1

    def test_reading_contexts_imports_nothing_of_the_package_that_ships_them(self) -> None:
        code = (
            "import sys; from insignia.vc.contexts import ContextLoader, KNOWN_CONTEXTS\n"
            "for url in KNOWN_CONTEXTS: ContextLoader().body(url)\n"
            "print(*(name for name in ('openbadgeslib.ob3', 'pyld.jsonld', 'jwt') if name in sys.modules))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == ""

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

"""Contexts that were worked out before mean the same, and are not kept without end."""

from __future__ import annotations

from itertools import permutations

import pytest

from insignia.vc.canon import expanding, rdfc_canonicalize
from insignia.vc.contexts import CREDENTIALS_V2, KNOWN_CONTEXTS, ContextLoader
from insignia.vc.errors import VcError
from insignia.vc.model.json import Json, JsonObject
from tests.vc.credentials import badge

MORE = [url for url in KNOWN_CONTEXTS if url != CREDENTIALS_V2]


def meaning(document: JsonObject, loader: ContextLoader) -> bytes | str:
    try:
        return rdfc_canonicalize(document, loader=loader)
    except VcError as error:
        return error.code


class TestKeptContexts:
    def test_give_the_same_graphs_as_fresh_ones(self) -> None:
        shared = ContextLoader()
        for pair in list(permutations(MORE[:5], 2)):
            contexts: list[Json] = [CREDENTIALS_V2, *pair]
            document = badge() | {"@context": contexts}
            for _ in range(2):
                assert meaning(document, shared) == meaning(document, ContextLoader())

    def test_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(expanding, "MOST_PROCESSED", 30)
        loader = ContextLoader()
        meaning(badge(), loader)
        for pair in permutations(MORE[:4], 2):
            contexts: list[Json] = [CREDENTIALS_V2, *pair]
            meaning(badge() | {"@context": contexts}, loader)
            assert 0 < len(loader.processed) <= 30

    def test_of_one_loader_are_not_anothers(self) -> None:
        url = "https://x.example/context"
        for word in ("one", "two"):
            body: JsonObject = {"@context": {"grade": f"https://x.example/{word}"}}
            contexts: list[Json] = [CREDENTIALS_V2, url]
            document: JsonObject = {"@context": contexts, "id": "urn:x:a", "grade": "A"}
            assert f"https://x.example/{word}".encode() in rdfc_canonicalize(
                document, loader=ContextLoader({url: body})
            )

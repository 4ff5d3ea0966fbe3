"""The known contexts give no second name to anything that a verdict depends on."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from insignia.vc.contexts import KNOWN_CONTEXTS
from tests.vc.credentials import LOADER

if TYPE_CHECKING:
    from insignia.vc.model.json import Json

# The class and the property of these share one address; none decides a verdict.
HARMLESS = {"Criteria", "GeoCoordinates", "Image"}


def names(context: Json, prefixes: dict[str, str], found: dict[str, set[str]]) -> None:
    """Collect, at any depth of a context, which terms stand for which address."""
    for part in context if isinstance(context, list) else [context]:
        if not isinstance(part, dict):
            continue
        known = prefixes | {
            term: address for term, value in part.items() if (address := target(value)).endswith(("#", "/"))
        }
        for term, value in part.items():
            address = target(value)
            prefix, _, rest = address.partition(":")
            if address and not term.startswith("@"):
                found[known[prefix] + rest if prefix in known else address].add(term)
            if isinstance(value, dict) and "@context" in value:
                names(value["@context"], known, found)


def target(value: Json) -> str:
    address = value.get("@id") if isinstance(value, dict) else value
    return address if isinstance(address, str) else ""


def test_no_known_context_gives_a_second_name_to_a_property() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for url in KNOWN_CONTEXTS:
        names(LOADER.body(url)["@context"], {}, found)
    assert "credentialStatus" in found["https://www.w3.org/2018/credentials#credentialStatus"]
    twice = {
        address: terms
        for address, terms in found.items()
        if len(terms) > 1 and not address.startswith("@") and address.rpartition("#")[2] not in HARMLESS
    }
    assert twice == {}

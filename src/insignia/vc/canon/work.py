"""How much work canonicalizing would be, found out before it is done.

RDFC-1.0 tries every order of blank nodes that look alike, so a small graph can cost hours (a poison graph). Nodes
with a hash of their own cost nothing. For the rest this walks the specification's Hash N-Degree Quads (RDFC-1.0,
4.8), counting steps, and stops at the limit. What it computes besides is thrown away: pyoxigraph canonicalizes.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from itertools import permutations

from pyoxigraph import BlankNode, DefaultGraph, Quad

from insignia.vc.errors import CanonWorkExceeded, GraphTooLarge
from insignia.vc.limits import DEFAULT_LIMITS, Limits


def require_bounded_work(quads: list[Quad], *, limits: Limits) -> None:
    """Refuse a graph whose canonicalization would take more than `limits.canon_steps` steps.

    Raises:
        GraphTooLarge: too many blank nodes.
        CanonWorkExceeded: blank nodes that look alike, in numbers made to be slow.
    """
    hashes = first_degree_hashes(quads, limits=limits)
    if len(set(hashes.values())) < len(hashes):
        walk_labels(quads, limits=limits)


def first_degree_hashes(quads: list[Quad], *, limits: Limits = DEFAULT_LIMITS) -> dict[str, str]:
    """Hash every blank node's own statements (RDFC-1.0, 4.6); gives {name: hex digest}.

    Raises:
        GraphTooLarge: too many blank nodes.
    """
    mentions = _mentions(quads)
    if len(mentions) > limits.blank_nodes:
        raise GraphTooLarge(f"The graph has more than {limits.blank_nodes} nodes without an address.")
    return {name: _first_degree(name, found) for name, found in mentions.items()}


def walk_labels(quads: list[Quad], *, limits: Limits = DEFAULT_LIMITS) -> dict[str, str]:
    """Label every blank node as RDFC-1.0 does, within the step limit; gives {name: canonical name}.

    Raises:
        GraphTooLarge, CanonWorkExceeded: as `require_bounded_work`.
    """
    hashes = first_degree_hashes(quads, limits=limits)
    alike: dict[str, list[str]] = defaultdict(list)
    for name, digest in hashes.items():
        alike[digest].append(name)
    walk = _Walk(_mentions(quads), hashes, limits.canon_steps)
    walk.label_all(alike)
    return walk.canonical.issued


def _mentions(quads: list[Quad]) -> dict[str, list[Quad]]:
    found: dict[str, list[Quad]] = defaultdict(list)
    for quad in dict.fromkeys(quads):  # a graph is a set: said twice is said once
        names = {
            term.value for term in (quad.subject, quad.object, quad.graph_name) if isinstance(term, BlankNode)
        }
        for name in names:
            found[name].append(quad)
    return found


def _first_degree(name: str, quads: list[Quad]) -> str:
    return _sha256("".join(sorted(_line(quad, name) for quad in quads)))


def _line(quad: Quad, name: str) -> str:
    terms = [_masked(term, name) for term in (quad.subject, quad.predicate, quad.object)]
    if not isinstance(quad.graph_name, DefaultGraph):
        terms.append(_masked(quad.graph_name, name))
    return " ".join(terms) + " .\n"


def _masked(term: object, name: str) -> str:
    if isinstance(term, BlankNode):
        return "_:a" if term.value == name else "_:z"
    return str(term)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class _Issuer:
    """Gives labels in order of asking; a copy goes its own way."""

    def __init__(self, prefix: str, issued: dict[str, str] | None = None) -> None:
        self.prefix = prefix
        self.issued = dict(issued or {})

    def issue(self, name: str) -> str:
        return self.issued.setdefault(name, f"{self.prefix}{len(self.issued)}")

    def copy(self) -> _Issuer:
        return _Issuer(self.prefix, self.issued)


class _Walk:
    """One canonicalization, walked with a step counter."""

    def __init__(self, mentions: dict[str, list[Quad]], hashes: dict[str, str], steps: int) -> None:
        self.mentions = mentions
        self.hashes = hashes
        self.left = steps
        self.canonical = _Issuer("c14n")

    def label_all(self, alike: dict[str, list[str]]) -> None:
        for digest in sorted(digest for digest, names in alike.items() if len(names) == 1):
            self.canonical.issue(alike[digest][0])
        for digest in sorted(digest for digest, names in alike.items() if len(names) > 1):
            self._label_group(alike[digest])

    def _label_group(self, names: list[str]) -> None:
        results = []
        for name in names:
            if name not in self.canonical.issued:
                temporary = _Issuer("b")
                temporary.issue(name)
                results.append(self._n_degree(name, temporary, 0))
        for _digest, issuer in sorted(results, key=lambda result: result[0]):
            for name in issuer.issued:
                self.canonical.issue(name)

    def _spend(self, depth: int) -> None:
        self.left -= 1
        if self.left < 0 or depth > 200:
            raise CanonWorkExceeded("Too many nodes of this graph look alike; it would take too long to judge.")

    def _n_degree(self, name: str, issuer: _Issuer, depth: int) -> tuple[str, _Issuer]:
        self._spend(depth)
        data = ""
        related = self._related(name, issuer)
        for digest in sorted(related):
            chosen, chosen_issuer = "", issuer
            for order in permutations(related[digest]):
                path, attempt = self._path(order, issuer.copy(), chosen, depth)
                if not chosen or (path and path < chosen):
                    chosen, chosen_issuer = path, attempt
            data += digest + chosen
            issuer = chosen_issuer
        return _sha256(data), issuer

    def _path(self, order: tuple[str, ...], attempt: _Issuer, chosen: str, depth: int) -> tuple[str, _Issuer]:
        self._spend(depth)
        path, deeper = "", []
        for name in order:
            if name in self.canonical.issued:
                path += f"_:{self.canonical.issued[name]}"
            else:
                if name not in attempt.issued:
                    deeper.append(name)
                path += f"_:{attempt.issue(name)}"
            if chosen and len(path) >= len(chosen) and path > chosen:
                return "", attempt
        for name in deeper:
            digest, found = self._n_degree(name, attempt, depth + 1)
            path += f"_:{attempt.issue(name)}<{digest}>"
            attempt = found
            if chosen and len(path) >= len(chosen) and path > chosen:
                return "", attempt
        return path, attempt

    def _related(self, name: str, issuer: _Issuer) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for quad in self.mentions[name]:
            for position, term in (("s", quad.subject), ("o", quad.object), ("g", quad.graph_name)):
                if isinstance(term, BlankNode) and term.value != name:
                    self._spend(0)
                    found[self._related_hash(term.value, quad, issuer, position)].append(term.value)
        return found

    def _related_hash(self, name: str, quad: Quad, issuer: _Issuer, position: str) -> str:
        predicate = "" if position == "g" else str(quad.predicate)
        label = self.canonical.issued.get(name) or issuer.issued.get(name)
        return _sha256(position + predicate + (f"_:{label}" if label else self.hashes[name]))

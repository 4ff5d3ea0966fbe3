"""From expanded JSON-LD to quads (JSON-LD 1.1 API, 8.2), where everything said becomes a statement or is refused.

The specification's algorithm leaves out in silence what has no place in a graph. This one raises instead, so that
whatever comes out covers whatever went in. It also takes time in proportion to the document: PyLD looks for
duplicates by comparing each value with all others.
"""

from __future__ import annotations

import math
import re
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from insignia.vc.canon.plain import jcs
from insignia.vc.errors import GraphTooLarge, MalformedJson, RelativeIri, TermsDropped
from insignia.vc.limits import Limits

RELATIVE = "relative"
"""The scheme that relative addresses get on expansion, to be known by it afterwards."""

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]*\Z")
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_TYPE, _FIRST, _REST, _NIL = (NamedNode(_RDF + name) for name in ("type", "first", "rest", "nil"))
_JSON, _DOUBLE = _RDF + "JSON", _XSD + "double"
_DEFAULT = DefaultGraph()

Node = NamedNode | BlankNode
Graph = NamedNode | BlankNode | DefaultGraph


def is_absolute(iri: str) -> bool:
    """Say whether text is an absolute address (RFC 3987), and not one that expansion made absolute."""
    return _ABSOLUTE.match(iri) is not None and not iri.startswith(f"{RELATIVE}:")


def quads_of(expanded: list[dict[str, Any]], *, limits: Limits) -> list[Quad]:
    """Write the statements of expanded JSON-LD; one said twice is there twice.

    Raises:
        TermsDropped: something that no statement would carry.
        RelativeIri: an address that depends on where the document lies.
        GraphTooLarge: more statements, or longer ones, than we read.
        MalformedJson: a value that RDF cannot hold.
    """
    writer = _Writer(limits)
    writer.floating(expanded, _DEFAULT)
    return writer.quads


class _Writer:
    """The statements written so far, and the names already made."""

    def __init__(self, limits: Limits) -> None:
        self.quads: list[Quad] = []
        self._most = limits.quads
        self._room = limits.graph_characters
        self._blank: dict[str, BlankNode] = {}
        self._named: dict[str, NamedNode] = {}
        self._graphs: set[Graph] = set()

    def floating(self, nodes: list[Any], graph: Graph) -> None:
        """Write nodes that no statement points at: each must say something itself, or its name would vanish."""
        for node in nodes:
            if not isinstance(node, dict) or "@value" in node or "@list" in node:
                raise _dropped("A value that belongs to nothing is not covered by the signature.", "@graph")
            _name, said = self._node(node, graph)
            if not said and "@id" in node:
                raise _dropped(f"Nothing is said of {str(node['@id'])[:120]}.", str(node["@id"])[:120])

    def _node(self, node: dict[str, Any], graph: Graph) -> tuple[Node, bool]:
        name = self._name(node["@id"]) if "@id" in node else BlankNode()
        before = len(self.quads)
        for kind in node.get("@type", ()):
            self._say(name, _TYPE, self._name(kind), graph)
        for key, members in node.items():
            if not key.startswith("@"):
                self._property(name, key, members, graph)
            elif key == "@reverse":
                self._reversed(name, members, graph)
            elif key not in {"@id", "@type", "@graph", "@included"}:
                raise _dropped(f"{key} is not covered by the signature here.", key)
        said = len(self.quads) > before
        self.floating(node.get("@graph", []), name)
        self.floating(node.get("@included", []), graph)
        return name, said or name in self._graphs

    def _property(self, name: Node, key: str, members: list[Any], graph: Graph) -> None:
        predicate = self._predicate(key)
        for member in members:
            self._say(name, predicate, self._object(member, graph), graph)

    def _reversed(self, name: Node, members: dict[str, list[Any]], graph: Graph) -> None:
        for key, nodes in members.items():
            predicate = self._predicate(key)
            for node in nodes:
                if not isinstance(node, dict) or "@value" in node or "@list" in node:
                    raise MalformedJson("A value cannot be the subject of a statement.")
                subject, _said = self._node(node, graph)
                self._say(subject, predicate, name, graph)

    def _object(self, member: Any, graph: Graph) -> Node | Literal:  # noqa: ANN401  - PyLD puts what it was given
        if not isinstance(member, dict):
            raise MalformedJson("A value has no meaning in JSON-LD.")
        if "@value" in member:
            return self._literal(member)
        if "@list" in member:
            return self._list(member, graph)
        return self._node(member, graph)[0]

    def _list(self, member: dict[str, Any], graph: Graph) -> Node:
        _only(member, {"@list"})
        head: Node = _NIL
        for item in reversed(member["@list"]):
            cell = BlankNode()
            self._say(cell, _FIRST, self._object(item, graph), graph)
            self._say(cell, _REST, head, graph)
            head = cell
        return head

    def _literal(self, member: dict[str, Any]) -> Literal:
        _only(member, {"@value", "@type", "@language"})
        value, datatype, language = member["@value"], member.get("@type"), member.get("@language")
        if language is not None:
            return _tagged(value, language)
        if datatype == "@json":
            return Literal(jcs(value).decode("utf-8"), datatype=self._address(_JSON))
        text, natural = _lexical(value, datatype)
        datatype = datatype or natural
        return Literal(text, datatype=self._address(datatype)) if datatype else Literal(text)

    def _say(self, subject: Node, predicate: NamedNode, value: Node | Literal, graph: Graph) -> None:
        if len(self.quads) >= self._most:
            raise GraphTooLarge(f"The graph has more than {self._most} statements.")
        # one long name in many statements makes a small document a large graph
        self._room -= len(subject.value) + len(predicate.value) + len(value.value)
        if self._room < 0:
            raise GraphTooLarge("What the document says is longer than we judge, long texts counted each time.")
        self.quads.append(Quad(subject, predicate, value, graph))
        if graph is not _DEFAULT:
            self._graphs.add(graph)

    def _predicate(self, key: str) -> NamedNode:
        if key.startswith("_:"):
            raise _dropped(f"The member {key[:60]} has no global meaning.", key[:60])
        return self._address(key)

    def _name(self, iri: Any) -> Node:  # noqa: ANN401  - PyLD puts what it was given
        if isinstance(iri, str) and iri.startswith("_:"):
            return self._blank.setdefault(iri, BlankNode())
        return self._address(iri)

    def _address(self, iri: Any) -> NamedNode:  # noqa: ANN401  - as above
        if not isinstance(iri, str):
            raise _dropped("A word stands where an address belongs, and none fits it.", "@id")
        if iri not in self._named:
            self._named[iri] = _named(iri)
        return self._named[iri]


def _named(iri: str) -> NamedNode:
    refusal = RelativeIri(f"{iri[:120]!r} is not an absolute address.", iri=iri[:120])
    if not is_absolute(iri):
        raise refusal
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise refusal from error


def _tagged(value: Any, language: Any) -> Literal:  # noqa: ANN401  - any expanded JSON-LD
    if not isinstance(value, str) or not isinstance(language, str):
        raise _dropped("A language tag is not text.", "@language")
    try:
        return Literal(_storable(value), language=language)
    except ValueError as error:
        raise _dropped("A language tag is not well-formed.", "@language") from error


def _lexical(value: Any, datatype: str | None) -> tuple[str, str | None]:  # noqa: ANN401  - as above
    """Write a JSON value as RDF text, and say its own datatype (JSON-LD 1.1 API, 8.2.2)."""
    if isinstance(value, str):
        return _storable(value), None
    if isinstance(value, bool):
        return ("true" if value else "false"), _XSD + "boolean"
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise MalformedJson("A value is no text, number, true or false.")
    if abs(value) < 1e21 and value == int(value) and datatype != _DOUBLE:
        return str(int(value)), _XSD + "integer"
    mantissa, _, exponent = f"{value:.15E}".partition("E")
    digits = mantissa.rstrip("0")
    return f"{digits}{'0' if digits.endswith('.') else ''}E{int(exponent)}", _DOUBLE


def _storable(text: str) -> str:
    if _NO_TEXT.search(text):
        raise MalformedJson("A text holds the character U+0000, or half of a surrogate pair.")
    return text


def _only(member: dict[str, Any], allowed: set[str]) -> None:
    for key in member.keys() - allowed:
        raise _dropped(f"{key} is not covered by the signature here.", key)


def _dropped(message: str, term: str) -> TermsDropped:
    return TermsDropped(message, terms=[term])

"""Statements of a graph with holes: N-Quads lines whose changing parts are left open.

A line is a row of tokens: fixed bytes, slots (0, 1, ...) and blank nodes (-1, -2, ...). A label's text carries the
space after it, so that labels compare as their whole lines do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode

from insignia.vc.errors import ShapeUncompilable

if TYPE_CHECKING:
    from pyoxigraph import Quad

    from insignia.vc.model.json import Json

Token: TypeAlias = bytes | int
Line: TypeAlias = tuple[Token, ...]

LABEL = b"_:c14n"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_ADDRESS = re.compile(rb"[^>]*")
_TEXT = re.compile(rb'(?:[^"\\]|\\.)*', re.DOTALL)


def lines_of(quads: Sequence[Quad], markers: Sequence[str]) -> tuple[Line, ...]:
    """Write quads as lines in which each marker is a slot; equal lines are one.

    Raises:
        ShapeUncompilable: a marker stands where another value would change more than its own place.
    """
    blanks: dict[str, int] = {}
    places = {marker: number for number, marker in enumerate(markers)}
    lines = dict.fromkeys(_line(quad, places, blanks) for quad in quads)
    found = {token for line in lines for token in line if isinstance(token, int) and token >= 0}
    if len(found) != len(markers):
        raise ShapeUncompilable("A slot's value is not in the graph by itself.")
    text = b"".join(token for line in lines for token in line if isinstance(token, bytes))
    if any(marker.encode() in text for marker in markers):
        raise ShapeUncompilable("A slot's value is part of another value.")
    return tuple(lines)


def _line(quad: Quad, places: dict[str, int], blanks: dict[str, int]) -> Line:
    subject, predicate, value = quad.subject, quad.predicate, quad.object
    if not isinstance(quad.graph_name, DefaultGraph) or predicate.value in places:
        raise ShapeUncompilable("The document has graphs of their own, or a slot for the name of a member.")
    if predicate.value == RDF_TYPE and isinstance(value, NamedNode) and value.value in places:
        raise ShapeUncompilable("A slot stands for a type.")
    middle = f"{predicate} ".encode()
    return _merged((*_term(subject, places, blanks), middle, *_term(value, places, blanks), b".\n"))


def _term(term: object, places: dict[str, int], blanks: dict[str, int]) -> Iterator[Token]:
    if isinstance(term, BlankNode):
        yield LABEL
        yield -1 - blanks.setdefault(term.value, len(blanks))
    elif isinstance(term, NamedNode | Literal) and term.value in places:
        before, after = str(term).split(term.value, 1)
        yield before.encode()
        yield places[term.value]
        yield after.encode() + b" "
    else:
        yield f"{term} ".encode()


def _merged(tokens: Sequence[Token]) -> Line:
    """Join neighbouring texts into one; never piece by piece, which takes the square of their number."""
    merged: list[Token] = []
    for kind, alike in groupby(tokens, key=type):
        run = list(alike)
        merged += [b"".join(map(bytes, run))] if kind is bytes else run
    return tuple(token for token in merged if token != b"")


def joined(lines: Sequence[Line]) -> Line:
    """Put lines after each other."""
    return _merged([token for line in lines for token in line])


def slots_in(line: Line) -> frozenset[int]:
    """Give the slots of a line."""
    return frozenset(token for token in line if isinstance(token, int) and token >= 0)


def blanks_in(line: Line) -> frozenset[int]:
    """Give the blank nodes of a line, as negative tokens."""
    return frozenset(token for token in line if isinstance(token, int) and token < 0)


def masked(line: Line, own: int) -> Line:
    """Write a line as one blank node's first-degree hash reads it (RDFC-1.0, 4.6.3): `_:a` is itself."""
    tokens: list[Token] = []
    for token in line:
        if isinstance(token, int) and token < 0:
            tokens[-1] = bytes(tokens[-1])[: -len(LABEL)] + (b"_:a " if token == own else b"_:z ")
        else:
            tokens.append(token)
    return _merged(tokens)


def parts_and_places(line: Line) -> tuple[list[bytes], list[int]]:
    """Part a line without blank nodes into its fixed texts, one more than slots, and its slots."""
    parts: list[bytes] = []
    places: list[int] = []
    for token in _merged(line):
        if isinstance(token, int):
            parts += [b""] * (len(parts) == len(places))
            places.append(token)
        else:
            parts.append(token)
    return parts + [b""] * (len(parts) == len(places)), places


def filled(line: Line, slots: Sequence[bytes], label: bytes = b"") -> bytes:
    """Give a line's bytes, each blank node with the same label."""
    return b"".join(token if isinstance(token, bytes) else slots[token] if token >= 0 else label for token in line)


def order_of(first: Line, second: Line) -> tuple[Token, Token, bytes] | None:
    """Say which two texts decide whether `first` comes before `second`; None when it always does.

    Both lines are in this order for some values. The texts are compared with the letter that ends them, which is
    given too. A fixed text is cut there: the same text then is equal, and decides nothing.

    Raises:
        ShapeUncompilable: it is one line, twice.
    """
    place = next((n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), None)
    if place is None:
        raise ShapeUncompilable("Two lines of the graph are one.")
    mine, other, before = first[place], second[place], first[place - 1] if place else b""
    if isinstance(mine, bytes) and isinstance(other, bytes):
        shared = min(len(mine), len(other))
        if mine[:shared] != other[:shared]:
            return None
        before = mine[:shared]
        mine, other = mine[shared:] or first[place + 1], other[shared:] or second[place + 1]
    if _is_label(mine) or _is_label(other):
        return None  # labels are sorted where they are given, and no other term begins as they do
    is_text = isinstance(before, bytes) and before.endswith(b'"')
    return _cut(mine, is_text=is_text), _cut(other, is_text=is_text), b'"' if is_text else b">"


def _is_label(token: Token) -> bool:
    return isinstance(token, int) and token < 0


def _cut(token: Token, *, is_text: bool) -> Token:
    if isinstance(token, int):
        return token
    found = (_TEXT if is_text else _ADDRESS).match(token)
    return found.group() if found else token


def lines_to_json(lines: Sequence[Line]) -> Json:
    """Write lines as JSON: texts and numbers."""
    return [[token.decode() if isinstance(token, bytes) else token for token in line] for line in lines]


def lines_from_json(value: Json) -> tuple[Line, ...]:
    """Read what `lines_to_json` wrote.

    Raises:
        ShapeUncompilable: something else.
    """
    if not isinstance(value, list):
        raise ShapeUncompilable("What was stored holds no lines.")
    return tuple(tuple(_token(token) for token in line) for line in value if isinstance(line, list))


def _token(token: Json) -> Token:
    if isinstance(token, str):
        return token.encode()
    if isinstance(token, int):
        return token
    raise ShapeUncompilable("What was stored holds no lines.")

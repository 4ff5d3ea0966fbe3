"""Hypothesis strategies for what the kernel reads and writes."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from hypothesis import strategies as st

from insignia.vc.codec.shapes import Shape, shapes_of
from insignia.vc.model import Credential
from insignia.vc.model.json import Json

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
names = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)

scalars: st.SearchStrategy[Json] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
)
json_values: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def models(model: type[Any], depth: int = 4) -> st.SearchStrategy[Any]:
    """Make values of a model class, required fields always, optional ones sometimes."""
    shapes = shapes_of(model)
    required = {shape.field: _member(shape, depth) for shape in shapes if shape.required}
    optional = {
        shape.field: _member(shape, depth) for shape in shapes if not shape.required and _fits(shape, depth)
    }
    extra = st.dictionaries(names.map(lambda name: f"x-{name}"), st.integers() | texts, max_size=2)
    return st.fixed_dictionaries(required, optional=optional).flatmap(
        lambda members: extra.map(lambda unknown: model(**members, extra=unknown))
    )


def _fits(shape: Shape, depth: int) -> bool:
    return depth > 0 or shape.node is None


def _member(shape: Shape, depth: int) -> st.SearchStrategy[Any]:
    one = _one(shape, depth)
    least = 1 if shape.required else 0
    return st.lists(one, min_size=least, max_size=2).map(tuple) if shape.many else one


def _one(shape: Shape, depth: int) -> st.SearchStrategy[Any]:
    if shape.node is not None:
        assert is_dataclass(shape.node)
        assert fields(shape.node)
        return models(shape.node, depth - 1)
    if shape.flag:
        return st.booleans()
    return st.floats(0, 1000).map(lambda number: round(number, 2)) if shape.number else texts


credentials: st.SearchStrategy[Credential] = models(Credential)

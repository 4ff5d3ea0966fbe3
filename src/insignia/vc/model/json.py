"""What JSON can hold, as types."""

from __future__ import annotations

from typing import TypeAlias, Union

Json: TypeAlias = Union[dict[str, "Json"], list["Json"], str, int, float, bool, None]  # noqa: UP007  - recursive
JsonObject: TypeAlias = dict[str, Json]

"""What expanding a document would cost, found out before it is done.

JSON-LD expansion takes time in proportion to the values of a document, and to the square of the length of each of
its arrays, since every value is compared with those before it. A text well within the size limits can so cost
minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.errors import GraphTooLarge

if TYPE_CHECKING:
    from insignia.vc.model.json import Json

# about half a second of expansion each; a full badge has some 200 values, an array of 1,000 is a long one
MOST_VALUES = 10_000
MOST_COMPARISONS = 1_000_000


def require_affordable(document: Json) -> None:
    """Refuse a document whose expansion would take too long.

    Raises:
        GraphTooLarge: too many values, or arrays that are too long.
    """
    count = comparisons = 0
    waiting: list[Json] = [document]
    while waiting:
        value = waiting.pop()
        count += 1
        if isinstance(value, list):
            comparisons += len(value) ** 2
            waiting.extend(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
        if count > MOST_VALUES or comparisons > MOST_COMPARISONS:
            raise GraphTooLarge("The document has more values, or longer arrays, than are judged.")

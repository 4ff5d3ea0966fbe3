"""Can the input be read, and is it no more than we judge?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insignia.vc.verify.reading import values
from insignia.vc.verify.results import Check

if TYPE_CHECKING:
    from insignia.vc.limits import Limits
    from insignia.vc.model.json import Json, JsonObject
    from insignia.vc.verify.report import CheckResult

CHECK = Check("readable", "RFC 8259; RFC 7515, 3.1")


def check(document: JsonObject, limits: Limits) -> CheckResult:
    """Count the parts that cost most, before anything costly is done with them."""
    evidence = len(values(document.get("evidence")))
    if evidence > limits.evidence:
        return CHECK.undetermined("too-many-parts", f"The credential names {evidence} pieces of evidence.")
    images = count_images(document)
    if images > limits.images:
        return CHECK.undetermined("too-many-parts", f"The credential names {images} pictures.")
    return CHECK.passed("The input can be read.")


def count_images(value: Json) -> int:
    """Count the pictures at any depth."""
    if isinstance(value, list):
        return sum(count_images(item) for item in value)
    if isinstance(value, dict):
        return len(values(value.get("image"))) + sum(count_images(item) for item in value.values())
    return 0

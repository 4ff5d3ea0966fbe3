"""Fixtures of the API's tests: unused rate limits, and a way to ask several times at the same moment."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from tests.platform.assessment.test_at_once import together

__all__ = ["fresh_counters", "together"]


@pytest.fixture(autouse=True)
def fresh_counters(request: pytest.FixtureRequest) -> None:
    """Start with unused rate limits; they may lie in the database."""
    if request.node.get_closest_marker("django_db"):
        cache.clear()

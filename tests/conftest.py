"""What every test shares: whoever asks for a browser is marked so."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that drive a browser, so that a run can leave them out: `-m "not browser"`."""
    for item in items:
        if "browser_" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)

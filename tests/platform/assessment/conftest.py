from __future__ import annotations

import pytest

from tests.platform.assessment.world import World


@pytest.fixture
def world() -> World:
    return World()

"""Fixtures of the platform's tests: a data directory for each."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings


@pytest.fixture(autouse=True)
def data_directory(tmp_path: Path, settings: LazySettings) -> Path:
    """Give every test its own data directory, and so its own master key, files and marks."""
    directory = tmp_path / "data"
    settings.INSIGNIA_DATA = directory
    return directory


@pytest.fixture
def no_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no document be among those that also take the general path: one in a thousand, and four queries each."""
    monkeypatch.setattr("insignia.issuing.services.reservations.SAMPLED_ONE_IN", 2**128)

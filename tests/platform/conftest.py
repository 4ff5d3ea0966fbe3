"""Fixtures of the platform's tests: a data directory per test run, keys in it, PostgreSQL when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings


@pytest.fixture(autouse=True)
def data_directory(tmp_path: Path, settings: LazySettings) -> Iterator[Path]:
    """Give every test its own data directory, and so its own master key, files and marks."""
    settings.INSIGNIA_DATA = tmp_path / "data"
    yield settings.INSIGNIA_DATA

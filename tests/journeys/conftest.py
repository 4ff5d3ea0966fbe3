"""Journeys run in a browser, against a server with a data directory of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings


@pytest.fixture(autouse=True)
def data_directory(tmp_path: Path, settings: LazySettings) -> Path:
    """Give every journey its own data directory, and so its own master key and files."""
    settings.INSIGNIA_DATA = tmp_path / "data"
    return tmp_path / "data"

"""Static files by the hash of their content."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.functional import empty

from insignia.web.statics import ForgivingManifestStorage, statics_prepare


@pytest.fixture
def storage(settings: LazySettings, tmp_path: Path) -> ForgivingManifestStorage:
    """Give the storage of a real installation, with a root of its own."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "insignia.web.statics.ForgivingManifestStorage"},
    }
    staticfiles_storage._wrapped = empty  # type: ignore[attr-defined]  # Django keeps the first storage it made
    return ForgivingManifestStorage(location=str(tmp_path), base_url="/static/")


class TestStatics:
    """Before and after collection."""

    def test_keep_their_plain_name_before(self, storage: ForgivingManifestStorage) -> None:
        """A page never breaks because collection was forgotten."""
        assert storage.url("insignia/tokens.css") == "/static/insignia/tokens.css"

    def test_carry_their_hash_after(self, storage: ForgivingManifestStorage, tmp_path: Path) -> None:
        """So do the fonts that a sheet names."""
        statics_prepare()
        fresh = ForgivingManifestStorage(location=str(tmp_path), base_url="/static/")
        address = fresh.url("insignia/base.css")
        assert re.fullmatch(r"/static/insignia/base\.[0-9a-f]{12}\.css", address)
        sheet = (tmp_path / address.removeprefix("/static/")).read_text()
        named = re.findall(r'url\("(fonts/[^"]+)"\)', sheet)
        assert named
        assert all((tmp_path / "insignia" / name).exists() for name in named)
        staticfiles_storage._wrapped = empty  # type: ignore[attr-defined]  # as above

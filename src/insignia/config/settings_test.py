"""Settings of the tests: a data directory of their own, jobs run where they are woken."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ["INSIGNIA_DATA"] = os.environ.get("INSIGNIA_TEST_DATA") or tempfile.mkdtemp(prefix="insignia-test-")
os.environ["INSIGNIA_DATABASE_URL"] = os.environ.get("INSIGNIA_TEST_DATABASE_URL", "")
os.environ.setdefault("INSIGNIA_ORIGIN", "https://badges.example.org")
os.environ.pop("INSIGNIA_DEMO", None)

from insignia.config.settings import *  # noqa: F403  - the environment has to be set first
from insignia.config.settings import DATABASES, INSIGNIA_DATA  # named, to be used here

# A file, not SQLite's shared memory: there, two requests at once lock each other's tables, which no real
# installation does. In memory all the same where the machine has a place for that.
_MEMORY = Path("/dev/shm")  # noqa: S108  - a folder of files that live in memory; names in it carry our process id
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    _folder = _MEMORY if os.access(_MEMORY, os.W_OK) else INSIGNIA_DATA
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / f"insignia-test-{os.getpid()}.sqlite3")}

SECURE_SSL_REDIRECT = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
INSIGNIA_MAIL = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

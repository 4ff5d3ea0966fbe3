"""Settings of the tests: a data directory of their own, jobs run where they are woken."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

os.environ["INSIGNIA_DATA"] = tempfile.mkdtemp(prefix="insignia-test-")
os.environ["INSIGNIA_DATABASE_URL"] = os.environ.get("INSIGNIA_TEST_DATABASE_URL", "")
os.environ.setdefault("INSIGNIA_ORIGIN", "https://badges.example.org")
os.environ.pop("INSIGNIA_DEMO", None)
os.environ["INSIGNIA_TASKS"] = "none"  # tests of the engines choose one

from insignia.config.settings import *  # noqa: F403  - the environment has to be set first
from insignia.config.settings import DATABASES, INSIGNIA_DATA


def _remove(made_by: int) -> None:
    if os.getpid() == made_by:  # and not a process that a test forked
        shutil.rmtree(INSIGNIA_DATA, ignore_errors=True)


atexit.register(_remove, os.getpid())

# A file, as installations have it: in SQLite's shared memory two requests at once lock each other's tables, and no
# timeout waits for that lock. Nothing of it has to survive the machine.
if not os.environ["INSIGNIA_DATABASE_URL"]:
    DATABASES["default"]["TEST"] = {"NAME": str(INSIGNIA_DATA / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"

SECURE_SSL_REDIRECT = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
INSIGNIA_MAIL = True
WHITENOISE_AUTOREFRESH = True  # look a file up when it is asked for, not all of them for every client of a test
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

"""Settings. Everything has a default that works on one machine; the environment changes what it must.

INSIGNIA_DATA           where the database, keys and files lie (default: ./var)
INSIGNIA_ORIGIN         the public address, such as https://badges.example.org
INSIGNIA_DATABASE_URL   postgresql://... (default: SQLite in INSIGNIA_DATA)
INSIGNIA_SMTP_URL       smtp://user:password@host:587 or smtps://...:465 (default: mails are printed)
INSIGNIA_MAIL_FROM      the sender of mails
INSIGNIA_MAIL_PER_MINUTE  how many mails all workers together send in a minute (default: 0, no limit);
                          a tenth is kept for codes to sign in and invitations
INSIGNIA_SIGNER         who holds the keys and signs: in-process (default), processes, socket:/PATH, pkcs11:...
INSIGNIA_TASKS          database, inline, celery+redis://... or celery+amqp://... (config/engines.py)
INSIGNIA_DEMO           1 only in the demo's own data directory
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from insignia.config.database import database_settings, use_bundled_sqlite

use_bundled_sqlite()

from insignia.config.engines import engine_chosen  # noqa: E402  - sqlite3 has to be in place first
from insignia.config.jobs import JOBS, LANES, LATE_VALUES, TOGETHER  # noqa: E402  - as above
from insignia.config.mail import mail_settings  # noqa: E402  - as above
from insignia.config.secrets import secret_key  # noqa: E402  - as above
from insignia.config.settings_web import *  # noqa: E402, F403  - the shell's settings lie beside

INSIGNIA_DATA = Path(os.environ.get("INSIGNIA_DATA", "var")).resolve()
INSIGNIA_ORIGIN = os.environ.get("INSIGNIA_ORIGIN", "http://localhost:8000").rstrip("/")
INSIGNIA_DEMO = os.environ.get("INSIGNIA_DEMO") == "1"
INSIGNIA_SIGNER = os.environ.get("INSIGNIA_SIGNER", "in-process")
INSIGNIA_JOBS = JOBS
INSIGNIA_JOBS_TOGETHER = TOGETHER
INSIGNIA_LANES = LANES
INSIGNIA_LATE_VALUES = LATE_VALUES
# "worker": the engine hints at woken jobs. "inline": they run where they are woken (commands, tests).
_engine = engine_chosen(os.environ.get("INSIGNIA_TASKS", "database"))
TASKS = _engine.tasks
INSIGNIA_BROKER = _engine.broker
INSIGNIA_SWEEP_SECONDS = 2.0  # how often every job runs without a hint
INSIGNIA_WAKE = "inline" if _engine.name == "inline" else os.environ.get("INSIGNIA_WAKE", "inline")
INSIGNIA_EVIDENCE_FILE_BYTES = 200 * 2**20
INSIGNIA_API_PER_MINUTE = int(os.environ.get("INSIGNIA_API_PER_MINUTE", "600"))

SECRET_KEY = secret_key(INSIGNIA_DATA)
DEBUG = os.environ.get("INSIGNIA_DEBUG") == "1"
_host = urlsplit(INSIGNIA_ORIGIN).hostname or "localhost"
ALLOWED_HOSTS = [_host, "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [INSIGNIA_ORIGIN]
SECURE_COOKIES = INSIGNIA_ORIGIN.startswith("https://") and not INSIGNIA_DEMO
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES

INSTALLED_APPS = [
    "insignia.foundation",
    "insignia.audit",
    "insignia.outbox",
    "insignia.accounts",
    "insignia.organizations",
    "insignia.frameworks",
    "insignia.issuing",
    "insignia.achievements",
    "insignia.assessment",
    "insignia.awards",
    "insignia.runs",
    "insignia.web",
    "insignia.api",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "csp",
]

DATABASES = {"default": database_settings(os.environ.get("INSIGNIA_DATABASE_URL", ""), INSIGNIA_DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.Person"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # addresses are unique without regard to case: person_email_once
ROOT_URLCONF = "insignia.config.urls"
WSGI_APPLICATION = "insignia.config.wsgi.application"

USE_TZ = True
TIME_ZONE = "UTC"

INSIGNIA_MAIL = bool(os.environ.get("INSIGNIA_SMTP_URL"))
locals().update(mail_settings(os.environ.get("INSIGNIA_SMTP_URL", "")))
DEFAULT_FROM_EMAIL = os.environ.get("INSIGNIA_MAIL_FROM", f"Insignia <insignia@{_host}>")
INSIGNIA_MAIL_DOMAIN = _host
INSIGNIA_MAIL_PER_MINUTE = int(os.environ.get("INSIGNIA_MAIL_PER_MINUTE", "0"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("INSIGNIA_LOG", "WARNING")},
}

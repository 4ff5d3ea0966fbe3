"""The WSGI application that servers load."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "insignia.config.settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402  - the settings have to be named first

application = get_wsgi_application()

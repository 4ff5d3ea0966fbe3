from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from tests.platform.outbox.sink import Sink


@pytest.fixture
def sink(settings: LazySettings) -> Iterator[Sink]:
    """Start a mail server, and let mails go there."""
    started = Sink()
    started.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", started.port
    yield started
    started.stop()

"""The application of `insignia run`: the web, and beside it one thread for the background jobs."""

from __future__ import annotations

from insignia.config.orphans import end_with_server
from insignia.config.worker import Worker
from insignia.config.wsgi import application

end_with_server()
Worker().start_thread()

__all__ = ["application"]

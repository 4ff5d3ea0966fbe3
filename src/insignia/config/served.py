"""The application of `insignia run`: the web, and beside it the background worker's threads."""

from __future__ import annotations

import atexit

from insignia.config.orphans import end_with_server
from insignia.config.worker import Worker
from insignia.config.wsgi import application

END_SECONDS = 20
"""How long a server that is asked to end waits for the jobs it is at."""

end_with_server()
worker = Worker()
worker.start()
atexit.register(worker.end, END_SECONDS)

__all__ = ["application"]

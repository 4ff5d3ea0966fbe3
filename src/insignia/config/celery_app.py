"""The Celery application, for installations that set INSIGNIA_TASKS=celery+...; `insignia worker` starts it."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "insignia.config.settings")
os.environ["INSIGNIA_WAKE"] = "worker"

from celery import Celery
from django.conf import settings

TASK = "insignia.job"
STALE_SECONDS = 60
PATIENCE_SECONDS = 2
"""How long a page waits for a broker that does not answer; workers look into the rows anyway."""

app = Celery("insignia", broker=settings.INSIGNIA_BROKER, set_as_current=False)
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    task_publish_retry=False,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_timeout=PATIENCE_SECONDS,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "socket_connect_timeout": PATIENCE_SECONDS,
        "socket_timeout": 10 * PATIENCE_SECONDS,
        "max_retries": 1,
    },
)


@app.task(name=TASK)  # type: ignore[untyped-decorator]  # Celery ships no types
def run_job(name: str) -> str:
    """Run one job that was hinted at."""
    from insignia.foundation.tasks import job_hint  # Django is set up by Celery only after this module is loaded

    return str(job_hint.call(name))

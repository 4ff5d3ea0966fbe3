"""Two steps on connections of their own, the second begun while the first is not committed yet."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

from django.db import connection, transaction

Step = Callable[[], Any]
PAUSE = 0.5
"""Long enough for the second step to come as far as it gets before the first one commits."""


def meanwhile(first: Step, second: Step) -> tuple[Any, Any]:
    """Give what each step gives or raises."""
    results: dict[str, Any] = {}
    done = Event()

    def slowly() -> Any:  # noqa: ANN401  - whatever the step gives
        with transaction.atomic():
            result = first()
            done.set()
            time.sleep(PAUSE)
        return result

    def after() -> Any:  # noqa: ANN401  - whatever the step gives
        done.wait(20)
        return second()

    def kept(name: str, step: Step) -> None:
        try:
            results[name] = step()
        except Exception as error:  # noqa: BLE001  - the error is the result
            results[name] = error
        finally:
            done.set()
            connection.close()

    threads = [Thread(target=kept, args=pair) for pair in (("first", slowly), ("second", after))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results["first"], results["second"]

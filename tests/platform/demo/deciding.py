"""A process of its own that judges works in a demo's data directory and leaves their awards to the server.

Prints the decisions' ids, one on a line.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

from insignia.cli.platform import start_platform

WORKS = (
    ("noor", "community-organizing"),
    ("tobias", "scientific-communication"),
    ("mai", "community-organizing"),
    ("tobias", "data-visualization-python"),
    ("noor", "peer-mediation"),
    ("itzel", "public-budgeting"),
)


def main(count: int) -> None:
    """Judge `count` works as met; nobody makes the awards here."""
    os.environ["INSIGNIA_WAKE"] = "worker"
    start_platform()
    from insignia.accounts.selectors import person_by_email
    from insignia.achievements.selectors import catalogue_list
    from insignia.demo.cast import PLAYERS
    from insignia.demo.scenes import hand_in, judge
    from insignia.demo.stage import Stage

    at = datetime.now(UTC)
    stage = Stage(at)
    for player in PLAYERS:
        person = person_by_email(player.email)
        if person is not None:
            stage.people[player.key] = person
    stage.versions = {version.achievement.slug: version for version in catalogue_list().versions}
    for learner, slug in WORKS[:count]:
        decision = judge(stage, hand_in(stage, learner, slug, at=at), "met", at=at)
        sys.stdout.write(f"{decision.public_id}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""Make the database, found the schools of the demo, publish the badge that is given to many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from benchmarks.inside.step import begin, end

BADGE, SCHOOL = "workplace-safety", "quillwater-college"


def main() -> None:
    """Found an installation; with `story`, play the demo's main job too, which ends with a public award."""
    arguments = begin()
    from insignia.config.commands.serve import prepare_database
    from insignia.demo.badges import sheets
    from insignia.demo.main_job import flagship_award, main_job
    from insignia.demo.stage import badge_publish, framework_bring, stage_found
    from insignia.issuing.services import lists_republish

    prepare_database(quiet=True)
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    stage = stage_found(at)
    framework_bring(stage, SCHOOL, at=at)
    badge_publish(stage, sheets()[BADGE], at=at)
    path = ""
    if arguments["story"]:
        list(main_job(stage, at=at))
        path = f"/awards/{flagship_award(stage).public_id}"
    lists_republish(datetime.now(UTC))
    end({"path": path})


if __name__ == "__main__":
    main()

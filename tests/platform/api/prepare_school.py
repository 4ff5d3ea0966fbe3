"""Make a school with a badge and a program's token in a data directory; print what the program needs."""

from __future__ import annotations

import json
import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "insignia.config.settings"
import django

if __name__ == "__main__":
    django.setup()
    from insignia.config.commands.serve import prepare_database
    from tests.platform.api.programs import make_awarding_world, make_program

    prepare_database(quiet=True)
    program = make_program(make_awarding_world())
    needed = {"secret": program.secret, "badge": str(program.world.version.public_id)}
    sys.stdout.write(json.dumps(needed))

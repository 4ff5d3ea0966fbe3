"""`python -m insignia.cli` is the `insignia` command."""

from __future__ import annotations

from insignia.cli.main import main

main()

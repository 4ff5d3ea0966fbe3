"""Writing runs: making them from tables, looking at their rows, starting and steering them, carrying them on."""

from insignia.runs.services.checking import run_check, run_override
from insignia.runs.services.control import run_cancel, run_pause, run_resume, run_start, run_undo
from insignia.runs.services.converge import run_converge
from insignia.runs.services.creating import run_create, run_from_group, run_map

__all__ = [
    "run_cancel",
    "run_check",
    "run_converge",
    "run_create",
    "run_from_group",
    "run_map",
    "run_override",
    "run_pause",
    "run_resume",
    "run_start",
    "run_undo",
]

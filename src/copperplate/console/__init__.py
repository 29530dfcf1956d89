"""The only package that prints: results on standard output, progress and errors on standard error.

`tables` is asked for by name: what it draws with takes longer to import than most verbs take.
"""

from copperplate.console.messages import abort, again, cancelled, doctor, error, new, status, update, warn_of_folder
from copperplate.console.output import LiveProgress, as_json, files, is_terminal, raw, report, shows_colour

__all__ = [
    "LiveProgress",
    "abort",
    "again",
    "as_json",
    "cancelled",
    "doctor",
    "error",
    "files",
    "is_terminal",
    "new",
    "raw",
    "report",
    "shows_colour",
    "status",
    "update",
    "warn_of_folder",
]

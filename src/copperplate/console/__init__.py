"""The only package that prints: results on standard output, progress and errors on standard error.

`tables` is asked for by name: what it draws with takes longer to import than most verbs take.
"""

from copperplate.console.documents import as_json, files, raw, report
from copperplate.console.lines import is_terminal, shows_colour
from copperplate.console.live import LiveProgress
from copperplate.console.telling import abort, again, cancelled, doctor, error, new, status, update, warn_of_folder

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

"""Console, the only package that prints: results on standard output, progress and errors on standard error.

The library that draws tables is imported only on use, because its import takes longer than most verbs.
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

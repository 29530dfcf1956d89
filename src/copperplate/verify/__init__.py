"""Verification of a rendered project by its own tools, on real servers. Knows nothing of the command line."""

from copperplate.verify.levels import CONTRACT, LEVELS, PARSE, Level
from copperplate.verify.results import CheckFailed, LevelResult, Status, VerifyResult
from copperplate.verify.runner import run_levels
from copperplate.verify.target import Target

__all__ = [
    "CONTRACT",
    "LEVELS",
    "PARSE",
    "CheckFailed",
    "Level",
    "LevelResult",
    "Status",
    "Target",
    "VerifyResult",
    "run_levels",
]

"""Verification of a rendered project by its own tools, on real servers. Independent of the command line."""

from copperplate.verify.levels import LEVELS, Level, run_levels
from copperplate.verify.results import CheckFailed, LevelResult, Status, Target, VerifyResult

__all__ = ["LEVELS", "CheckFailed", "Level", "LevelResult", "Status", "Target", "VerifyResult", "run_levels"]

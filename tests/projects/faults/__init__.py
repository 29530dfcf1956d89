"""Faults for a project, each with the level that must be the first to find it."""

from tests.projects.faults.at_rest import AT_REST
from tests.projects.faults.edits import NothingChangedError, applied
from tests.projects.faults.fault import Fault
from tests.projects.faults.in_store import IN_STORE
from tests.projects.faults.in_tests import COVERED, IN_TESTS
from tests.projects.faults.in_use import IN_USE

FAULTS = (*AT_REST, *IN_STORE, *IN_TESTS, *IN_USE)

__all__ = ["COVERED", "FAULTS", "Fault", "NothingChangedError", "applied"]

"""The slots of the matrix, for tests that render projects of their own."""

from scripts.matrix.slots import Slot, taken

__all__ = ["Slot", "taken"]

"""Library of the tests and of `scripts/`. It is importable from the checkout, and no part of the installed package."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The checkout."""

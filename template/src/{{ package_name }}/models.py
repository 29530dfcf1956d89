"""Metadata of all models. Importing this module imports every model, and no router.

A feature has its models in its `models.py`, or in modules that its `models.py` imports.
"""

from importlib import import_module
from pathlib import Path

from .idempotency import IdempotencyKey

__all__ = ["metadata"]

PACKAGE = Path(__file__).parent

for file in sorted(PACKAGE.glob("*/**/models.py")):
    import_module(f".{'.'.join(file.relative_to(PACKAGE).with_suffix('').parts)}", __package__)

metadata = IdempotencyKey.metadata  # that of all models; `IdempotencyKey` belongs to no feature

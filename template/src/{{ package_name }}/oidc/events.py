"""Events of the audit log that concern login with a provider: see `auth/audit.py`."""

from enum import StrEnum


class Event(StrEnum):
    LINKED = "login with a provider linked"
    FAILED = "login with a provider failed"

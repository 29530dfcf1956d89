"""Events of the audit log that concern API keys: see `auth/audit.py`."""

from enum import StrEnum


class Event(StrEnum):
    CREATED = "API key created"
    REVOKED = "API key revoked"
    REFUSED = "API key refused"

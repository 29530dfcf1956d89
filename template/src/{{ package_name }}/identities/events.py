"""Events of the audit log that concern users of another provider: see `auth/audit.py`."""

from enum import StrEnum


class Event(StrEnum):
    PROVISIONED = "account created for an identity"
    LINKED = "account linked with an identity"
    TOKEN_REFUSED = "access token refused"  # noqa: S105 - an event

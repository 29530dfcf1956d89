"""Events of the audit log that concern organisations: see `auth/audit.py`."""

from enum import StrEnum


class Event(StrEnum):
    CREATED = "organisation created"
    DELETED = "organisation deleted"
    INVITED = "member invited"
    REVOKED = "invitation revoked"
    JOINED = "member joined"
    ROLE_CHANGED = "role in organisation changed"
    REMOVED = "member removed"

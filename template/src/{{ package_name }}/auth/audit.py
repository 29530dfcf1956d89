"""Audit log: events about the security of accounts, one line each, marked with `audit` (ASVS 5.0, 16.3).

A line names a user by the id, and an address that was typed by its digest. It never holds a password, a token, a cookie
or an e-mail address. The log line of the request has the same `request_id`.
"""

import uuid
from enum import StrEnum

import structlog

log = structlog.get_logger()


class Event(StrEnum):
    LOGGED_IN = "logged in"
    LOGIN_FAILED = "login failed"
    LOGGED_OUT = "logged out"
    REAUTHENTICATED = "reauthenticated"
    LOGINS_ENDED = "logins ended"
    REGISTERED = "registered"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - an event
    PASSWORD_RESET = "password reset"  # noqa: S105
    EMAIL_CHANGED = "e-mail address changed"
    ROLE_CHANGED = "role changed"
    DISABLED = "account disabled"
    ENABLED = "account enabled"
    DELETED = "account deleted"
    REFUSED = "permission refused"


def record(event: StrEnum, user_id: uuid.UUID | None = None, **facts: str) -> None:
    log.info(event, audit=True, **({"user": str(user_id)} if user_id else {}), **facts)

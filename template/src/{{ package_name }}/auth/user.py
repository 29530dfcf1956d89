"""The user of a request, as far as its login tells: without a look into the database."""

import time
import uuid
from dataclasses import dataclass, field
from functools import lru_cache

from ..principal import Principal
from .permissions import PERMISSIONS, Role


@dataclass(frozen=True)
class AuthenticatedUser(Principal):
    user_id: uuid.UUID = field(kw_only=True)
    role: Role = field(kw_only=True)
    login: str = field(kw_only=True)
    """Names this login, to list and to end it. Nobody can log in with it."""

    authenticated_at: int = field(kw_only=True)
    """When this user last proved who it is, as by a password, in seconds since 1970."""

    @property
    def age(self) -> float:
        """Seconds since then."""
        return time.time() - self.authenticated_at


@lru_cache(maxsize=1024)
def authenticated_user(user_id: uuid.UUID, role: Role, login: str, authenticated_at: int) -> AuthenticatedUser:
    """Made once for each login, and not for each of its requests."""
    return AuthenticatedUser(
        "user",
        str(user_id),
        PERMISSIONS[role],
        user_id,
        user_id=user_id,
        role=role,
        login=login,
        authenticated_at=authenticated_at,
    )

"""User of a request, with the data of the login only: the database is not read."""

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
    """Name of this login, to list and to end it. Nobody can log in with it."""

    authenticated_at: int = field(kw_only=True)
    """Time of the last authentication, for example with a password, in seconds since 1970."""

    @property
    def age(self) -> float:
        """Age of the authentication in seconds."""
        return time.time() - self.authenticated_at


@lru_cache(maxsize=1024)
def authenticated_user(user_id: uuid.UUID, role: Role, login: str, authenticated_at: int) -> AuthenticatedUser:
    """Return the user, made once for each login and not for each of its requests."""
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

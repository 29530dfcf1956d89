"""Guards: the dependency of every route that is not public, and dependencies for routes with further conditions.

A route that needs a permission has `dependencies=[require(Permission.MANAGE_USERS)]`. One that works with the user's
own account has a parameter `user: CurrentUser`, or `user: RecentUser` if the login must be recent.
"""

from typing import Annotated, Any

from fastapi import Depends
from fastapi.openapi.models import SecurityBase as SecurityModel
from fastapi.requests import HTTPConnection
from fastapi.security.base import SecurityBase

from ..openapi import GUARD, USER_GUARD
from ..principal import Principal, get_principal
from ..resources import resources_of
from . import audit
from .errors import PermissionMissing, ReauthenticationRequired, Unauthenticated
from .permissions import Permission
from .settings import AuthSettings
from .user import AuthenticatedUser


class Guard(SecurityBase):
    """Guard that accepts a known principal that has the permission."""

    def __init__(self, permission: Permission | None = None) -> None:
        self.model = SecurityModel(type="http")
        self.scheme_name = GUARD
        self._permission = permission

    async def __call__(self, connection: HTTPConnection) -> Principal:
        principal = await get_principal(connection)
        if principal.is_anonymous:
            raise Unauthenticated
        if self._permission and self._permission not in principal.scopes:
            audit.record(audit.Event.REFUSED, principal=str(principal), permission=self._permission)
            raise PermissionMissing(f"This takes the permission {self._permission}.")
        return principal


class UserGuard(SecurityBase):
    """Guard that accepts users, and no other kind of principal, such as a service."""

    def __init__(self, *, recent: bool = False) -> None:
        """`recent`: only a user who has lately authenticated, for example with the password (ASVS 5.0, 7.5.1)."""
        self.model = SecurityModel(type="http")
        self.scheme_name = USER_GUARD
        self._recent = recent

    async def __call__(self, connection: HTTPConnection) -> AuthenticatedUser:
        principal = await get_principal(connection)
        if principal.is_anonymous:
            raise Unauthenticated
        if not isinstance(principal, AuthenticatedUser):
            raise PermissionMissing("Only a user may do this.")
        if self._recent and principal.age > (recent := resources_of(connection).settings[AuthSettings].recent):
            raise ReauthenticationRequired(recent)
        return principal


def require(permission: Permission) -> Any:  # noqa: ANN401 - what FastAPI takes as a dependency has no public type
    return Depends(Guard(permission))


guard = Guard()

CurrentUser = Annotated[AuthenticatedUser, Depends(UserGuard())]
RecentUser = Annotated[AuthenticatedUser, Depends(UserGuard(recent=True))]

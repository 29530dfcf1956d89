"""Method: how a client stays logged in. A project has one, in a folder of its own, and nothing else knows which."""

import uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Request, Response
from fastapi.requests import HTTPConnection

from ..resources import Resources, resource
from .credential import Credential
from .login import Login
from .permissions import Role
from .user import AuthenticatedUser

__all__ = ["Account", "Credential", "Login", "Logins", "Method", "Transport", "method_of"]

type Transport = Literal["cookie", "bearer"]


@dataclass(frozen=True)
class Account:
    """Who logs in."""

    user_id: uuid.UUID
    role: Role
    authenticated_at: int | None = None
    """When it was proven who that is, in seconds since 1970; None: just now."""


class Method(ABC):
    @abstractmethod
    async def identify(self, connection: HTTPConnection) -> AuthenticatedUser | None:
        """Who sends this; `None` if it has no valid credential.

        Raises `CrossOrigin` if a page of another origin may have sent it, and `Unavailable` if nobody can know.
        """

    @abstractmethod
    async def issue(self, request: Request, response: Response, account: Account, transport: Transport) -> Credential:
        """Begin a login, and end the one that the client has until now (ASVS 5.0, 7.2.4).

        In a transaction that has locked the user: so none begins with a role that was just taken away.
        """

    @abstractmethod
    async def begin(
        self, account: Account, *, authenticated_at: int | None = None, address: str = "", agent: str = ""
    ) -> tuple[str, datetime]:
        """Begin a login outside of any request: its bearer token, and when that ends."""

    @abstractmethod
    async def list_logins(self, user_id: uuid.UUID) -> dict[str, Login]:
        """The logins of a user by name, the newest first."""

    @abstractmethod
    async def revoke(self, user_id: uuid.UUID, *, only: str | None = None, but: str | None = None) -> None:
        """End the logins of a user: all, or only the one of this name, or all but that one.

        In a transaction that has locked the user, before it commits: a crash between ends too many logins, not too few.
        """

    @abstractmethod
    def forget(self, response: Response) -> None:
        """Take away what a browser keeps."""


def method_of(resources: Resources) -> Method:
    return resources[Method]  # type: ignore[type-abstract] # the one that is derived from it


Logins = Annotated[Method, Depends(resource(Method))]

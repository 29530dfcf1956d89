"""Method: how a client stays logged in. A project has one; `feature.py` says which, and nothing else knows it."""

import uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Request, Response
from fastapi.requests import HTTPConnection
from pydantic import Field

from ..resources import Resources, resource
from ..schemas import ResponseBody
from .permissions import Role
from .user import AuthenticatedUser

type Transport = Literal["cookie", "bearer"]


class Credential(ResponseBody):
    """What a login is answered with. A browser gets the secret part as a cookie, which no script can read."""

    token: Annotated[
        str | None, Field(description="For `Authorization: Bearer`; null where the client has a cookie.")
    ] = None
    expires_at: datetime


@dataclass(frozen=True)
class Account:
    """Who logs in."""

    user_id: uuid.UUID
    role: Role


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

"""Routes that need no access token: to get the next one, and the keys that verify them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from ...problems import responses
from ...resources import resource
from ...schemas import RequestBody, ResponseBody
from ..credential import Credential
from .method import JwtMethod

public_router = APIRouter(tags=["auth"])

Tokens = Annotated[JwtMethod, Depends(resource(JwtMethod))]


class Refresh(RequestBody):
    refresh_token: Annotated[
        str | None, Field(min_length=1, max_length=200, description="Null where the client has it as a cookie.")
    ] = None


class PublicKey(ResponseBody):
    """A JWK (RFC 7517)."""

    kid: str
    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str
    use: Literal["sig"]
    alg: Literal["ES256"]


class PublicKeys(ResponseBody):
    keys: list[PublicKey]


@public_router.post("/auth/refresh", status_code=201, responses=responses(401, 403, 429))
async def refresh(given: Refresh, request: Request, response: Response, tokens: Tokens) -> Credential:
    """The next access token. A refresh token is good for one use: one that comes again ends its login."""
    return await tokens.refresh(request, response, given.refresh_token)


@public_router.get("/.well-known/jwks.json")
async def read_public_keys(response: Response, tokens: Tokens) -> PublicKeys:
    """For other services that verify access tokens. They check `aud` too, and cannot see which logins have ended."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return PublicKeys(keys=[PublicKey.model_validate(key) for key in tokens.tokens.keys.public()])

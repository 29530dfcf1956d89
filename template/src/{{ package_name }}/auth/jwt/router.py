"""Routes that need no access token: refresh, and the public keys."""

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
    """Get the next access token. A refresh token is valid for one use: a second use ends its login."""
    return await tokens.refresh(request, response, given.refresh_token)


@public_router.get("/.well-known/jwks.json")
async def read_public_keys(response: Response, tokens: Tokens) -> PublicKeys:
    """For other services that verify access tokens. They must check `aud` as well, and cannot see ended logins."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return PublicKeys(keys=[PublicKey.model_validate(key) for key in tokens.tokens.keys.public()])

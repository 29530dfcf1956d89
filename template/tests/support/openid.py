"""OpenID Connect provider on this machine in place of a real one, and browsers that log in with it.

    provider.user |= {"sub": "grace", "email": "grace@example.org"}
    await browser.log_in()
    assert (await browser.get("/users/me")).json()["email"] == "grace@example.org"

It uses HTTP, has keys, and makes the checks of a provider. Its user agrees to everything.
"""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from httpx2 import AsyncClient, Response
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.responses import Response as Answer
from starlette.routing import Route

CLIENT = {"client_id": "shop", "client_secret": "a-secret, of tests", "redirect_uri": "https://shop.example/callback"}
CALLBACK = "/auth/oidc/callback"
ALGORITHM = "ES256"


class Provider:
    def __init__(self, issuer: str, key: ECKey) -> None:
        self.issuer = issuer
        self.key = key
        self.user: dict[str, Any] = {"sub": "ada", "email": "ada@example.org", "email_verified": True, "name": "Ada"}
        self.asked: dict[str, str] = {}
        """Parameters with which the last browser was redirected here."""

        self._codes: dict[str, dict[str, str]] = {}

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": [ALGORITHM],
        }

    def keys(self) -> list[dict[str, Any]]:
        return [dict(self.key.as_dict(private=False))]

    def answer(self, asked: dict[str, str]) -> dict[str, str]:
        """Return the parameters that the browser takes to the callback."""
        code = secrets.token_urlsafe()
        self._codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def claims(self, asked: dict[str, str]) -> dict[str, Any]:
        now = int(time.time())
        given = {"iss": self.issuer, "aud": asked["client_id"], "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        return {**given, "auth_time": now, **self.user}

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": ALGORITHM, "kid": self.key.kid}, claims, self.key, algorithms=[ALGORITHM])

    def tokens(self, id_token: str) -> dict[str, Any]:
        return {"access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": id_token}

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Token endpoint, with all checks of RFC 6749 and RFC 7636."""
        pair = f"{CLIENT['client_id']}:{urlencode({'': CLIENT['client_secret']})[1:]}"
        if authorization != f"Basic {base64.b64encode(pair.encode()).decode()}":
            return 401, {"error": "invalid_client"}
        asked = self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or (asked["redirect_uri"], asked["code_challenge"]) != (form["redirect_uri"], challenge):
            return 400, {"error": "invalid_grant"}
        return 200, self.tokens(self.sign(self.claims(asked)))


class Served:
    """Provider as an application. Each test has another one, at the same address."""

    provider: Provider

    def application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/keys", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _metadata(self, _: Request) -> Answer:
        return JSONResponse(self.provider.metadata())

    async def _keys(self, _: Request) -> Answer:
        return JSONResponse({"keys": self.provider.keys()})

    async def _authorize(self, request: Request) -> Answer:
        asked = self.provider.asked = dict(request.query_params)
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(self.provider.answer(asked))}", 303)

    async def _token(self, request: Request) -> Answer:
        form = {name: str(value) for name, value in (await request.form()).items()}
        status, body = self.provider.exchange(form, request.headers.get("Authorization", ""))
        return JSONResponse(body, status)


@dataclass(frozen=True)
class ProviderServer:
    issuer: str
    key: ECKey
    served: Served


@dataclass
class Browser:
    """Browser that keeps cookies as if there were TLS, and follows no redirect by itself."""

    client: AsyncClient
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    """Access token of a page, if logins have one."""

    async def send(self, method: str, path: str, body: object = None) -> Response:
        headers = {"Origin": str(self.client.base_url).rstrip("/")} if method != "GET" else {}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        answer = await self.client.request(method, path, json=body, headers=headers)
        for line in answer.headers.get_list("Set-Cookie"):
            self.cookies |= {name: cookie.value for name, cookie in SimpleCookie(line).items()}
        return answer

    async def get(self, path: str) -> Response:
        return await self.send("GET", path)

    async def begin(self, query: str = "") -> str:
        """Return the address of the provider to which the browser is redirected."""
        answer = await self.get(f"/auth/oidc/login{query}")
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    async def agree(self, address: str) -> str:
        """Return the callback, with the parameters of the provider."""
        async with AsyncClient(trust_env=False, verify=False) as client:
            answer = await client.get(address)
        return f"{CALLBACK}?{urlsplit(answer.headers['Location']).query}"

    async def arrive(self, query: str = "") -> Response:
        """Return the response of the callback."""
        return await self.get(await self.agree(await self.begin(query)))

    async def log_in(self, query: str = "") -> str:
        """Log in, and return the address at which the browser ends."""
        return await self.complete(await self.arrive(query))

    async def complete(self, answer: Response) -> str:
        assert answer.status_code == 303, answer.text
        location, _, code = answer.headers["Location"].partition("#login_code=")
        if code:
            exchanged = await self.send("POST", "/auth/oidc/tokens", {"code": code})
            assert exchanged.status_code == 201, exchanged.text
            self.token = exchanged.json()["token"]
        return str(location)

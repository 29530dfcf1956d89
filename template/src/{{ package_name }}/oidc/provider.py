"""Provider: the endpoints, the keys and the responses of the OpenID Connect provider.

Each response is compared with its request: one that is for another login, from another provider, or signed with a key
that is not the provider's, is refused.
"""

import asyncio
import base64
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import structlog
from httpx2 import AsyncClient, HTTPError, Limits, Timeout
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key
from pydantic import BaseModel, ConfigDict, ValidationError

from .. import places
from ..resources import Resources
from ..single_flight import SingleFlight
from .claims import FAMILIES, Claims, header_of, read
from .errors import ProviderUnavailable, Refused
from .flow import Flow
from .settings import OidcSettings

LIFETIME = 3600.0
"""Lifetime in seconds of the metadata and the keys."""

COOLDOWN = 10.0
"""Time in seconds in which an unknown key does not make the keys fetched again."""

TIMEOUT = 3.0
"""Time in seconds for one response of the provider. A login needs three, at most."""

MAX_BYTES = 256 * 1024
"""Largest response in bytes that is read."""

ERROR = re.compile("[a-z_]{1,50}")

log = structlog.get_logger()


class Metadata(BaseModel):
    """Metadata (OpenID Connect Discovery, section 3)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False

    @property
    def urls(self) -> tuple[str, ...]:
        return self.authorization_endpoint, self.token_endpoint, self.jwks_uri


class Provider:
    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self._flights = SingleFlight()
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, list[Key]] | None = None

    @property
    def issuer(self) -> str:
        """Issuer from the settings. Raises `ProviderUnavailable` if it is not set, as in development."""
        if self._settings.issuer is None:
            raise ProviderUnavailable("There is no login provider: OIDC_ISSUER is not set.")
        return self._settings.issuer

    async def authorization_url(self, flow: Flow, state: str) -> str:
        """Return the URL to which the browser is redirected. Raises `ProviderUnavailable`."""
        endpoint = (await self.metadata()).authorization_endpoint
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.redirect_uri,
            "scope": self._settings.scopes,
            "state": state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
        }
        if flow.recent:
            asked |= {"prompt": "login", "max_age": "0"}
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    async def require_sender(self, iss: str | None) -> None:
        """Raise `Refused` for a response of another provider (RFC 9207)."""
        promised = (await self.metadata()).authorization_response_iss_parameter_supported
        if iss != self.issuer and (promised or iss is not None):
            raise Refused("the answer names another provider, or none")

    async def redeem(self, flow: Flow, code: str) -> Claims:
        """Return the claims of the user who has logged in. Raises `Refused` and `ProviderUnavailable`."""
        token = await self._exchange(flow, code)
        key = await self._key(header_of(token))
        return read(token, key, issuer=self.issuer, client_id=self._settings.client_id, nonce=flow.nonce)

    async def metadata(self) -> Metadata:
        if self._metadata and time.monotonic() < self._metadata[0] + LIFETIME:
            return self._metadata[1]
        return await self._flights.run("metadata", self._fetch_metadata)

    async def aclose(self) -> None:
        if "_http" in vars(self):
            await self._http.aclose()

    @cached_property
    def _http(self) -> AsyncClient:
        """HTTP client, made when it is needed: reading the certificates of this machine takes a moment."""
        return AsyncClient(timeout=Timeout(TIMEOUT), limits=Limits(max_connections=10))

    async def _fetch_metadata(self) -> Metadata:
        status, body = await self._send("GET", f"{self.issuer.removesuffix('/')}/.well-known/openid-configuration")
        try:
            metadata = Metadata.model_validate(body)
        except ValidationError as error:
            raise _unusable(f"metadata with status {status}: {error.errors()[0]['loc']}") from error
        if metadata.issuer != self.issuer:
            raise _unusable(f"the metadata are of {metadata.issuer!r}, and OIDC_ISSUER is {self.issuer!r}")
        own = urlsplit(self.issuer).scheme, "https"
        if any(urlsplit(url).scheme not in own for url in metadata.urls):
            raise _unusable("an address in the metadata is not one of https")
        self._metadata = time.monotonic(), metadata
        return metadata

    async def _exchange(self, flow: Flow, code: str) -> str:
        """Exchange the code for the ID token. Nothing else of the response is used: no access token is kept."""
        metadata = await self.metadata()
        client, secret = self._settings.client_id, self._settings.client_secret.get_secret_value()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.redirect_uri,
            "code_verifier": flow.verifier,
        }
        headers = {"Accept": "application/json"}
        if "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            pair = f"{quote_plus(client)}:{quote_plus(secret)}"  # RFC 6749, section 2.3.1
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": client, "client_secret": secret}
        status, body = await self._send("POST", metadata.token_endpoint, data=form, headers=headers)
        answer = body if isinstance(body, dict) else {}
        if isinstance(token := answer.get("id_token"), str) and status == 200:
            return token
        error = str(answer.get("error", ""))
        raise Refused(f"the token endpoint answers {status} {error if ERROR.fullmatch(error) else ''}".rstrip())

    async def _key(self, header: dict[str, Any]) -> Key:
        kid, kind = header.get("kid"), FAMILIES[header["alg"][:2]]
        for fetched in (False, True):
            known = await self._known_keys(fetch=fetched)
            found = [key for key in known if key.key_type == kind and (kid is None or key.kid == kid)]
            if found and (kid is not None or len(found) == 1):
                return found[0]
        raise Refused("the ID token is signed with a key that is not the provider's")

    async def _known_keys(self, *, fetch: bool) -> list[Key]:
        if self._keys:
            age = time.monotonic() - self._keys[0]
            if age < (COOLDOWN if fetch else LIFETIME):
                return self._keys[1]
        return await self._flights.run("keys", self._fetch_keys)

    async def _fetch_keys(self) -> list[Key]:
        """Fetch the keys. Keys of an unknown type are left out: the provider may have them for others."""
        status, body = await self._send("GET", (await self.metadata()).jwks_uri)
        listed = body.get("keys") if isinstance(body, dict) and status == 200 else None
        if not isinstance(listed, list):
            raise _unusable(f"no keys, with status {status}")
        keys: list[Key] = []
        for each in listed:
            if isinstance(each, dict) and each.get("use", "sig") == "sig" and each.get("kty") in FAMILIES.values():
                try:
                    keys.append(JWKRegistry.import_key(each))
                except (JoseError, ValueError, KeyError) as error:
                    log.warning("a key of the OpenID provider cannot be read", error=type(error).__name__)
        self._keys = time.monotonic(), keys
        return keys

    async def _send(self, method: str, url: str, **given: Any) -> tuple[int, Any]:  # noqa: ANN401 - as httpx2 takes them
        """Return status and JSON. Raises `ProviderUnavailable`. The caller must hold nothing that others need."""
        try:
            async with places.waiting(), asyncio.timeout(TIMEOUT), self._http.stream(method, url, **given) as response:
                body = b""
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > MAX_BYTES:
                        raise _unusable("an answer is too large")
        except (HTTPError, TimeoutError, OSError) as error:
            raise _unusable(f"{type(error).__name__} at {urlsplit(url).path}") from error
        if response.status_code >= 500 or response.status_code == 429:
            raise _unusable(f"status {response.status_code} at {urlsplit(url).path}")
        try:
            return response.status_code, json.loads(body)
        except ValueError:
            return response.status_code, None


def _unusable(reason: str) -> ProviderUnavailable:
    log.warning("the OpenID provider cannot be used", reason=reason)
    return ProviderUnavailable()


@asynccontextmanager
async def open_provider(resources: Resources) -> AsyncIterator[Provider]:
    provider = Provider(resources.settings[OidcSettings])
    try:
        yield provider
    finally:
        await provider.aclose()

"""Keys of the issuer: fetched when one is needed, renewed every hour, and kept while the issuer is down.

A token with an unknown key may be the first after the issuer has changed its keys. So the keys are fetched again: once
for all requests that wait, and not again within `COOLDOWN`, so that forged tokens do not cause requests to the issuer.

Outage policy: while the issuer does not answer, its last keys are used for at most a day, so users notice nothing.
Tokens with an unknown key fail CLOSED, with 503, because they cannot be verified.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import structlog
from httpx2 import AsyncClient, HTTPError, InvalidURL
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key
from pydantic import BaseModel, Field

from ...errors import Unavailable
from ...resources import Resources
from ...single_flight import SingleFlight
from .settings import ExternalSettings, secure_url

RENEWED_EVERY = 3600.0
"""Interval in seconds between two renewals. A key that the issuer withdraws is refused after that time."""

COOLDOWN = 10.0
"""Time in seconds after an attempt in which there is no other."""

KEPT = 24 * 3600.0
"""Time in seconds for which keys that cannot be renewed are used."""

TIMEOUT = 3.0
"""Time in seconds in which the issuer must have answered."""

MAX_BYTES = 512 * 1024
BITS_OF_CHARACTER = 6
"""Bits that a character of Base64 holds."""

RSA_MIN_BITS = 2048
"""Least length of an RSA key (NIST SP 800-131A; RFC 7518, section 3.3)."""

log = structlog.get_logger()


class Metadata(BaseModel):
    """Metadata of the issuer (OpenID Connect Discovery 1.0, section 3; RFC 8414)."""

    issuer: str
    jwks_uri: str


class KeyDocument(BaseModel):
    """A JWK Set (RFC 7517, section 5)."""

    keys: list[dict[str, Any]] = Field(max_length=100)


class Keys:
    def __init__(self, settings: ExternalSettings) -> None:
        self._settings = settings
        self._flights = SingleFlight()
        self._by_id: dict[str, Key] = {}
        self._fetched_at = self._retry_at = float("-inf")
        self._has_failed = False

    async def find(self, key_id: str) -> Key | None:
        """Return the key of this id, or `None` if there is none. Raises `Unavailable` if the issuer does not answer."""
        if key := self._known(key_id):
            return key
        await self.renew()
        key = self._known(key_id)
        if key is None and self._has_failed:
            raise Unavailable("The issuer of the token does not answer at the moment.")
        return key

    async def renew(self) -> None:
        """Fetch the keys, unless an attempt was just made. An error is logged, and the last keys are kept."""
        await self._flights.run("keys", self._renew)

    async def require(self) -> None:
        """Raise `Unavailable` if there are no keys, or if they are too old."""
        if time.monotonic() - self._fetched_at > 2 * RENEWED_EVERY:
            await self.renew()
            if self._has_failed:
                raise Unavailable("The issuer does not answer.")

    def _known(self, key_id: str) -> Key | None:
        is_fresh = time.monotonic() - self._fetched_at < KEPT
        return self._by_id.get(key_id) if is_fresh else None

    async def _renew(self) -> None:
        if time.monotonic() < self._retry_at:
            return
        self._retry_at = time.monotonic() + COOLDOWN
        try:
            async with asyncio.timeout(TIMEOUT):
                self._by_id = await self._fetch()
        except (HTTPError, InvalidURL, OSError, ValueError) as error:
            self._has_failed = True
            log.warning("the keys of the issuer cannot be fetched", error=f"{type(error).__name__}: {error}")
            return
        except BaseException:
            self._retry_at = float("-inf")  # this request was cancelled, and another one that waits takes over
            raise
        self._has_failed, self._fetched_at = False, time.monotonic()

    async def _fetch(self) -> dict[str, Key]:
        # A new client each time: for one request in an hour, an open connection is not worth keeping.
        async with AsyncClient(timeout=TIMEOUT, follow_redirects=False) as http:
            url = self._settings.jwks_url or await self._discover(http)
            return usable_keys(await _read(http, url))

    async def _discover(self, http: AsyncClient) -> str:
        """Return the URL of the keys, from the metadata of this issuer only (ASVS 5.0, 10.5.3)."""
        url = f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        metadata = Metadata.model_validate_json(await _read(http, url))
        if metadata.issuer != self._settings.issuer:
            raise ValueError(f"its metadata says {metadata.issuer!r}, and EXTERNAL_ISSUER {self._settings.issuer!r}")
        return secure_url(metadata.jwks_uri)


async def renew_keys(resources: Resources) -> None:
    """Fetch the keys at the start and at intervals, so that no request has to wait for them."""
    keys = resources[Keys]
    while True:
        await keys.renew()
        await asyncio.sleep(COOLDOWN if keys._has_failed else RENEWED_EVERY)  # noqa: SLF001 - of this module


def usable_keys(document: bytes) -> dict[str, Key]:
    """Return the keys that sign, by their ids. Other keys, such as those of an unknown type, are left out.

    Raises `ValueError` if there is none.
    """
    found: dict[str, Key] = {}
    for each in KeyDocument.model_validate_json(document).keys:
        is_for_signatures = each.get("use", "sig") == "sig" and each.get("kty") in {"RSA", "EC", "OKP"}
        if is_for_signatures and each.get("kid") and not _is_weak(each):
            try:
                found[str(each["kid"])] = JWKRegistry.import_key(each)
            except (JoseError, ValueError, TypeError, KeyError) as error:
                log.warning("a key of the issuer cannot be used", kid=str(each["kid"]), error=str(error))
    if not found:
        raise ValueError("it has no key that can be used")
    return found


def _is_weak(key: Mapping[str, Any]) -> bool:
    return key["kty"] == "RSA" and len(str(key.get("n"))) * BITS_OF_CHARACTER < RSA_MIN_BITS


async def _read(http: AsyncClient, url: str) -> bytes:
    async with http.stream("GET", url, headers={"Accept": "application/json"}) as response:
        if response.status_code != 200:
            raise ValueError(f"{url} is answered {response.status_code}")
        read = bytearray()
        async for part in response.aiter_bytes():
            read += part
            if len(read) > MAX_BYTES:
                raise ValueError(f"{url} is longer than {MAX_BYTES} bytes")
        return bytes(read)

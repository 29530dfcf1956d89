"""Login at another provider, which signs the access tokens that this feature verifies.

`identities/` has the users of this project that belong to these logins.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from ...feature import Feature, ReadinessCheck
from ...resources import Resources
from ..guard import guard
from ..settings import AuthSettings
from .access_tokens import AccessTokens
from .keys import Keys, renew_keys
from .settings import ExternalSettings

SCHEMES: Mapping[str, Mapping[str, Any]] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}


@asynccontextmanager
async def open_keys(resources: Resources) -> AsyncIterator[Keys]:
    yield Keys(resources.settings[ExternalSettings])


@asynccontextmanager
async def open_tokens(resources: Resources) -> AsyncIterator[AccessTokens]:
    yield AccessTokens(resources.settings[ExternalSettings], resources[Keys])


async def check_issuer(resources: Resources) -> None:
    await resources[Keys].require()


feature = Feature(
    "auth",
    settings={"auth": AuthSettings, "external": ExternalSettings},
    resources=(open_keys, open_tokens),
    background=(renew_keys,),
    readiness=(ReadinessCheck("issuer", check_issuer),),
    guard=guard,
    security_schemes=SCHEMES,
)

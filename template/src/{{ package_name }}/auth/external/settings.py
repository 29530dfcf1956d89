from collections.abc import Mapping
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode

from ...metadata import DISTRIBUTION
from ...settings import Group
from ..permissions import Permission, Role

DEVELOPMENT_ISSUER = "http://localhost:9000"
"""Where `python -m tests.support.issuer` listens, which signs tokens of anybody: for development only."""

ALGORITHMS = frozenset(f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)) | {"Ed25519"}
"""With two keys, one of which is public. No other can be set: with one that both have, whoever verifies can sign."""

THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


def secure_url(url: str) -> str:
    """Raises `ValueError` for one that others could answer: whoever answers says which tokens are valid."""
    parts = urlsplit(url)
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and _is_near(parts.hostname))):
        raise ValueError("must begin with https://")
    return url


def _is_near(host: str) -> bool:
    return host in THIS_MACHINE


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _split_pairs(value: object) -> object:
    if not isinstance(value, str):
        return value
    pairs = [part.rpartition("=") for part in value.split(",") if part.strip()]
    if not all(name.strip() and target.strip() for name, _, target in pairs):
        raise ValueError("takes pairs, separated by commas, such as shop-admins=admin,sales=users:manage")
    return {name.strip(): target.strip() for name, _, target in pairs}


def _known(grants: dict[str, str]) -> dict[str, str]:
    known = {*Role, *Permission}
    for target in grants.values():
        if target not in known:
            raise ValueError(f"names {target!r}; there are {', '.join(sorted(known))}")
    return grants


def _asymmetric(algorithms: tuple[str, ...]) -> tuple[str, ...]:
    if not algorithms or not ALGORITHMS.issuperset(algorithms):
        raise ValueError(f"takes some of {', '.join(sorted(ALGORITHMS))}")
    return algorithms


Texts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Separated by commas."""


class ExternalSettings(Group):
    development: ClassVar[Mapping[str, Any]] = {"issuer": DEVELOPMENT_ISSUER, "audience": DISTRIBUTION}

    issuer: Annotated[str, AfterValidator(secure_url), Field(examples=["http://127.0.0.1:1"])]
    """Issuer of the tokens (`iss`), exactly as its metadata says, with or without a slash at the end."""

    audience: Annotated[Texts, Field(min_length=1, examples=[DISTRIBUTION])]
    """Names of this API (`aud`), of which a token must have one. Never the name of a client."""

    jwks_url: Annotated[str, AfterValidator(secure_url)] | None = None
    """Address of the issuer's keys. Not set: its metadata at `/.well-known/openid-configuration` says it."""

    algorithms: Annotated[Texts, AfterValidator(_asymmetric)] = ("RS256", "PS256", "ES256", "Ed25519")
    """Algorithms that may have signed a token (`alg`)."""

    types: Annotated[Texts, Field(min_length=1)] = ("at+jwt", "JWT")
    """Types of a token (`typ`). With `at+jwt` alone (RFC 9068), no other kind of token can be taken for one."""

    clients: Texts = ()
    """Applications that tokens may come from (`azp`, `client_id` or `appid`). None: all."""

    required: Texts = ()
    """Scopes or roles of which a token must have one. None: the audience is enough."""

    claims: Annotated[Texts, Field(min_length=1)] = ("scope", "scp", "roles", "permissions", "realm_access.roles")
    """Claims with scopes and roles: lists, or text with spaces. A dot leads into an object."""

    grants: Annotated[
        dict[str, str],
        NoDecode,
        BeforeValidator(_split_pairs),
        AfterValidator(_known),
        Field(default_factory=dict),
    ]
    """Permissions and roles by the scope or role of a valid token: `shop-admins=admin,sales=users:manage`.

    The first gives the permissions of a role, the second a permission.
    """

    subject_claim: Annotated[str, Field(min_length=1)] = "sub"
    """Claim that always names this user, and no other of the issuer. For Entra, use `oid`."""

    email_claim: Annotated[str, Field(min_length=1)] = "email"
    """An address counts only if the claim of this name with `_verified` behind it is true."""

    auth_time_claim: Annotated[str, Field(min_length=1)] = "auth_time"
    """Claim with the time of the login. Without it, nothing that needs a recent login is allowed."""

    link_by_email: bool = False
    """Whoever comes for the first time gets the account with their verified address, if it has no identity yet.

    For accounts of before, or those that an administrator has prepared: only if the issuer verifies every address.
    """

    max_lifetime: Annotated[int, Field(ge=60, le=30 * 24 * 60 * 60)] = 24 * 60 * 60
    """Seconds; a token that lives longer is refused."""

    leeway: Annotated[int, Field(ge=0, le=300)] = 10
    """Seconds by which the issuer's clock may differ."""

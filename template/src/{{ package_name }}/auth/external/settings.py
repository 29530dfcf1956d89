from collections.abc import Mapping
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode

from ...metadata import DISTRIBUTION
from ...settings import Group
from ..permissions import Permission, Role

DEVELOPMENT_ISSUER = "http://localhost:9000"
"""Address of `python -m tests.support.issuer`, which signs tokens for anybody: for development only."""

ALGORITHMS = frozenset(f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)) | {"Ed25519"}
"""Algorithms with a private and a public key. With a shared key, each service that verifies could also sign."""

THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


def secure_url(url: str) -> str:
    """Return the URL. Raises `ValueError` if others could answer it, who could then make any token valid."""
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
"""Texts, separated by commas."""


class ExternalSettings(Group):
    development: ClassVar[Mapping[str, Any]] = {"issuer": DEVELOPMENT_ISSUER, "audience": DISTRIBUTION}

    issuer: Annotated[str, AfterValidator(secure_url), Field(examples=["http://127.0.0.1:1"])]
    """Issuer of the tokens (`iss`), exactly as in its metadata, with or without a slash at the end."""

    audience: Annotated[Texts, Field(min_length=1, examples=[DISTRIBUTION])]
    """Names of this API (`aud`). A token must have one of them. Never use the name of a client."""

    jwks_url: Annotated[str, AfterValidator(secure_url)] | None = None
    """Address of the issuer's keys. If it is not set, it is read from `/.well-known/openid-configuration`."""

    algorithms: Annotated[Texts, AfterValidator(_asymmetric)] = ("RS256", "PS256", "ES256", "Ed25519")
    """Algorithms of signatures that are accepted (`alg`)."""

    types: Annotated[Texts, Field(min_length=1)] = ("at+jwt", "JWT")
    """Types of tokens that are accepted (`typ`). `at+jwt` alone (RFC 9068) excludes all other kinds of tokens."""

    clients: Texts = ()
    """Applications whose tokens are accepted (`azp`, `client_id` or `appid`); none: all."""

    required: Texts = ()
    """Scopes or roles, one of which a token must have; none: the audience is enough."""

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
    """Claim that always identifies the same user of the issuer, and no other. For Entra, use `oid`."""

    email_claim: Annotated[str, Field(min_length=1)] = "email"
    """Claim with the address. It counts only if the claim with this name and `_verified` at the end is true."""

    auth_time_claim: Annotated[str, Field(min_length=1)] = "auth_time"
    """Claim with the time of the login. Without it, nothing that needs a recent login is allowed."""

    link_by_email: bool = False
    """Link a new identity to the account with its verified address, if that account has no identity yet.

    Use it for accounts that existed before, or that an administrator prepared, and only if the issuer verifies every
    address.
    """

    max_lifetime: Annotated[int, Field(ge=60, le=30 * 24 * 60 * 60)] = 24 * 60 * 60
    """Longest lifetime in seconds; a token with a longer one is refused."""

    leeway: Annotated[int, Field(ge=0, le=300)] = 10
    """Time in seconds by which the issuer's clock may differ."""

"""Settings of the login with an OpenID Connect provider."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from ..metadata import DISTRIBUTION
from ..settings import Group

THIS_MACHINE = {"localhost", "127.0.0.1"}


def _secure(url: str) -> str:
    parts = urlsplit(url)
    is_secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in THIS_MACHINE)
    if not is_secure or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("takes an address that begins with https://, without a query; http:// is for localhost only")
    return url


SecureUrl = Annotated[str, AfterValidator(_secure)]


class OidcSettings(Group):
    development: ClassVar[Mapping[str, Any]] = {
        "issuer": None,
        "client_id": DISTRIBUTION,
        "client_secret": "development",
        "redirect_uri": "http://localhost:8000/auth/oidc/callback",
    }

    issuer: Annotated[SecureUrl | None, Field(examples=["https://provider.example"])]
    """Issuer, exactly as in the provider's metadata, at `/.well-known/openid-configuration` below it.

    None, in development only: nobody can log in with a provider.
    """

    client_id: Annotated[str, Field(min_length=1, examples=["shop"])]
    """Name of this application at the provider."""

    client_secret: Annotated[SecretStr, Field(min_length=1, examples=["an-example"])]

    redirect_uri: Annotated[SecureUrl, Field(examples=["https://shop.example/auth/oidc/callback"])]
    """URL of `/auth/oidc/callback` of this API, as browsers see it, exactly as it is registered with the provider."""

    scopes: Annotated[str, Field(pattern=r"^openid( [!-~]+)*$")] = "openid email profile"
    """Scopes, separated by spaces. Without `email`, only users who have logged in before can log in."""

    trust_email: bool = False
    """Treat addresses as verified even if the provider does not say so.

    Set it only for a provider whose addresses are given by an administrator, never by users. A user who can choose an
    address there could log in to the account of another user.
    """

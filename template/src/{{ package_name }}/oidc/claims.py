"""Claims of an ID token, after checks that it is from the provider, for this application and for this login."""

from typing import Annotated, Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.jwt import JWTClaimsRegistry
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .errors import Refused

FAMILIES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
ALGORITHMS = [*(f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)), "Ed25519"]
"""Asymmetric algorithms only, whatever the provider's metadata lists (ASVS 5.0, 9.1.2)."""

CLOCKS = 60
"""Time in seconds by which our clock and the provider's may differ."""

MAX_LENGTH = 16384
"""Largest length in characters of a token. A longer one is not read."""


class Claims(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    iss: str
    sub: Annotated[str, Field(pattern="^[ -~]{1,255}$")]
    """Subject, as OpenID Connect limits it (Core, section 2)."""

    email: str | None = None
    email_verified: bool | None = None
    """True if the provider has verified the address. Some providers send it as text."""

    name: str | None = None
    auth_time: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Time when the provider authenticated the user, in seconds since 1970. Many leave it out; some have a fraction."""


def header_of(token: str) -> dict[str, Any]:
    if len(token) > MAX_LENGTH:
        raise Refused("the ID token is too long")
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError) as error:
        raise Refused(f"the ID token cannot be read: {type(error).__name__}") from error
    if str(header.get("typ", "JWT")).upper() != "JWT":
        raise Refused("the ID token is of another type")
    if header.get("alg") not in ALGORITHMS:
        raise Refused("the ID token has no algorithm that is accepted")
    return header


def read(token: str, key: Key, *, issuer: str, client_id: str, nonce: str) -> Claims:
    """Return the verified claims. Raises `Refused` (OpenID Connect Core, section 3.1.3.7)."""
    checks = JWTClaimsRegistry(
        leeway=CLOCKS,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        claims = jwt.decode(token, key, algorithms=ALGORITHMS).claims
        checks.validate(claims)
        found = Claims.model_validate(claims)
    except ValidationError as error:
        raise Refused(f"the ID token has claims of another form: {error.errors()[0]['loc']}") from error
    except (JoseError, ValueError) as error:
        raise Refused(f"the ID token is not accepted: {type(error).__name__} {error}") from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else client_id) != client_id:
        raise Refused("the ID token is for another client")
    return found

"""Addresses in settings: the origins of web pages (RFC 6454), and of proxies their networks and path prefix."""

import json
import re
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, AnyUrl, BeforeValidator, ValidationError
from pydantic_settings import NoDecode

ANY = "*"
IS_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+").fullmatch


def _split(value: object) -> object:
    """Separated by commas, or a list in JSON."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError("is neither a list in JSON nor values separated by commas") from None
    return [part.strip() for part in value.split(",") if part.strip()]


def _as_sent(origins: tuple[str, ...]) -> tuple[str, ...]:
    """As browsers write them: no path, lower case, no default port, and other scripts in Punycode (section 6.2).

    They are compared letter by letter, so one that is written otherwise would never match.
    """
    return tuple(origin if origin == ANY else _origin(origin) for origin in origins)


def _origin(value: str) -> str:
    """An application for telephones may have a scheme of its own, such as `capacitor://localhost`."""
    try:
        url = AnyUrl(value)
    except ValidationError:
        url = None
    if not (url and url.host and url.path in {None, "/"}) or ANY in value or url.query or url.fragment or url.username:
        raise ValueError("has an entry that is not an origin such as https://shop.example")
    return str(url).removesuffix("/")


def _prefix(value: str) -> str:
    prefix = value.rstrip("/")
    if prefix and not IS_PREFIX(prefix):
        raise ValueError("is not a path such as /shop")
    return prefix


def _networks(values: tuple[str, ...]) -> tuple[str, ...]:
    """`*` trusts all, whatever stands beside it."""
    return (ANY,) if ANY in values else tuple(map(_network, values))


def _network(value: str) -> str:
    try:
        return str(ip_network(value, strict=False)).removesuffix("/32").removesuffix("/128")
    except ValueError:
        raise ValueError("has an entry that is neither an address or a network, such as 10.0.0.0/8, nor *") from None


Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_as_sent)]
Proxies = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_networks)]
PathPrefix = Annotated[str, AfterValidator(_prefix)]

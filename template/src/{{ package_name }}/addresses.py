"""Addresses in settings: origins of web pages (RFC 6454), and the networks and the path prefix of proxies."""

import json
import re
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, AnyUrl, BeforeValidator, ValidationError
from pydantic_settings import NoDecode

ANY = "*"
IS_PREFIX = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)+").fullmatch
"""Form of a prefix. Clients resolve `.` and `..` in it (RFC 3986, section 5.2.4), and would ask for another path."""


def _split(value: object) -> object:
    """Return the parts of a text: a list in JSON, or values separated by commas. Raises `ValueError`."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError("is neither a list in JSON nor values separated by commas") from None
    return [part.strip() for part in value.split(",") if part.strip()]


def _as_sent(origins: tuple[str, ...]) -> tuple[str, ...]:
    """Return origins as browsers write them (RFC 6454, section 6.2).

    They have no path and no default port, are in lower case, and have other scripts in Punycode. Origins are compared
    character by character, so an origin that is written differently would never match.
    """
    return tuple(origin if origin == ANY else origin_of(origin) for origin in origins)


def origin_of(value: str) -> str:
    """Return the origin that a value names, as browsers write it. Raises `ValueError`.

    An app on a telephone may have its own scheme: `capacitor://localhost`.
    """
    try:
        url = AnyUrl(value)
    except ValidationError:
        url = None
    if not (url and url.host and url.path in {None, "/"}) or ANY in value or url.query or url.fragment or url.username:
        raise ValueError("has an entry that is not an origin such as https://shop.example")
    return str(url).removesuffix("/")


def is_same_origin(origin: str, own: str) -> bool:
    """Compare the origin of a page with ours, where a proxy may write the default port: `Host: shop.example:443`."""
    try:
        return origin == own or origin_of(origin) == origin_of(own)
    except ValueError:
        return False


def _prefix(value: str) -> str:
    prefix = value.rstrip("/")
    if prefix and not IS_PREFIX(prefix):
        raise ValueError("is not a path such as /shop")
    return prefix


def _networks(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the networks, or `*` alone if it is among them: it trusts every address."""
    return (ANY,) if ANY in values else tuple(map(_network, values))


def _network(value: str) -> str:
    try:
        return str(ip_network(value, strict=False)).removesuffix("/32").removesuffix("/128")
    except ValueError:
        raise ValueError("has an entry that is neither an address or a network, such as 10.0.0.0/8, nor *") from None


Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_as_sent)]
Proxies = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_networks)]
PathPrefix = Annotated[str, AfterValidator(_prefix)]

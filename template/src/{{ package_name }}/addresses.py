"""Addresses in settings: the origins of web pages (RFC 6454), and the path prefix of a proxy."""

import json
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, HttpUrl, ValidationError
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
            raise ValueError("is neither a list in JSON nor origins separated by commas") from None
    return [part.strip() for part in value.split(",") if part.strip()]


def _as_sent(origins: tuple[str, ...]) -> tuple[str, ...]:
    """As browsers write them: no path, lower case, no default port, and other scripts in Punycode (section 6.2).

    They are compared letter by letter, so one that is written otherwise would never match.
    """
    return tuple(origin if origin == ANY else _origin(origin) for origin in origins)


def _origin(value: str) -> str:
    try:
        url = HttpUrl(value)
    except ValidationError:
        url = None
    if url is None or ANY in value or url.path != "/" or url.query or url.fragment or url.username:
        raise ValueError("has an entry that is not an origin such as https://shop.example")
    return str(url).removesuffix("/")


def _prefix(value: str) -> str:
    prefix = value.rstrip("/")
    if prefix and not IS_PREFIX(prefix):
        raise ValueError("is not a path such as /shop")
    return prefix


Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_as_sent)]
PathPrefix = Annotated[str, AfterValidator(_prefix)]

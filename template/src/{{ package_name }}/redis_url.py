"""URL of Redis: any of its usual forms, translated for redis-py.

Based on https://www.iana.org/assignments/uri-schemes/prov/redis and the documentation of redis-py's `from_url`.
"""

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

SCHEMES = {
    "redis": "redis",
    "rediss": "rediss",
    "unix": "unix",
    "valkey": "redis",
    "valkeys": "rediss",
    "redis+socket": "unix",
    "redis+unix": "unix",
}
ANYWHERE = {"db", "protocol", "client_name", "username", "password"}
WITH_TLS = {"ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname"}
FILES = {"ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile"}
NUMBER = re.compile("[0-9]{1,9}")
VALUES = {
    "db": (NUMBER, "a number"),
    "protocol": (re.compile("2|3"), "2 or 3"),
    "ssl_cert_reqs": (re.compile("none|optional|required"), "none, optional or required"),
    "ssl_check_hostname": (re.compile("true|false|yes|no", re.IGNORECASE), "true or false"),
}


def translate(url: str) -> str:
    """Return the URL for redis-py. Raises `ValueError`, which never shows the URL: it may hold a password."""
    scheme, _, rest = url.strip().partition("://")
    if not (scheme := SCHEMES.get(scheme.lower(), "")):
        raise ValueError("must begin with redis://, rediss:// (for TLS) or unix://")
    if scheme != "unix" and "," in rest.partition("?")[0].rpartition("@")[2]:
        raise ValueError("names several hosts; it takes one, such as that of a proxy before them")
    try:
        parts = urlsplit(f"{scheme}://{rest}")
    except ValueError:
        raise ValueError("cannot be read: is each special character of its password percent-encoded?") from None
    if parts.fragment or "@" in parts.path + parts.query:
        raise ValueError("has a special character, such as / ? or #, that is not percent-encoded")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:  # its text repeats a part of the URL
        raise ValueError("has a wrong port: it is a number from 1 to 65535") from None
    if parts.username not in {None, "", "default"} and not (parts.password or "password=" in parts.query):
        raise ValueError("has a user and no password; a password alone is written redis://:password@host")
    if port == 0:
        raise ValueError("has a wrong port: it is a number from 1 to 65535")
    if scheme == "unix" and (host or not parts.path.startswith("/")):
        raise ValueError("must name the socket by its whole path: unix:///run/redis.sock")
    if scheme != "unix" and not NUMBER.fullmatch(parts.path.strip("/") or "0"):
        raise ValueError("must end with the number of a database, such as /0")
    query = _query(parts.query, tls=scheme == "rediss")
    return f"{scheme}://{parts.netloc}{parts.path}{'?' if query else ''}{query}"


def with_database(url: str, number: int) -> str:
    """Return the URL of another logical database on the same server."""
    parts = urlsplit(url)
    options = {option: value for option, value in parse_qsl(parts.query) if option != "db"}
    path = f"/{number}"
    if parts.scheme == "unix":
        path, options["db"] = parts.path, str(number)
    return f"{parts.scheme}://{parts.netloc}{path}" + (f"?{urlencode(options)}" if options else "")


def _query(query: str, *, tls: bool) -> str:
    options = dict(parse_qsl(query, keep_blank_values=True))
    if not tls and WITH_TLS & set(options):
        raise ValueError("has options for TLS, so it must begin with rediss://")
    if set(options) - ANYWHERE - WITH_TLS:
        known = ", ".join(sorted(ANYWHERE | (WITH_TLS if tls else set())))
        raise ValueError(f"has an option that is none of {known}; timeouts are settings of their own")
    if "ssl_cert_reqs" in options:
        options["ssl_cert_reqs"] = options["ssl_cert_reqs"].lower().removeprefix("cert_")
    for name in FILES & set(options):
        if not Path(options[name]).exists():
            raise ValueError(f"names a file that is not there: {name}")
    for name, (allowed, words) in VALUES.items():
        if name in options and not allowed.fullmatch(options[name]):
            raise ValueError(f"has an option {name} that is not {words}")
    return urlencode(options)

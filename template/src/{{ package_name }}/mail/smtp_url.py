"""URL of an SMTP server. Its scheme alone decides how the connection is encrypted; the server does not.

| scheme | TLS | port |
|---|---|---|
| `smtps://` | from the first byte (RFC 8314, section 3.3) | 465 |
| `smtp+starttls://` | required before anything else is sent; without it, no letter is sent | 587 |
| `smtp://` | none: for a server on this machine or in a private network; no password | 25 |
"""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

type Tls = Literal["implicit", "starttls", "none"]

SCHEMES: dict[str, tuple[Tls, int]] = {
    "smtps": ("implicit", 465),
    "smtp+starttls": ("starttls", 587),
    "smtp": ("none", 25),
}


@dataclass(frozen=True)
class SmtpServer:
    host: str
    port: int
    tls: Tls
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def parse(url: str) -> SmtpServer:
    """Return the server. Raises `ValueError`, which never shows the URL: it may hold a password."""
    scheme, _, rest = url.strip().partition("://")
    if scheme.lower() not in SCHEMES:
        raise ValueError("must begin with smtps://, smtp+starttls:// or, without TLS, smtp://")
    tls, default_port = SCHEMES[scheme.lower()]
    try:
        parts = urlsplit(f"smtp://{rest}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("cannot be read: is each special character of its password percent-encoded?") from None
    if parts.query or parts.fragment or parts.path not in {"", "/"}:
        raise ValueError("has something behind the host, or a character such as / ? or # that is not percent-encoded")
    if not host or port == 0:
        raise ValueError("must name a host, such as smtps://user:password@mail.example.org")
    if bool(parts.username) != bool(parts.password):
        raise ValueError("has a user or a password, and needs both or none")
    if parts.password and tls == "none":
        raise ValueError("has a password, so it must begin with smtps:// or smtp+starttls://")
    user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
    return SmtpServer(host, port or default_port, tls, user, password)

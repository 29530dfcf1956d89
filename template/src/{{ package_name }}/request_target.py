"""Request targets in absolute form, as clients send them to proxies, and as every server must accept them."""

import re
from collections.abc import Sequence

type Headers = Sequence[tuple[bytes, bytes]]

ABSOLUTE = re.compile(rb"[a-z][a-z0-9+.-]*://([^/?#]+)(.*)", re.IGNORECASE).fullmatch


def origin_form(target: bytes, headers: Headers) -> tuple[bytes, Headers]:
    """Return the path and query of an absolute target, and the headers with its host in place of the one received.

    That one has to be ignored (RFC 9112, section 3.2.2). Targets of other forms are returned as they are.
    """
    absolute = ABSOLUTE(target)
    if absolute is None:
        return target, headers
    host, path = absolute.groups()
    replaced = [(name, host if name == b"host" else value) for name, value in headers]
    return path if path.startswith(b"/") else b"/" + path, replaced

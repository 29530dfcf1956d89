"""E-mail addresses: each is that of one mailbox, and cannot become a second recipient or another header."""

import re
from contextlib import suppress
from email.headerregistry import Address

import idna

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LENGTH = r"(?=.{1,64}@)"
ADDRESS = re.compile(LENGTH + rf"{ATOM}(\.{ATOM})*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
"""Form of RFC 5321, section 4.1.2, without quoted and bracketed parts, which are rare and often not supported."""

NAMED = re.compile(r'(?P<name>[^<>"]*?)\s*<(?P<address>[^<>]+)>')


def bare(text: str) -> str:
    """Return the address with its domain in ASCII. Raises `ValueError`, whose text does not repeat it."""
    local, _, domain = text.rpartition("@")
    with suppress(UnicodeError):
        text = f"{local}@{idna.encode(domain, uts46=True).decode()}"
    if not ADDRESS.fullmatch(text):
        raise ValueError("is not the address of one mailbox, such as ada@example.org")
    return text


def named(text: str) -> str:
    """Check `Shop <shop@example.org>`, or an address alone. Raises `ValueError`."""
    parse(text)
    return text


def parse(text: str) -> Address:
    if found := NAMED.fullmatch(text.strip()):
        name = found["name"].strip()
        if not name.isprintable():
            raise ValueError("has a name with a line break or another control character")
        return Address(name, addr_spec=bare(found["address"]))
    return Address(addr_spec=bare(text.strip()))

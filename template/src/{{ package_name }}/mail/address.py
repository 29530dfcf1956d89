"""Addresses of mailboxes: each is one, and holds nothing that could become a second recipient or another header."""

import re
from email.headerregistry import Address

import idna

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LOCAL = re.compile(rf"{ATOM}(\.{ATOM})*")
"""RFC 5322, section 3.2.3. Quoted ones are left out: hardly anybody has one, and few programs read them right."""

NAMED = re.compile(r'(?P<name>[^<>"]*?)\s*<(?P<address>[^<>]+)>')


def bare(text: str) -> str:
    """The address with its domain in ASCII. Raises `ValueError`, which does not repeat it."""
    local, at, domain = text.rpartition("@")
    try:
        domain = idna.encode(domain, uts46=True).decode() if at else ""
    except UnicodeError:
        domain = ""
    if not domain or not LOCAL.fullmatch(local) or len(local) > 64 or not re.fullmatch("[A-Za-z0-9.-]+", domain):  # noqa: PLR2004 - RFC 5321, section 4.5.3.1.1
        raise ValueError("is not the address of one mailbox, such as ada@example.org")
    return f"{local}@{domain}"


def named(text: str) -> str:
    """`Shop <shop@example.org>`, or an address alone. Raises `ValueError`."""
    parse(text)
    return text


def parse(text: str) -> Address:
    if found := NAMED.fullmatch(text.strip()):
        name = found["name"].strip()
        if not name.isprintable():
            raise ValueError("has a name with a line break or another control character")
        return Address(name, addr_spec=bare(found["address"]))
    return Address(addr_spec=bare(text.strip()))

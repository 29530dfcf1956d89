"""Verified tokens: the content of tokens whose signature was verified, so that it is verified only once.

Verifying a signature costs more than the rest of a short request. Before a token expires, only two things can make it
invalid: its key is withdrawn, or its login is ended. Callers check both each time.
"""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass

from joserfc.jwk import Key

SIZE = 4096
"""Largest number of tokens. Of more, the least recently used one is dropped, and would be verified again."""


@dataclass(frozen=True)
class Verified[Content]:
    content: Content
    key: Key
    """Key that has signed the token."""

    ends_at: float
    """Time from which the token is not accepted, in seconds since 1970."""


class VerifiedTokens[Content]:
    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._by_hash: OrderedDict[bytes, Verified[Content]] = OrderedDict()
        """Verified tokens, the last used at the end. They are stored by hash, so that none can be stolen from here."""

    def find(self, token: str) -> Verified[Content] | None:
        """Return the content; `None` if the token has expired, or was not verified here lately."""
        name = _hash(token)
        found = self._by_hash.get(name)
        if found is None:
            return None
        if time.time() >= found.ends_at:
            del self._by_hash[name]
            return None
        self._by_hash.move_to_end(name)
        return found

    def add(self, token: str, verified: Verified[Content]) -> None:
        self._by_hash[_hash(token)] = verified
        if len(self._by_hash) > self._size:
            self._by_hash.popitem(last=False)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

"""Verified tokens: what was read from tokens whose signature is good, so that it is checked once and not each time.

To check a signature costs more than the rest of a short request. Until a token ends, only two things can happen to it:
its key is withdrawn, or its login is ended. Who asks here looks at both each time.
"""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass

from joserfc.jwk import Key

SIZE = 4096
"""Tokens. Of more, the one that was used least lately is forgotten, and would be verified again."""


@dataclass(frozen=True)
class Verified[Content]:
    content: Content
    key: Key
    """The key that has signed it."""

    ends_at: float
    """From this time on it is not accepted, in seconds since 1970."""


class VerifiedTokens[Content]:
    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._by_hash: OrderedDict[bytes, Verified[Content]] = OrderedDict()
        """The one used last is the last. By the hash, so that no token is kept that somebody could use."""

    def find(self, token: str) -> Verified[Content] | None:
        """`None` if it has ended, or was not verified here lately."""
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

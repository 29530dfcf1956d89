"""Keys of access tokens: the first one signs, all of them verify, and their public parts are published.

To replace a key, add the new one after the old one, and wait until all processes have it. Then move it before the old
one. After the lifetime of an access token, remove the old one.
"""

from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey, Key, KeySet

ALGORITHM = "ES256"
"""Algorithm that every library knows. Ed25519 has two names (RFC 9864), and not every library knows both."""


class Keys:
    def __init__(self, numbers: Sequence[bytes]) -> None:
        keys = [_key(number) for number in numbers]
        self.signing = keys[0]
        self.all = KeySet([*keys])

    def find(self, key_id: object) -> Key | None:
        return next((key for key in self.all.keys if key.kid == key_id), None)

    def public(self) -> list[dict[str, Any]]:
        """Return the public keys, as in a JWK Set (RFC 7517, section 5)."""
        return [dict(key.as_dict(private=False)) for key in self.all.keys]


def _key(number: bytes) -> ECKey:
    private = ec.derive_private_key(int.from_bytes(number), ec.SECP256R1())
    key = ECKey.import_key(private, {"use": "sig", "alg": ALGORITHM})
    key.ensure_kid()  # its thumbprint (RFC 7638), so no key needs a name in the settings
    return key

"""A provider that misbehaves in one way. An application must notice each."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from ..support.openid import ALGORITHM, Provider, ProviderServer

EVIL = "https://evil.example"

CLAIMS: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "other"},
    "no audience": {"aud": None},
    "two audiences and no azp": {"aud": ["shop", "other"]},
    "azp of another client": {"aud": ["shop", "other"], "azp": "other"},
    "azp of another client, and one audience": {"azp": "other"},
    "another issuer": {"iss": EVIL},
    "no issuer": {"iss": None},
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "no end": {"exp": None},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject with a control character": {"sub": "a\0da"},
    "a subject that is too long": {"sub": "a" * 256},
    "an address that is no text": {"email": ["ada@example.org"]},
    "a time that is no number": {"auth_time": "now"},
}
"""Claims that replace those of a good token; None removes one."""

TIMES = {"expired": (-900, -600), "issued in the future": (3600, 7200)}
SIGNATURES = (
    "another key under the known kid",
    "a kid that nobody knows",
    "a key that the token brings",
    "tampered",
    "not signed",
    "HS256 with the public key",
    "an access token",
    "no token",
    "no JSON",
)
TOKEN_ENDPOINT = ("no ID token", "an ID token that is no text", "an error", "no object")
ANSWERS = ("another state", "another issuer in the callback")
TOLD_BY_METADATA = ("not signed", "HS256 with the public key", "no issuer in the callback")
"""Faults that the metadata announce as if they were right."""

UNUSABLE = (
    "metadata of another issuer",
    "metadata and token of another issuer",
    "metadata without a token endpoint",
    "metadata that are no object",
    "metadata that are too large",
    "keys that are none",
)


class Misbehaving(Provider):
    def __init__(self, server: ProviderServer, fault: str, *, announced: bool = False) -> None:
        super().__init__(server.issuer, server.key)
        self.fault = fault
        self.announced = announced
        self.other = ECKey.generate_key("P-256", {"kid": "2", "use": "sig"})

    def metadata(self) -> Any:  # noqa: ANN401 - one fault is that it is no object
        told: dict[str, Any] = {}
        match self.fault:
            case "metadata of another issuer" | "metadata and token of another issuer":
                told = {"issuer": EVIL}
            case "metadata without a token endpoint":
                told = {"token_endpoint": None}
            case "metadata that are too large":
                told = {"x": "x" * 1_000_000}
            case "metadata that are no object":
                return [super().metadata()]
        if self.announced:
            told |= {
                "id_token_signing_alg_values_supported": [ALGORITHM, "none", "HS256"],
                "authorization_response_iss_parameter_supported": True,
            }
        return super().metadata() | told

    def keys(self) -> list[dict[str, Any]]:
        return [] if self.fault == "keys that are none" else super().keys()

    def answer(self, asked: dict[str, str]) -> dict[str, str]:
        answer = super().answer(asked)
        match self.fault:
            case "another state":
                return answer | {"state": "x" * 43}
            case "another issuer in the callback":
                return answer | {"iss": EVIL}
            case "no issuer in the callback":
                del answer["iss"]
        return answer

    def claims(self, asked: dict[str, str]) -> dict[str, Any]:
        claims = super().claims(asked) | CLAIMS.get(self.fault, {})
        if self.fault == "metadata and token of another issuer":
            claims["iss"] = EVIL
        if self.fault in TIMES:
            now, (issued, ends) = int(time.time()), TIMES[self.fault]
            claims |= {"iat": now + issued, "exp": now + ends}
        return {name: value for name, value in claims.items() if value is not None}

    def sign(self, claims: dict[str, Any]) -> str:
        header: dict[str, Any] = {"alg": ALGORITHM, "kid": self.key.kid}
        key, token = self.key, super().sign(claims)
        match self.fault:
            case "another key under the known kid":
                key = self.other
            case "a kid that nobody knows":
                header, key = header | {"kid": self.other.kid}, self.other
            case "a key that the token brings":
                header |= {"jwk": dict(self.other.as_dict(private=False)), "kid": self.other.kid}
                key = self.other
            case "an access token":
                header |= {"typ": "at+jwt"}
            case "tampered":
                parts = token.split(".")
                return ".".join([parts[0], encoded(claims | {"sub": "bob"}), parts[2]])
            case "not signed":
                return f"{encoded({'alg': 'none'})}.{encoded(claims)}."
            case "HS256 with the public key":
                return self._sign_with_public_key(claims)
            case "no token" | "no JSON":
                return "x.y" if self.fault == "no token" else ".".join(base64url(part) for part in (b"x", b"y", b"z"))
        return jwt.encode(header, claims, key, algorithms=[ALGORITHM])

    def _sign_with_public_key(self, claims: dict[str, Any]) -> str:
        secret = self.key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        signed = f"{encoded({'alg': 'HS256', 'kid': self.key.kid})}.{encoded(claims)}"
        return f"{signed}.{base64url(hmac.digest(secret, signed.encode(), hashlib.sha256))}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        status, body = super().exchange(form, authorization)
        match self.fault:
            case "no ID token":
                del body["id_token"]
            case "an ID token that is no text":
                body["id_token"] = {"sub": "ada"}
            case "an error":
                return 400, {"error": "invalid_grant"}
            case "no object":
                return 200, ["ada"]
        return status, body


def encoded(part: dict[str, Any]) -> str:
    return base64url(json.dumps(part).encode())


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

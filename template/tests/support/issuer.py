"""Issuer of access tokens, in place of Keycloak, Auth0 or Entra: it listens on a socket, and signs any claims.

For development without an issuer: `python -m tests.support.issuer`. It listens at the default address of the settings,
and prints a token for the given subject. Add `--claims '{"roles": ["shop-admins"]}'` for claims of your own issuer.
"""

import argparse
import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

AUDIENCE = "api"
METADATA, KEYS = "/.well-known/openid-configuration", "/keys"
DAY = 24 * 60 * 60


def new_key(name: str = "first") -> ECKey:
    return ECKey.generate_key("P-256", {"kid": name, "use": "sig", "alg": "ES256"})


KEY = new_key()


class Issuer:
    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: list[dict[str, Any]] = [KEY.as_dict(private=False)]
        """Keys that it publishes."""

        self.metadata: dict[str, Any] = {"issuer": url, "jwks_uri": f"{url}{KEYS}"}
        self.status = 200
        """Status of its responses. With another status than 200, it is down."""

        self.requests: list[str] = []
        """Paths that were requested."""

    def answer(self, path: str) -> tuple[int, object]:
        self.requests.append(path)
        found = {METADATA: self.metadata, KEYS: {"keys": self.keys}}.get(path)
        return (self.status, found) if found else (404, None)


def sign(
    issuer: str,
    subject: str,
    *,
    audience: str = AUDIENCE,
    key: ECKey = KEY,
    header: dict[str, Any] | None = None,
    **claims: object,
) -> str:
    """Return a token of this issuer. A claim that is `None` is left out."""
    now = time.time()
    given = {"iss": issuer, "sub": subject, "aud": audience, "iat": now, "exp": now + 600, "auth_time": int(now)}
    given = {name: value for name, value in {**given, **claims}.items() if value is not None}
    names = {"alg": "ES256", "kid": key.kid, "typ": "at+jwt", **(header or {})}
    return jwt.encode({name: value for name, value in names.items() if value is not None}, given, key)


@contextmanager
def serving(port: int = 0) -> Iterator[Issuer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = issuer.answer(self.path)
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        issuer = Issuer(f"http://localhost:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description="Issue access tokens for development, of anybody to anybody.")
    parser.add_argument("subject", nargs="?", default=str(uuid.uuid4()), help="Whom the token names.")
    parser.add_argument("--claims", type=json.loads, default={}, help="More claims, as JSON.")
    parser.add_argument("--audience", default=AUDIENCE)
    parser.add_argument("--port", type=int, default=9000)
    given = parser.parse_args()
    with serving(given.port) as issuer:
        expires_at = time.time() + DAY
        token = sign(issuer.url, given.subject, audience=given.audience, **{"exp": expires_at, **given.claims})
        print(f"{issuer.url} has signed for {given.subject}, for a day:\n{token}", flush=True)  # noqa: T201
        threading.Event().wait()


if __name__ == "__main__":
    main()

# /// script
# requires-python = ">=3.12"
# dependencies = ["canaille[oidc]>=0.3.6,<0.4", "pytest-iam>=0.3,<0.4"]
# ///
"""Canaille, an OpenID Connect provider that others have written, as a process of its own.

It has one client, and one user, who is logged in there and has agreed. What it needs is in no project: uv installs it
for this script, as `canaille_server.py.lock` says. It prints its address, and ends with its standard input.

    uv run --script --locked canaille_server.py CLIENT_ID CLIENT_SECRET REDIRECT_URI EMAIL
"""

import os
import sys
import threading
import uuid

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

import portpicker
from canaille import create_app
from canaille.backends import Backend
from joserfc.jwk import JWKRegistry
from pytest_iam import Server

CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, EMAIL = sys.argv[1:]

port = portpicker.pick_unused_port()
key = JWKRegistry.generate_key("RSA", 2048)
key.ensure_kid()
app = create_app(
    config={
        "TESTING": True,
        "ENV_FILE": None,
        "SECRET_KEY": str(uuid.uuid4()),
        "WTF_CSRF_ENABLED": False,
        "PREFERRED_URL_SCHEME": "http",
        "SERVER_NAME": f"localhost:{port}",
        "CANAILLE": {
            "DATABASE": "memory",
            "JAVASCRIPT": False,
            "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc", "manage_oidc"]}},
        },
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [key.as_dict(private=True)]},
    }
)
server = Server(app, port, Backend.instance)
user = server.random_user(emails=[EMAIL])
with app.app_context():
    client = server.models.Client(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        client_name="Shop",
        redirect_uris=[REDIRECT_URI],
        grant_types=["authorization_code"],
        response_types=["code"],
        token_endpoint_auth_method="client_secret_basic",  # noqa: S106 - a name
        scope=["openid", "email", "profile"],
        contacts=[EMAIL],
    )
    Backend.instance.save(client)
    client.audience = [client]
    Backend.instance.save(client)
server.login(user)
server.consent(user)
threading.Thread(target=server.httpd.serve_forever, daemon=True).start()
sys.stdout.write(f"http://localhost:{port}\n")
sys.stdout.flush()
sys.stdin.read()

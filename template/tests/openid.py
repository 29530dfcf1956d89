"""Fixtures for OpenID Connect: a provider on this machine, and a browser."""

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from httpx2 import AsyncClient
from joserfc.jwk import ECKey

from .support.openid import Browser, Provider, ProviderServer, Served


@pytest.fixture(scope="session")
def provider_server() -> Iterator[ProviderServer]:
    served = Served()
    server = uvicorn.Server(uvicorn.Config(served.application(), log_config=None, access_log=False))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        issuer = f"http://127.0.0.1:{listening.getsockname()[1]}"
        key = ECKey.generate_key("P-256", {"kid": "1", "use": "sig"})
        served.provider = Provider(issuer, key)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield ProviderServer(issuer, key, served)
        server.should_exit = True
        thread.join()


@pytest.fixture
def provider(provider_server: ProviderServer) -> Provider:
    """Provider in its initial state. The application may keep its metadata and key, which are always the same."""
    provider_server.served.provider = Provider(provider_server.issuer, provider_server.key)
    return provider_server.served.provider


@pytest.fixture
def browser(visitor: AsyncClient) -> Browser:
    return Browser(visitor)

"""Fixtures of the template's own tests: servers behind proxies that fail on demand."""

from collections.abc import AsyncIterator

import pytest

from .support.proxy import Proxy, open_proxy


@pytest.fixture(scope="session")
async def proxies(database_url: str, redis_url: str) -> AsyncIterator[dict[str, Proxy]]:
    """One before each server. They are programs: to start one takes longer than most tests."""
    async with open_proxy(database_url) as database, open_proxy(redis_url) as redis:
        yield {"database": database, "redis": redis}


@pytest.fixture
async def database_proxy(proxies: dict[str, Proxy]) -> AsyncIterator[Proxy]:
    yield proxies["database"]
    await proxies["database"].forward()


@pytest.fixture
async def redis_proxy(proxies: dict[str, Proxy]) -> AsyncIterator[Proxy]:
    yield proxies["redis"]
    await proxies["redis"].forward()

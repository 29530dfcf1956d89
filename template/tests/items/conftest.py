"""Clients of items, which belong to an organisation: their paths begin below one."""

import pytest
from httpx2 import AsyncClient


@pytest.fixture
def client(organisation_client: AsyncClient) -> AsyncClient:
    return organisation_client


@pytest.fixture
def other_client(other_organisation_client: AsyncClient) -> AsyncClient:
    return other_organisation_client

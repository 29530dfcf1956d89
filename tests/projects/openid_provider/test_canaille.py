"""Login with a provider that others have written: at `OPENID_ISSUER`, with `OPENID_SECRET`."""

import os

import pytest
from httpx2 import AsyncClient
from pydantic import SecretStr

from shop.oidc.settings import OidcSettings
from shop.settings import Settings

from ..support.openid import CALLBACK, CLIENT, Browser
from .applications import application

EMAIL = "ada@example.org"


async def agree(address: str) -> str:
    """The callback, after the pages of the provider, where the user is logged in and has agreed."""
    async with AsyncClient(trust_env=False) as client:
        for _ in range(5):
            answer = await client.get(address)
            assert answer.is_redirect, answer.text
            address = str(answer.next_request.url) if answer.next_request else ""
            if address.startswith(CLIENT["redirect_uri"]):
                return f"{CALLBACK}?{address.partition('?')[2]}"
    pytest.fail(f"the provider does not lead back: {address}")


@pytest.mark.usefixtures("state")
async def test_a_user_of_canaille_logs_in_once_for_each_answer(settings: Settings) -> None:
    secret = SecretStr(os.environ["OPENID_SECRET"])
    given = {"issuer": os.environ["OPENID_ISSUER"], "client_secret": secret, "trust_email": True}
    oidc = settings[OidcSettings].model_copy(update=given)
    async with application(settings.model_copy(update={"oidc": oidc})) as browser:
        callback = await agree(await browser.begin("?return_to=/orders"))
        assert "&iss=" in callback
        assert await browser.complete(await browser.get(callback)) == "/orders"
        first = (await browser.get("/users/me")).json()
        assert first["email"] == EMAIL
        assert (await browser.get(callback)).status_code == 400
        again = Browser(browser.client)
        await again.complete(await again.get(await agree(await again.begin())))
        assert (await again.get("/users/me")).json()["id"] == first["id"]

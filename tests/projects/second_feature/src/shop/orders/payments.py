"""Payments: a client of another API, with settings of its own."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Annotated

from fastapi import Depends
from httpx2 import AsyncClient, HTTPError
from pydantic import BaseModel, Field, SecretStr

from ..errors import Unavailable
from ..resources import Resources, resource
from ..settings import Group, Seconds
from .errors import PaymentRefused

PAYMENT_REQUIRED = 402


class PaymentsSettings(Group):
    url: Annotated[str, Field(examples=["https://payments.example"])]
    key: Annotated[SecretStr, Field(examples=["test-key"])]
    timeout: Seconds = 2.0


class Charge(BaseModel):
    id: Annotated[str, Field(max_length=100)]


class Payments:
    def __init__(self, http: AsyncClient) -> None:
        self._http = http

    async def charge(self, order_id: uuid.UUID, amount: Decimal) -> str:
        """Charged once for each order, however often this is asked. Returns the id of the payment."""
        body, headers = {"amount": str(amount)}, {"Idempotency-Key": str(order_id)}
        try:
            response = await self._http.post("/charges", json=body, headers=headers)
            if response.status_code == PAYMENT_REQUIRED:
                raise PaymentRefused("The payment was refused.")
            response.raise_for_status()
        except HTTPError as error:
            raise Unavailable("Payments cannot be made at the moment.") from error
        return Charge.model_validate_json(response.content).id

    async def ping(self) -> None:
        (await self._http.get("/health")).raise_for_status()


@asynccontextmanager
async def open_payments(resources: Resources) -> AsyncIterator[Payments]:
    settings = resources[PaymentsSettings]
    headers = {"Authorization": f"Bearer {settings.key.get_secret_value()}"}
    async with AsyncClient(base_url=settings.url, headers=headers, timeout=settings.timeout) as http:
        yield Payments(http)


PaymentsDep = Annotated[Payments, Depends(resource(Payments))]

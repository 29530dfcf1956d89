import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from sqlalchemy import text
from websockets.asyncio.client import ClientConnection, connect

from shop import cli
from shop.background import running
from shop.orders import service
from shop.orders.feature import feature
from shop.orders.feed import CHANNEL, Feed
from shop.resources import Resources
from shop.settings import Settings

from ..items.factories import make_item
from ..outgoing import Outgoing
from ..rows import Store
from ..support.environment import variables
from ..support.eventually import eventually

CHARGES, HEALTH = "https://payments.example/charges", "https://payments.example/health"


@pytest.fixture
async def item(store: Store) -> str:
    return str((await store(make_item("Tea", "3.50"))).id)


@pytest.fixture
async def listening(state: Resources) -> AsyncIterator[None]:
    """The background loops of the feature, as in a process that serves."""

    async def subscriptions() -> int:
        ((_, count),) = await state.redis.pubsub_numsub(CHANNEL)
        return count

    async with running(feature.background, state):
        await eventually(subscriptions, 1)
        yield


async def place(client: AsyncClient, item: str, quantity: int = 2) -> dict[str, Any]:
    response = await client.post("/orders", json={"item_id": item, "quantity": quantity})
    assert response.status_code == 201, response.text
    order: dict[str, Any] = response.json()
    return order


def problem(response: Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"]


@asynccontextmanager
async def events(client: AsyncClient) -> AsyncIterator[AsyncIterator[dict[str, str]]]:
    async with client.stream("GET", "/orders/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = (line async for line in response.aiter_lines() if line.startswith("data:"))
        yield (json.loads(line.removeprefix("data:")) async for line in lines)


def watch(client: AsyncClient, order_id: str) -> connect:
    url = str(client.base_url).rstrip("/").replace("http", "ws", 1)
    login = {name: value for name, value in client.headers.items() if name == "authorization"}
    return connect(f"{url}/orders/{order_id}/watch", proxy=None, additional_headers=login)


async def received(socket: ClientConnection) -> str:
    async with asyncio.timeout(5):
        return str(await socket.recv())


async def test_an_order_shows_its_item_and_what_it_costs(client: AsyncClient, item: str) -> None:
    order = await place(client, item)
    assert (order["item_name"], order["amount"], order["status"]) == ("Tea", "7.00", "open")
    assert (await client.get(f"/orders/{order['id']}")).json() == order
    missing = await client.get(f"/orders/{uuid.uuid4()}")
    assert problem(missing) == (404, "urn:problem:order-not-found")


async def test_what_is_not_there_cannot_be_ordered(client: AsyncClient) -> None:
    response = await client.post("/orders", json={"item_id": str(uuid.uuid4()), "quantity": 1})
    assert problem(response) == (409, "urn:problem:ordered-item-missing")


async def test_an_item_that_was_ordered_stays(client: AsyncClient, item: str) -> None:
    await place(client, item)
    response = await client.delete(f"/items/{item}", headers={"If-Match": "*"})
    assert problem(response) == (409, "urn:problem:still-referenced")


async def test_an_order_is_charged_once(client: AsyncClient, item: str, outgoing: Outgoing) -> None:
    outgoing.answer("POST", CHARGES, 201, {"id": "charge-1"})
    order = await place(client, item)
    paid = await client.post(f"/orders/{order['id']}/payment")
    assert (paid.json()["status"], paid.json()["payment_id"]) == ("paid", "charge-1")
    (request,) = outgoing.requests
    assert json.loads(request.content) == {"amount": "7.00"}
    assert (request.headers["authorization"], request.headers["idempotency-key"]) == ("Bearer test-key", order["id"])
    again = await client.post(f"/orders/{order['id']}/payment")
    assert problem(again) == (409, "urn:problem:order-not-open")


@pytest.mark.parametrize(("status", "answer"), [(402, 409), (500, 503), (None, 503)])
async def test_a_payment_that_fails_changes_nothing(
    client: AsyncClient, item: str, outgoing: Outgoing, status: int | None, answer: int
) -> None:
    if status:
        outgoing.answer("POST", CHARGES, status)
    order = await place(client, item)
    assert (await client.post(f"/orders/{order['id']}/payment")).status_code == answer
    assert (await client.get(f"/orders/{order['id']}")).json() == order


async def test_who_pays_twice_at_once_pays_once(client: AsyncClient, item: str, outgoing: Outgoing) -> None:
    outgoing.answer("POST", CHARGES, 201, {"id": "charge-1"})
    path = f"/orders/{(await place(client, item))['id']}/payment"
    responses = await asyncio.gather(client.post(path), client.post(path))
    assert sorted(response.status_code for response in responses) == [200, 409]


async def test_without_payments_the_process_is_degraded(client: AsyncClient, outgoing: Outgoing) -> None:
    degraded = (await client.get("/health/ready")).json()
    outgoing.answer("GET", HEALTH)
    up = (await client.get("/health/ready")).json()
    assert [(each["status"], each["payments"]) for each in (degraded, up)] == [("degraded", "down"), ("up", "up")]


async def test_all_orders_of_a_file_are_placed_or_none(client: AsyncClient, item: str, state: Resources) -> None:
    good = f"\ufeffitem_id,quantity\n{item},1\n{item},2\n".encode()
    bad = [good + b"x,1\n", good + f"{uuid.uuid4()},1\n".encode(), b"\xff", b"item_id\n1\n"]
    responses = [await client.post("/orders/uploads", files={"file": ("a.csv", content)}) for content in (good, *bad)]
    assert [response.status_code for response in responses] == [201, 400, 409, 400, 400]
    assert responses[0].json() == {"placed": 2}
    async with state.sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM orders")) == 2


async def test_a_file_may_be_larger_than_other_bodies(client: AsyncClient, item: str) -> None:
    lines = f"{item},1\n".encode() * 100
    padded = b"item_id,quantity\n" + lines + b"\n" * (client_limit := 2 * 1024 * 1024)
    assert len(padded) > client_limit
    assert (await client.post("/orders/uploads", files={"file": ("a.csv", padded)})).json() == {"placed": 100}
    too_large = b"\n" * 10_000_001
    assert (await client.post("/orders/uploads", files={"file": ("a.csv", too_large)})).status_code == 413


@pytest.mark.usefixtures("listening")
async def test_a_stream_has_every_change_after_its_commit(client: AsyncClient, item: str) -> None:
    async with events(client) as changes:
        refused = await client.post("/orders", json={"item_id": str(uuid.uuid4()), "quantity": 1})
        order = await place(client, item)
        async with asyncio.timeout(5):
            assert await anext(changes) == {"id": order["id"], "status": "open"}
    assert refused.status_code == 409


@pytest.mark.usefixtures("listening")
async def test_a_socket_follows_an_order_until_it_is_paid(client: AsyncClient, item: str, outgoing: Outgoing) -> None:
    outgoing.answer("POST", CHARGES, 201, {"id": "charge-1"})
    order = await place(client, item)
    async with watch(client, order["id"]) as socket:
        assert await received(socket) == "open"
        await client.post(f"/orders/{order['id']}/payment")
        assert await received(socket) == "paid"
        async with asyncio.timeout(5):
            await socket.wait_closed()


@pytest.mark.usefixtures("listening")
async def test_who_leaves_is_forgotten(client: AsyncClient, item: str, state: Resources) -> None:
    order = await place(client, item)
    async with watch(client, order["id"]) as socket, events(client):
        await received(socket)

    async def subscribers() -> int:
        return len(state[Feed].subscribers)

    await eventually(subscribers, 0)


async def test_orders_that_nobody_pays_are_cancelled(client: AsyncClient, item: str, state: Resources) -> None:
    old, new = await place(client, item), await place(client, item)
    async with state.sessions.begin() as session:
        statement = text("UPDATE orders SET created_at = now() - interval '25 hours' WHERE id = :id")
        await session.execute(statement, {"id": uuid.UUID(old["id"])})
    assert await service.cancel_older(state, 24) == 1
    statuses = [(await client.get(f"/orders/{order['id']}")).json()["status"] for order in (old, new)]
    assert statuses == ["cancelled", "open"]


@pytest.mark.usefixtures("bare_environment", "logging_restored")
def test_the_command_works_with_the_resources_of_the_application(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in variables(settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cli.app, "registered_groups", [*cli.app.registered_groups])
    monkeypatch.setattr("sys.argv", ["shop", "orders", "cancel", "--hours", "1"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert (ended.value.code, capsys.readouterr().out) == (0, "0 cancelled\n")

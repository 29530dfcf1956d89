import asyncio
import uuid
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request, UploadFile, WebSocket
from fastapi.sse import EventSourceResponse

from ..db.session import ReadOnly, Session
from ..limits import limited
from ..problems import responses
from ..resources import resources_of
from . import service
from .errors import UnreadableOrders
from .feed import Changes, FeedDep
from .models import OrderStatus
from .schemas import OrderChanged, OrderCreate, OrderRead, OrdersUploaded

router = APIRouter(prefix="/orders", tags=["orders"])


@router.post("", status_code=201, responses=responses(409))
async def place_order(new: OrderCreate, session: Session, feed: FeedDep) -> OrderRead:
    (order,) = await service.place(session, feed, new)
    return await service.get(session.reader, order.id)


@router.get("/{order_id:uuid}", responses=responses(404))
async def read_order(order_id: uuid.UUID, reader: ReadOnly) -> OrderRead:
    return await service.get(reader, order_id)


@router.post("/{order_id:uuid}/payment", responses=responses(404, 409))
async def pay_order(order_id: uuid.UUID, request: Request) -> OrderRead:
    return await service.pay(resources_of(request), order_id)


@router.post("/uploads", status_code=201, responses=responses(400, 409, 413))
@limited(max_body_bytes=10_000_000, request_timeout=60)
async def upload_orders(file: UploadFile, session: Session, feed: FeedDep) -> OrdersUploaded:
    """Place all orders of a CSV file, or none."""
    try:
        text = (await file.read()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableOrders("The file is not UTF-8.") from error
    new = service.read_orders(text.splitlines())
    return OrdersUploaded(placed=len(await service.place(session, feed, *new)))


@router.get("/events", response_class=EventSourceResponse)
async def stream_orders(feed: FeedDep) -> AsyncIterator[OrderChanged]:
    """Every change of an order from now on."""
    with feed.subscribed() as changes:
        while True:
            yield await changes.get()


@router.websocket("/{order_id:uuid}/watch")
async def watch_order(order_id: uuid.UUID, websocket: WebSocket, reader: ReadOnly, feed: FeedDep) -> None:
    """The status of an order, and each further one until it is open no more, or the client leaves."""
    with feed.subscribed() as changes:
        status = (await service.get(reader, order_id)).status
        await websocket.accept()
        tasks = [
            asyncio.create_task(_send_statuses(websocket, order_id, status, changes)),
            asyncio.create_task(_wait_until_gone(websocket)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()


async def _send_statuses(websocket: WebSocket, order_id: uuid.UUID, status: OrderStatus, changes: Changes) -> None:
    await websocket.send_text(status)
    while status is OrderStatus.OPEN:
        changed = await changes.get()
        if changed.id == order_id and changed.status is not status:
            status = changed.status
            await websocket.send_text(status)
    await websocket.close()


async def _wait_until_gone(websocket: WebSocket) -> None:
    async for _ in websocket.iter_text():
        pass

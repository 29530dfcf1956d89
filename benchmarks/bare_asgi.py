"""Bare ASGI application for comparison: no framework, asyncpg and orjson, the same queries."""

import os
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import asyncpg
import orjson

ITEMS = "SELECT id, name, price, description, status, category, version, created_at, updated_at FROM items"
BY_ID = ITEMS + " WHERE id = $1"
NEWEST = ITEMS + " ORDER BY created_at DESC, id DESC LIMIT $1"

Message = dict[str, Any]


def create_app() -> Callable[..., Awaitable[None]]:
    pool: asyncpg.Pool

    async def app(scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[..., Any]) -> None:
        nonlocal pool
        if scope["type"] == "lifespan":
            await receive()
            url = os.environ["DATABASE_URL"].replace("+asyncpg", "")
            # Without RESET ALL after each use, as SQLAlchemy's pool does without it.
            pool = await asyncpg.create_pool(url, min_size=10, max_size=10, reset=_no_reset)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await pool.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
        query = parse_qs(scope["query_string"].decode())
        async with pool.acquire() as connection:
            if "limit" in query:
                rows = await connection.fetch(NEWEST, int(query["limit"][0]) + 1)
                answer = {"items": [dict(row) for row in rows[:-1]], "next": None}
            else:
                answer = dict(await connection.fetchrow(BY_ID, scope["path"].rpartition("/")[2]))
        content = orjson.dumps(answer, default=str)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    return app


async def _no_reset(_: object) -> None:
    pass

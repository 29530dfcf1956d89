import asyncio

import asyncpg


def ask(url: str, statement: str) -> object:
    """The one value that a statement returns, over a connection of its own."""
    return asyncio.run(_ask(url.replace("+asyncpg", ""), statement))


async def _ask(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()

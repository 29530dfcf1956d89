"""Pages of a list, read one after the other."""

from typing import Any

from httpx2 import AsyncClient

type Rows = list[dict[str, Any]]


async def pages(client: AsyncClient, path: str, **query: object) -> list[Rows]:
    seen: list[Rows] = []
    cursor: str | None = ""
    while cursor is not None:
        rows, cursor = await page(client, path, **query, **({"cursor": cursor} if cursor else {}))
        seen.append(rows)
    return seen


async def page(client: AsyncClient, path: str, **query: object) -> tuple[Rows, str | None]:
    """Return the rows, and the cursor of the next page."""
    response = await client.get(path, params=query)  # type: ignore[arg-type]
    assert response.status_code == 200, response.text
    answer = response.json()
    return answer["items"], answer["next"]

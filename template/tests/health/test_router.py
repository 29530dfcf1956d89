from httpx2 import AsyncClient


async def test_the_process_is_alive(client: AsyncClient) -> None:
    response = await client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "up"})


async def test_it_is_ready_when_both_servers_answer(client: AsyncClient) -> None:
    response = await client.get("/health/ready")
    checks = response.json()
    assert (response.status_code, checks["database"], checks["redis"]) == (200, "up", "up")

"""The application under uvicorn: `run` for production, and the configuration that development uses as well."""

from typing import Any

import uvicorn

from . import logs, server
from .settings import Settings

FACTORY = f"{__package__}.worker:served_app"
"""Import path of the application: each worker is a new process, which imports it itself."""

KEEP_ALIVE = 75
"""Time in seconds that an idle connection stays open. It is longer than that of most load balancers (60 seconds): a
request that they send just as we close the connection would fail."""


def run(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT. Requests in flight then get `api.shutdown_grace` seconds to finish."""
    logs.configure(settings.log)
    production = {"workers": workers, "loop": "uvloop", "server_header": False}
    server.run(configuration(host=host, port=port, grace=settings.api.shutdown_grace, **production))


def configuration(*, host: str, port: int, grace: int, **options: Any) -> uvicorn.Config:  # noqa: ANN401 - uvicorn's own
    return uvicorn.Config(
        FACTORY,
        factory=True,
        # Their names: `dev` sends this to a process that has to start even if they cannot be imported.
        http=f"{__package__}.http_protocol:HttpProtocol",
        ws=f"{__package__}.websocket_protocol:WebSocketProtocol",
        host=host,
        port=port,
        log_config=None,  # `served_app` sets up the logs …
        access_log=False,  # … and the middleware writes a line for each request
        proxy_headers=False,  # the middleware reads them, so that tests and `dev` have it as well
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=grace,
        **options,
    )

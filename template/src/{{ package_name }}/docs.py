"""`/docs`: Swagger UI. All its files are in a package, so it works without a network.

Each page has its own policy (CSP level 3), which allows only these files and the inline script with this hash.
"""

import base64
import hashlib
import re
from collections.abc import Collection
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html, get_swagger_ui_oauth2_redirect_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

DOCS, ASSETS, OAUTH2_REDIRECT = "/docs", "/docs/assets", "/docs/oauth2-redirect"

INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class _Whole(StaticFiles):
    """Files without ranges. A server may ignore them (RFC 9110, section 14.2); Starlette's errors are plain text."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)


def install(app: FastAPI) -> None:
    """Serve the page, its files, and the page to which an authorization server redirects the browser (RFC 6749)."""

    async def docs(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "")
        page = get_swagger_ui_html(
            openapi_url=f"{root}{app.openapi_url}",
            title=app.title,
            swagger_js_url=f"{root}{ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{root}{ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{root}{ASSETS}/favicon.png",
            oauth2_redirect_url=f"{root}{OAUTH2_REDIRECT}",
        )
        # The window of the login must be able to reach this window.
        return _with_policy(page, "same-origin-allow-popups", _token_servers(app.openapi()))

    async def oauth2_redirect(_: Request) -> HTMLResponse:
        return _with_policy(get_swagger_ui_oauth2_redirect_html(), "unsafe-none")

    app.mount(ASSETS, _Whole(directory=Path(str(files("fastapi_offline") / "static"))))
    app.add_route(DOCS, docs, include_in_schema=False)
    app.add_route(OAUTH2_REDIRECT, oauth2_redirect, include_in_schema=False)


def _with_policy(page: HTMLResponse, opener_policy: str, connect: Collection[str] = ()) -> HTMLResponse:
    scripts = INLINE_SCRIPT.findall(bytes(page.body).decode())
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    page.headers["Content-Security-Policy"] = "; ".join(
        [
            "default-src 'none'",
            f"connect-src {' '.join(["'self'", *sorted(connect)])}",
            "img-src 'self' data:",
            f"script-src {' '.join(["'self'", *(f"'sha256-{value}'" for value in hashes)])}",
            "style-src 'self' 'unsafe-inline'",  # Swagger UI writes styles into its elements
            "frame-ancestors 'none'",
        ]
    )
    page.headers["Cross-Origin-Opener-Policy"] = opener_policy
    return page


def _token_servers(document: dict[str, Any]) -> set[str]:
    """Origins of other servers from which Swagger UI fetches tokens."""
    schemes = document.get("components", {}).get("securitySchemes", {}).values()
    urls = [urlsplit(flow.get("tokenUrl", "")) for scheme in schemes for flow in scheme.get("flows", {}).values()]
    return {f"{url.scheme}://{url.netloc}" for url in urls if url.netloc}

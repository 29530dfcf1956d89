"""CORS: which pages of other origins may call the API from a browser (Fetch standard, section 3.2)."""

from fastapi.middleware.cors import CORSMiddleware
from starlette.datastructures import Headers
from starlette.responses import Response

from ..problems import respond


class Cors(CORSMiddleware):
    """Starlette's middleware, with a problem as the answer to a preflight that is refused."""

    def preflight_response(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers)
        if response.status_code == 200:
            return response
        reason, headers = bytes(response.body).decode(), {"Vary": response.headers["Vary"]}
        return respond(None, response.status_code, reason, headers=headers)

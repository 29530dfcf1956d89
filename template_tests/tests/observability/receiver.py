"""A receiver of OTLP over HTTP, as a collector is one: it decodes what comes and keeps the spans.

Each has an address of its own: what an earlier application still sends to the same port is not received.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

PATH, TYPE = "/v1/traces", "application/x-protobuf"


@dataclass(frozen=True)
class Received:
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    failed: bool
    attributes: dict[str, object]
    service: dict[str, object]


@dataclass
class Receiver:
    url: str = ""
    spans: list[Received] = field(default_factory=list)
    raw: bytes = b""

    async def received(self) -> int:
        return len(self.spans)

    def named(self, name: str) -> Received:
        (span,) = (span for span in self.spans if span.name == name)
        return span

    def children_of(self, parent: Received) -> list[Received]:
        return [span for span in self.spans if span.parent_id == parent.span_id]

    def take(self, body: bytes) -> None:
        self.raw += body
        for resource_spans in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = {pair.key: pair.value.string_value for pair in resource_spans.resource.attributes}
            self.spans += [_read(span, service) for scope in resource_spans.scope_spans for span in scope.spans]


def _read(span: Span, service: dict[str, object]) -> Received:
    values = {pair.key: getattr(pair.value, str(pair.value.WhichOneof("value"))) for pair in span.attributes}
    return Received(
        name=span.name,
        kind=Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        attributes=values,
        service=service,
    )


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    folder = f"/{secrets.token_hex(8)}"

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            ours = self.path == f"{folder}{PATH}"
            if ours:
                assert self.headers["Content-Type"] == TYPE
                receiver.take(body)
            self.send_response(200 if ours else 404)
            self.send_header("Content-Type", TYPE)
            self.end_headers()
            self.wfile.write(ExportTraceServiceResponse().SerializeToString())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}{folder}"
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()

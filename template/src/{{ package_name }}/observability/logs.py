"""Each line of the log names the trace and the span that it was written in."""

from opentelemetry.trace import format_span_id, format_trace_id, get_current_span
from structlog.types import EventDict, WrappedLogger


def add_trace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Add `trace_id` and `span_id`, in hexadecimal as everywhere else. Outside a trace there are none."""
    span = get_current_span().get_span_context()
    if span.is_valid:
        event["trace_id"] = format_trace_id(span.trace_id)
        event["span_id"] = format_span_id(span.span_id)
    return event

"""Structured logs on standard output: JSON for machines, colours for a person at a terminal.

A line is an event with fields. A client cannot forge a line with the text that it sends (ASVS 5.0, 16.4.1), and no
control character reaches a terminal. Logs of other libraries, which use `logging`, get the same form.
"""

import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from pydantic_core import to_json
from structlog.tracebacks import ExceptionDictTransformer
from structlog.types import EventDict, ExceptionTransformer, ExcInfo, Processor, WrappedLogger

from .settings import LogSettings
from .terminal import printable

WRITTEN = "_written"
"""Attribute of an exception that is already in our log."""

WITHOUT_VALUES = ("This Session has been permanently closed", "the number of query arguments cannot exceed")
"""Beginnings of messages that are always written: they hold no values, and the type alone does not tell the fault."""


def configure(settings: LogSettings, stream: TextIO | None = None, processors: tuple[Processor, ...] = ()) -> None:
    """Set up `structlog` and `logging`, by default for standard output. A later call replaces an earlier one."""
    stream = stream or sys.stdout
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    pretty = settings.format == "console" or (settings.format == "auto" and stream.isatty())
    messages = bool(settings.exception_messages)
    common: list[Processor] = [structlog.contextvars.merge_contextvars, *processors]
    render: list[Processor]
    if pretty:
        common += [structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True)]
        text = _text(messages=messages)
        render = [_printable, structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=text)]
    else:
        render = [_JsonLine(structlog.processors.ExceptionRenderer(_stacks(messages=messages)))]
    logger = _LossyLogger(stream)
    structlog.configure(
        processors=[_remember, *common, *render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: logger,  # one for all lines
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*common, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    # At the level `debug`, libraries log the data that they send and receive, with its headers.
    logging.basicConfig(handlers=[handler], level=max(level, logging.INFO), force=True)
    # At the level `info`, they log URLs with their queries, and the end of each connection.
    for library in ("httpx", "httpx2", f"{__package__}.db.pool"):
        logging.getLogger(library).setLevel(max(level, logging.WARNING))
    logging.getLogger("uvicorn.error").addFilter(_from_uvicorn)
    logging.getLogger("asyncio").addFilter(_from_asyncio)
    # We log each request ourselves, with its request id; one line for each request is enough.
    logging.getLogger("uvicorn.access").disabled = True


def info(event: str, **fields: object) -> None:
    """Log as a logger does, but without creating one: that would be half of the cost of a request's line."""
    config = structlog.get_config()
    if not config["wrapper_class"].is_enabled_for(None, logging.INFO):
        return
    line: Any = {**fields, "event": event}
    try:
        for processor in config["processors"]:
            line = processor(None, "info", line)
    except structlog.DropEvent:
        return
    config["logger_factory"]().info(line)


def _remember(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    given = event.get("exc_info")
    if error := given if isinstance(given, BaseException) else given and sys.exception():
        setattr(error, WRITTEN, True)
    return event


def _from_uvicorn(record: logging.LogRecord) -> bool:
    """Drop a fault that is already in the log, and remove the query of a WebSocket's URL, which may hold a token.

    Also drop the error that uvicorn logs for a WebSocket that is refused with a response. `RequestContext` logs faults.
    """
    record.msg = str(record.msg).rstrip("\n")
    if isinstance(record.args, tuple) and '"WebSocket %s"' in record.msg:
        record.args = tuple(part.partition("?")[0] if isinstance(part, str) else part for part in record.args)
    if record.msg == "ASGI callable returned without completing handshake.":
        return False
    return not (record.exc_info and getattr(record.exc_info[1], WRITTEN, False))


def _from_asyncio(record: logging.LogRecord) -> bool:
    """Keep the first line of a message about a failed task. The exception is left out: the traceback shows it."""
    if record.exc_info:
        record.msg = str(record.msg).partition("\n")[0]
    return True


def _stacks(*, messages: bool) -> ExceptionTransformer:
    """Format exceptions as their types and places, without local variables (may be secret); messages are optional."""
    transform = ExceptionDictTransformer(show_locals=False)

    def stacks(exc_info: ExcInfo) -> list[dict[str, Any]]:
        return transform(exc_info) if messages else _without_messages(transform(exc_info))

    return stacks


def _without_messages(stacks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            **stack,
            "exc_value": stack["exc_value"] if stack["exc_value"].startswith(WITHOUT_VALUES) else "",
            "exc_notes": [],
            "syntax_error": None,
            "exceptions": [_without_messages(member) for member in stack["exceptions"]],
        }
        for stack in stacks
    ]


def _text(*, messages: bool) -> Callable[[TextIO, ExcInfo], None]:
    """Format exceptions as text; with messages, as Python prints them."""
    stacks = _stacks(messages=False)

    def write(stream: TextIO, exc_info: ExcInfo) -> None:
        text = "".join(traceback.format_exception(*exc_info)) if messages else "\n".join(_lines(stacks(exc_info)))
        stream.write(f"\n{escaped(text, keep='\n')}")

    return write


def _lines(stacks: list[dict[str, Any]]) -> Iterator[str]:
    """Return the lines of exceptions, those of causes first, as Python does."""
    for stack in reversed(stacks):
        for frame in stack["frames"]:
            yield f'  File "{frame["filename"]}", line {frame["lineno"]}, in {frame["name"]}'
        yield ": ".join(filter(None, (stack["exc_type"], stack["exc_value"])))
        yield from (f"    {line}" for member in stack["exceptions"] for line in _lines(member))


def _printable(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Escape the control characters of an event, which could move the cursor. Exceptions are escaped when written."""
    apart = {name: event.pop(name) for name in ("event", "exc_info") if name in event}
    if isinstance(text := apart.get("event"), str):  # further lines are indented, so none looks like a log line
        apart["event"] = escaped(text, keep="\n").replace("\n", "\n    ")
    return {escaped(name): escaped(value) for name, value in event.items()} | apart


def escaped(value: Any, keep: str = "") -> Any:  # noqa: ANN401 - what is printable already is left as it is
    """Escape control characters and surrogates, as JSON does, other than those to `keep`."""
    text = value if isinstance(value, str) else repr(value)
    return value if text.isprintable() else printable(text, keep)


class _LossyLogger:
    """Writes lines. One that cannot be written is lost: a full disk must not fail a request or a job."""

    def __init__(self, stream: TextIO) -> None:
        self._write, self._flush = stream.write, stream.flush

    def msg(self, line: str) -> None:
        try:  # not `suppress`: it would cost each line
            self._write(f"{line}\n")
            self._flush()
        except OSError:
            pass

    log = debug = info = warning = error = critical = exception = fatal = msg


class _JsonLine:
    """Processor that renders an event as a line of JSON, with its level and the time.

    There is a line for each request, so this is one processor instead of four. It uses Pydantic, which takes a third of
    the time of the standard library.
    """

    def __init__(self, render_exception: Processor) -> None:
        self._render_exception = render_exception

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> str:
        fields: Any = self._render_exception(logger, method, event) if "exc_info" in event else event
        fields["level"] = method
        fields["timestamp"] = datetime.now(UTC)
        try:
            line = to_json(fields, fallback=repr, inf_nan_mode="strings").decode()
        except ValueError:  # bytes or surrogates that are not text, or a list that contains itself
            texts = {name: str(value).encode(errors="backslashreplace").decode() for name, value in fields.items()}
            line = to_json({**texts, "timestamp": fields["timestamp"]}).decode()
        return line if line.isprintable() else str(escaped(line))

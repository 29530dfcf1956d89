"""`python -m <package>.dev.host KIND [DATA]`: the other end of the tether."""

import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from .errors import ServerError
from .postgres_server import postgres_server
from .tether import FAILED, READY
from .valkey_server import valkey_server

SERVERS = {"postgres": postgres_server, "valkey": valkey_server}


def main(kind: str, data: Path | None, lifeline: BinaryIO, answer: TextIO) -> None:
    """Run a server until `lifeline` ends. A SIGTERM to this process ends it as cleanly."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # A broken pipe: who asked for the server was killed before it was ready.
    with suppress(KeyboardInterrupt, BrokenPipeError):
        try:
            with SERVERS[kind](data) as url:
                print(READY, url, file=answer, flush=True)
                lifeline.read()
        except (ServerError, OSError) as error:
            print(FAILED, error, file=answer, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]) if sys.argv[2:] else None, sys.stdin.buffer, sys.stdout)

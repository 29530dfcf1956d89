"""`python -m <package>_dev`: throw-away servers for another program, until it closes our input or stops us.

With arguments, the kind of a server and perhaps a folder for its data, this is the supervisor of that server.
"""

import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from . import ServerError, postgres, supervisor, valkey


def main(lifeline: BinaryIO, output: TextIO) -> None:
    """Print `DATABASE_URL=…` and `REDIS_URL=…`, and run the two servers until `lifeline` ends."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with suppress(KeyboardInterrupt), postgres() as database, valkey() as redis:
            print(f"DATABASE_URL={database}\nREDIS_URL={redis}", file=output, flush=True)
            lifeline.read()
    except ServerError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    if sys.argv[1:]:
        data = Path(sys.argv[2]) if sys.argv[2:] else None
        supervisor.run(sys.argv[1], data, sys.stdin.buffer, sys.stdout)
    else:
        main(sys.stdin.buffer, sys.stdout)

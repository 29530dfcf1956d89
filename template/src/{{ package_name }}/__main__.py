"""Entry point of the project's command. The other imports are inside `main`, so that Ctrl-C ends them quietly too."""

import os
import sys

INTERRUPTED = 130


def main() -> None:
    _open_closed_streams()
    try:
        from . import cli  # noqa: PLC0415 - see above

        cli.main()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _open_closed_streams() -> None:
    """Open the null device for each standard stream that is closed, or a socket or a file would get its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            lowest = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(lowest, True)  # noqa: FBT003 - takes no name
            setattr(sys, name, os.fdopen(lowest, mode))


if __name__ == "__main__":
    main()

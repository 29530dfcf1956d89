"""Entry point of the project's command. The other imports are inside `main`, so that Ctrl-C ends them quietly too."""

import sys

INTERRUPTED = 130


def main() -> None:
    try:
        from . import cli  # noqa: PLC0415 - see above

        cli.main()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()

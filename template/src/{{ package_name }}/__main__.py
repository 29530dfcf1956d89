"""Entry point of the project's command. It imports the rest only once Ctrl-C ends it quietly."""

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

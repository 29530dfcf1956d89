"""Lines with colours, where somebody sees them."""

import os
import sys

import typer

Part = str | tuple[str, str]
"""Text, or text and its style: a colour, `bold`, `dim`, or several of them with spaces between."""


_BYTES = {chr(0xDC00 + byte): f"\\{byte:03o}" for byte in range(0x80, 0x100)}
"""What Python makes of bytes in names of files that are no text."""


def is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()


def shows_colour(*, err: bool = False) -> bool:
    """As no-color.org and force-color.org have it; else, on a terminal that is not dumb."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return (sys.stderr if err else sys.stdout).isatty() and os.environ.get("TERM") != "dumb"


def line(*parts: Part, err: bool = False) -> None:
    """Print one line, however long."""
    colour = shows_colour(err=err)
    typer.echo("".join(_styled(part, colour=colour) for part in parts), err=err, color=colour)


def one_line(text: str) -> str:
    """`text` without what would end the line or steer the terminal, and with bytes that are no text as git has them."""
    return "".join(character if character.isprintable() else _BYTES.get(character, " ") for character in text)


def _styled(part: Part, *, colour: bool) -> str:
    text, style = part if isinstance(part, tuple) else (part, "")
    if not (style and colour):
        return text
    words = set(style.split())
    hue = next(iter(words - {"bold", "dim"}), None)
    return typer.style(text, fg=hue, bold="bold" in words or None, dim="dim" in words or None)

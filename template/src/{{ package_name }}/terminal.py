"""Text for a terminal: a control character in it could move the cursor, or change what was written before."""

import json


def printable(text: str, keep: str = "\n\t") -> str:
    """Return the text with its control characters escaped, except for those in `keep`."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign in keep else json.dumps(sign)[1:-1] for sign in text)

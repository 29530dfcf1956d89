"""Program for the project's own Python: print each syntax error and warning for these files.

Copperplate itself may run on an older Python, which rejects newer syntax.
"""

import ast
import sys
import warnings
from pathlib import Path


def main(*files: str) -> None:
    warnings.simplefilter("error")
    for file in files:
        try:
            ast.parse(Path(file).read_bytes())
        except (SyntaxError, ValueError, Warning) as error:
            sys.stdout.write(f"{file}: {' '.join(str(error).split())}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Which files of Python are none, by the grammar and the warnings of the Python that runs this: the project's own.

    python syntax.py src/shop/app.py src/shop/cli.py

Prints a line for each fault. Copperplate may itself run on an older Python, to which newer syntax is an error.
"""

import ast
import sys
import warnings
from pathlib import Path


def main(files: list[str]) -> None:
    warnings.simplefilter("error")
    for file in files:
        try:
            ast.parse(Path(file).read_bytes())
        except (SyntaxError, ValueError, Warning) as error:
            sys.stdout.write(f"{file}: {' '.join(str(error).split())}\n")


if __name__ == "__main__":
    main(sys.argv[1:])

"""The command line: parsing, prompting, exit codes; what is done lies in `commands`, what is printed in `console`."""

from copperplate.cli.application import app
from copperplate.cli.running import main, run

__all__ = ["app", "main", "run"]

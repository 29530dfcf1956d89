"""Remote helper `git-remote-copperplate`: git runs it for the address `copperplate://template` (gitremote-helpers(7)).

With it, plain Copier and git find the template in this package, wherever it is installed: `copier copy
git+copperplate://template`. It only serves this history.
"""

import sys
from pathlib import Path

from copperplate import git
from copperplate.errors import CopperplateError
from copperplate.templates import remote

_ADDRESS = "copperplate://template"
_NAME = "git-remote-copperplate"


def main() -> None:
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    match arguments:
        case [_, address] if address == _ADDRESS:
            pass
        case [_, address]:
            return _refused(f"there is no template at {address!r:.200}, only at {_ADDRESS}")
        case _:
            return _refused(f"git runs this program; try: git ls-remote {_ADDRESS}")
    try:
        return _answer()
    except CopperplateError as problem:
        return _refused(f"{problem.what}; {problem.hint}")


def _answer() -> int:
    # Unbuffered: the data after the command is for git, which reads the same pipe.
    with open(0, "rb", buffering=0, closefd=False) as commands:
        while line := commands.readline().strip():
            match line:
                case b"capabilities":
                    _say("connect\n\n")
                case b"connect git-upload-pack":
                    with remote.history_repository() as served:
                        return _serve(served)
                case _:
                    return _refused(
                        f"the template can only be read; git asked for {line[:60].decode(errors='replace')!r}"
                    )
    return 0


def _serve(served: Path) -> int:
    _say("\n")
    return git.upload_pack(served)


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _refused(why: str) -> int:
    sys.stderr.write(f"{_NAME}: {why}\n")
    return 1

"""Soak tests of updates, which take too long for CI: `python -m scripts.soak updates|crashes|writers|releases`.

Progress goes to standard error, the summary to standard output. Exit code 1: a promise is broken.
"""

import argparse
import os
import secrets
import sys

from copperplate.system import signals
from scripts.soak import drawn, releases


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    modes = parser.add_subparsers(dest="mode", required=True)
    for mode, unit, total, batch in (
        ("updates", "cases", 10_000, 25),
        ("crashes", "kills", 2_000, 50),
        ("writers", "times", 1_000, 50),
    ):
        options = modes.add_parser(mode)
        options.add_argument(f"--{unit}", type=int, default=total, dest="total")
        options.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
        options.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="seed of the first batch")
        options.set_defaults(batch=batch, shrink=False)
    modes.choices["updates"].add_argument("--shrink", action="store_true", help="shrink the first history that fails")
    options = modes.add_parser("releases")
    options.add_argument("versions", nargs="*", help="releases to update from; by default, all except the newest")
    given = parser.parse_args()
    if given.mode == "releases":
        try:
            with signals.as_exceptions():  # so that a running verification ends too, with all that it has started
                return releases.prove(given.versions)
        except signals.Interrupted as interrupt:
            print("error: interrupted\n  hint: name the versions that are still to be proved", file=sys.stderr)
            return 128 + interrupt.number
    return drawn.prove(drawn.Asked(**vars(given)))


if __name__ == "__main__":
    sys.exit(main())

"""Random lives of projects with resources: `python -m scripts.lives --lives 20 --acts 12 --seed 0`, a minute each."""

import argparse
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from testing.matrix import slots
from testing.resources.life import DRAWN, live


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lives", type=int, default=20)
    parser.add_argument("--acts", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0, help="of the first life")
    parser.add_argument("--tests", action="store_true", help="run the printed tests at the end of each life")
    asked = parser.parse_args()
    told, failed, began = Counter[str](), list[int](), time.monotonic()
    with slots.taken() as slot:
        for seed in range(asked.seed, asked.seed + asked.lives):
            with tempfile.TemporaryDirectory() as folder:
                outcome = "passed"
                try:
                    live(slot, Path(folder) / "life", seed, [DRAWN] * asked.acts, told, tests=asked.tests)
                except Exception:  # noqa: BLE001 - whatever it is, it is what this looks for
                    failed.append(seed)
                    outcome = "failed"
                    traceback.print_exc()
            spent = time.monotonic() - began
            print(
                f"life {seed} {outcome}; failed so far: {failed or 'none'}; {spent:.0f} s", file=sys.stderr, flush=True
            )
    for name, times in sorted(told.items()):
        print(f"{name:70} {times:>6}")
    print(f"failures: {len(failed)}")
    for seed in failed:
        print(f"Run it again: uv run python -m scripts.lives --lives 1 --seed {seed} --acts {asked.acts}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

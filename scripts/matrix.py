"""`python -m scripts.matrix rows` makes the rows again; `run row NAME`, `pairs`, `triples` or `all` verifies them."""

import argparse
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from copperplate.errors import CopperplateError, InputError
from copperplate.questions import manifest
from copperplate.system import signals
from copperplate.verify.results import Reports, Suite
from testing import ROOT
from testing.matrix import rows, screen
from testing.matrix.combinations import all_rows
from testing.matrix.pool import AT_ONCE, run_rows
from testing.matrix.results import Outcome, RowResult
from testing.matrix.rows import Row


def main() -> int:
    options = _options().parse_args()
    try:
        with signals.as_exceptions():
            return _renew() if options.command == "rows" else _run(options)
    except signals.Interrupted as interrupt:
        print("error: interrupted\n  hint: run it again; rows that have passed are not repeated", file=sys.stderr)
        return 128 + interrupt.number
    except CopperplateError as problem:
        print(f"error: {problem.what}\n  hint: {problem.hint}", file=sys.stderr)
        return problem.exit_code


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.matrix", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("rows", help="make the rows again from the questions of the template")
    run = commands.add_parser("run", help="verify rows")
    run.add_argument(
        "what", choices=("row", *rows.SECTIONS, "all"), help="`all` renders, parses, formats and lints only"
    )
    run.add_argument("name", nargs="*", help="after `row`: names of rows; rows of `all` have names too")
    run.add_argument("--shard", type=_shard, default=(1, 1), metavar="2/5", help="the second fifth of the rows")
    run.add_argument(
        "--jobs",
        type=int,
        default=AT_ONCE,
        metavar="N",
        help="rows at a time; by default, two more than there are processors, because a row waits half of its time",
    )
    run.add_argument("--fresh", action="store_true", help="run also rows that have passed before")
    run.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit XML")
    run.add_argument("--summary", type=Path, metavar="FILE", help="append Markdown")
    return parser


def _renew() -> int:
    text = rows.generated(manifest.load(ROOT))
    rows.FILE.write_text(text, encoding="utf-8")
    print(", ".join(f"{len(section)} {name}" for name, section in rows.load(text).items()))
    return 0


def _run(options: argparse.Namespace) -> int:
    reports = Reports(options.junit, options.summary)
    reports.check()
    number, shards = options.shard
    chosen = _chosen(options.what, options.name)[number - 1 :: shards]
    results: list[RowResult] = []
    started = time.monotonic()
    with screen.Screen(len(chosen)) as shown:
        running = run_rows(
            chosen, jobs=max(1, options.jobs), fresh=options.fresh, look=options.what == "all", watch=shown.watch
        )
        for result in running:
            shown.done(result)
            results.append(result)
    order = {row.name: place for place, row in enumerate(chosen)}
    results.sort(key=lambda result: order[result.name])
    screen.table(results, time.monotonic() - started)
    suites = [
        Suite(f"{result.name}, {result.python}", result.verified, result.told, result.seconds) for result in results
    ]
    reports.write(suites, title=f"Matrix: {options.what}")
    return int(any(result.outcome is Outcome.FAILED for result in results))


def _chosen(what: str, names: Sequence[str]) -> Sequence[Row]:
    sections = rows.load()
    if what != "row":
        if names:
            raise InputError(
                f"`{what}` takes no names: {' '.join(names)}", f"name rows like this: row {' '.join(names)}"
            )
        return all_rows() if what == "all" else sections[what]
    known = {row.name: row for section in (all_rows(), *sections.values()) for row in section}
    if not names or (unknown := [name for name in names if name not in known]):
        raise InputError(f"no row is called {', '.join(unknown) if names else 'nothing'}", f"{rows.FILE} names them")
    return [known[name] for name in names]


def _shard(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", text)
    if found is None or int(found[1]) > int(found[2]):
        raise argparse.ArgumentTypeError("give it as 2/5: the second of five")
    return int(found[1]), int(found[2])


if __name__ == "__main__":
    sys.exit(main())

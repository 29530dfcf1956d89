"""Try the newest versions of everything, or the oldest that the template allows, on a few rows of the matrix."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from copperplate import uv
from copperplate.errors import CopperplateError, InputError
from copperplate.questions import manifest
from copperplate.system import signals
from testing import ROOT
from testing.matrix import rows
from testing.matrix.rows import Row
from testing.superset import LOCK, superset
from testing.upgrades import bounds, locks, sites
from testing.upgrades.report import report
from testing.upgrades.survey import Change, Failure, Survey, survey

FEW = ("everything", "nothing")


def newest(folder: Path, chosen: Sequence[Row]) -> tuple[Survey, bytes]:
    """Test all newer releases of packages; return the result, and the lock with them."""
    whole = sites.rendered(folder / "superset", superset(manifest.load(ROOT)))
    before = locks.upgraded(whole, LOCK.read_bytes(), ())
    after = locks.upgraded(whole, before)
    tried = _sites(folder, chosen)

    def trial(upgraded: frozenset[str]) -> tuple[Failure, ...]:
        lock = locks.upgraded(whole, before, upgraded)
        suspects = [site for site in tried if site.failed] or tried
        found = [failure for site in suspects for failure in site.judged(lock, f"{len(upgraded)} upgraded")]
        _remember(tried, found)
        return tuple(found)

    return survey(locks.changes(before, after), trial), after


def lowest(folder: Path, row: Row) -> Survey:
    """Test the lower bounds of the direct dependencies of the row's project."""
    (site,) = _sites(folder, [row])
    file = site.path / "pyproject.toml"
    pyproject = file.read_text(encoding="utf-8")
    locked = locks.versions(LOCK.read_bytes())

    def trial(lowered: frozenset[str]) -> tuple[Failure, ...]:
        file.write_text(bounds.at_lowest(pyproject, locked, lowered), encoding="utf-8")
        try:
            lock = locks.lowest(site.path)
        except CopperplateError as error:
            return (Failure(site.name, "resolve", f"{error.what}\n{error.hint}"),)
        found = site.judged(lock, f"{len(lowered)} at their lowest")
        _remember([site], found)
        return found

    return survey({name: Change(locked[name], old) for name, old in bounds.lower_bounds(pyproject).items()}, trial)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.upgrades", description=__doc__)
    parser.add_argument("--lowest", action="store_true", help="try the lower bounds, on the first of the rows")
    parser.add_argument(
        "--rows", nargs="+", default=FEW, metavar="ROW", help="names of rows, or `pairs` (default: everything nothing)"
    )
    parser.add_argument("--write", action="store_true", help="replace template.lock if the newest versions are good")
    parser.add_argument("--report", type=Path, metavar="FILE", help="file for the report (default: standard output)")
    options = parser.parse_args()
    try:
        with signals.as_exceptions(), tempfile.TemporaryDirectory(prefix="copperplate-upgrades-") as temporary:
            folder, chosen = Path(temporary).resolve(), _chosen(options.rows)
            if options.lowest:
                found = lowest(folder, chosen[0])
                text = report(found, title="Lower bounds", held="raise the bound of `{name}` above `{after}`")
            else:
                found, lock = newest(folder, chosen)
                text = report(found, title="Newest versions", held="`{name}=={before}`, below `{after}`")
    except signals.Interrupted as interrupt:
        print("error: interrupted\n  hint: nothing was written", file=sys.stderr)
        return 128 + interrupt.number
    except CopperplateError as error:
        print(f"error: {error.what}\n  hint: {error.hint}", file=sys.stderr)
        return error.exit_code
    if options.write and found.good and not options.lowest:
        LOCK.write_bytes(lock)
    if options.report:
        options.report.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return 0 if found.good else 1


def _chosen(names: Sequence[str]) -> list[Row]:
    known = {row.name: row for section in rows.load().values() for row in section}
    wanted = [row.name for row in rows.load()["pairs"]] if list(names) == ["pairs"] else list(names)
    if unknown := [name for name in wanted if name not in known]:
        raise InputError(f"no row is called {', '.join(unknown)}", f"{rows.FILE} names them")
    return [known[name] for name in wanted]


def _sites(folder: Path, chosen: Sequence[Row]) -> list[sites.Site]:
    """Render the rows, except those whose interpreter is not on this machine."""
    found = []
    for row in chosen:
        site = sites.of_row(folder, row)
        if uv.find_python(row.python, cwd=site.path):
            found.append(site)
        else:
            print(f"{row.name} is left out: there is no Python {row.python}", file=sys.stderr)
    if not found:
        raise InputError("no row is left", "name one whose Python is on this machine")
    return found


def _remember(tried: Sequence[sites.Site], failures: Sequence[Failure]) -> None:
    """After the first trial, the next ones run only the levels that failed in it."""
    if not any(site.failed for site in tried):
        for site in tried:
            site.failed |= {failure.level for failure in failures if failure.where == site.name}


if __name__ == "__main__":
    sys.exit(main())

"""Try the newest versions of everything (or, with `--lowest`, the oldest that the template allows) on a few rows."""

import argparse
import sys
import tempfile
from pathlib import Path

from copperplate import interrupts, manifest
from copperplate.errors import CopperplateError
from copperplate.verify import LEVELS
from scripts.lock_template import LOCK, ROOT
from scripts.weather import bounds, locks, rows
from scripts.weather.progress import Lines
from scripts.weather.report import report
from scripts.weather.survey import Change, Failure, Survey, survey


def newest(folder: Path, names: list[str]) -> tuple[Survey, bytes]:
    """Survey what has been released since the lock was made; and the lock with all of it."""
    asked = manifest.load(ROOT)
    before = LOCK.read_bytes()
    answers = rows.answers_of_rows(asked)
    superset = rows.rendered_superset(folder / "superset", asked)
    kept = locks.upgraded(superset, before, ())
    after = locks.upgraded(superset, before)
    projects = {name: rows.rendered(folder / name, answers[name]) for name in names}
    broken: dict[str, set[str]] = {}

    def trial(upgraded: frozenset[str]) -> tuple[Failure, ...]:
        lock = locks.upgraded(superset, before, upgraded)
        found: list[Failure] = []
        for name, project in projects.items():
            if broken and name not in broken:
                continue
            levels = rows.levels_up_to(broken[name]) if broken else LEVELS
            found += rows.judged(name, project, lock, levels, Lines(f"{len(upgraded)} upgraded, {name}"))
        if not broken:
            for failure in found:
                broken.setdefault(failure.where, set()).add(failure.level)
        return tuple(found)

    return survey(locks.changes(kept, after), trial), after


def lowest(folder: Path, name: str) -> Survey:
    """Survey the lower bounds of what the project with everything on depends on directly."""
    asked = manifest.load(ROOT)
    project = rows.rendered(folder / name, rows.answers_of_rows(asked)[name])
    pyproject = (project / "pyproject.toml").read_text(encoding="utf-8")
    locked = locks.versions(LOCK.read_bytes())
    bound = bounds.lower_bounds(pyproject)
    broken: set[str] = set()

    def trial(lowered: frozenset[str]) -> tuple[Failure, ...]:
        (project / "pyproject.toml").write_text(bounds.at_lowest(pyproject, locked, lowered), encoding="utf-8")
        try:
            lock = locks.lowest(project)
        except CopperplateError as error:
            return (Failure(name, "resolve", f"{error.what}\n{error.hint}"),)
        levels = rows.levels_up_to(broken) if broken else LEVELS
        found = rows.judged(name, project, lock, levels, Lines(f"{len(lowered)} lowered, {name}"))
        broken.update(failure.level for failure in found)
        return found

    return survey({name: Change(locked[name], old) for name, old in bound.items()}, trial)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.weather", description=__doc__)
    known = list(rows.answers_of_rows(manifest.load(ROOT)))
    parser.add_argument("--lowest", action="store_true", help="try the lower bounds instead, on the first of the rows")
    parser.add_argument("--rows", nargs="+", choices=known, default=known[:2], help="default: %(default)s")
    parser.add_argument("--write", action="store_true", help="replace template.lock if the newest versions are good")
    parser.add_argument("--report", type=Path, metavar="FILE", help="where to write it; default: standard output")
    options = parser.parse_args()
    try:
        with interrupts.raised(), tempfile.TemporaryDirectory(prefix="copperplate-weather-") as temporary:
            folder = Path(temporary).resolve()
            if options.lowest:
                found = lowest(folder, options.rows[0])
                text = report(found, title="Lower bounds", held="raise the bound of `{name}` above `{after}`")
            else:
                found, lock = newest(folder, options.rows)
                text = report(found, title="Dependency weather", held="`{name}=={before}`, below `{after}`")
                if options.write and found.good:
                    LOCK.write_bytes(lock)
    except interrupts.Interrupted as interrupt:
        print("error: interrupted\n  hint: nothing was written", file=sys.stderr)
        return 128 + interrupt.number
    except CopperplateError as error:
        print(f"error: {error.what}\n  hint: {error.hint}", file=sys.stderr)
        return error.exit_code
    if options.report:
        options.report.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return 0 if found.good else 1


if __name__ == "__main__":
    sys.exit(main())

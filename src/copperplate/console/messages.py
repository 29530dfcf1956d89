"""Messages: the results of commands as lines and tables, with the commands to type next."""

import shlex
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from copperplate.console import output
from copperplate.console.output import line, one_line

if TYPE_CHECKING:
    from copperplate.commands.new import FeaturesResult, NewResult
    from copperplate.commands.resource import AddResult, Shown
    from copperplate.commands.status import StatusResult
    from copperplate.commands.verify import DoctorResult
    from copperplate.compare import Differences
    from copperplate.errors import CopperplateError, Done
    from copperplate.templates.template import Template
    from copperplate.update.result import AbortResult, UpdateResult
    from copperplate.verify.results import Duration, VerifyResult


_SHOWN_OWN = 10


def error(problem: "CopperplateError") -> None:
    """Print an error as two lines; before them, print what was done in spite of it."""
    if problem.done:
        line((f"First: {one_line(output.done(problem.done))}.", "yellow"), err=True)
    what = problem.what
    if recovery := getattr(problem, "recovery", None):
        what += f": {output.done(recovery)}"
    line(("error: ", "bold red"), one_line(what), err=True)
    line(("  hint: ", "bold"), one_line(problem.hint), err=True)


def cancelled(done: "Done | None") -> None:
    """Print that the user has cancelled; `done` is what was done before, if anything."""
    if done:
        line((f"\nFirst: {one_line(output.done(done))}.", "yellow"), err=True)
        line("Cancelled. Nothing else was written.", err=True)
    else:
        line("\nCancelled. Nothing was written.", err=True)


def warn_of_folder(template: "Template") -> None:
    """Warn that the template is a folder and not a version, and say what that means for the project."""
    if template.is_plain_folder:
        where = f"the template is a folder, and not a version of a template: {one_line(template.source)}"
        line(("warning: ", "bold yellow"), f"{where}. `status`, `diff` and `update` will need --template.", err=True)


def new(result: "NewResult", *, command: str, next_commands: tuple[str, ...], notes: tuple[str, ...]) -> None:
    line(f"\nCreated {result.answers.project_name} in {result.path}: {len(result.files)} files.")
    if result.inside_repository:
        line(f"It is inside the git repository {result.inside_repository}, so nothing was committed.")
    if result.verified:
        verify(result.verified)
    again(command, err=False)
    _next(*next_commands)
    for note in notes:
        line(("\nnote: ", "bold yellow"), one_line(note))


def again(command: str, *, err: bool = True) -> None:
    """Print a command with the answers that were typed, so that they are not lost after a failure."""
    line(("\nTo repeat this without questions:", "dim"), err=err)
    line(f"  {command}", err=err)


def status(result: "StatusResult", *, template: str | None = None) -> None:
    """Print the status. To update from the `template` that the user has named, it must be named again."""
    at = f"{result.path} is at template {result.template_version}"
    if result.compared_with:
        line(f"{at}, which that template does not have. Compared with {one_line(result.compared_with)}:")
    else:
        which = "the newest that was fetched" if result.only_fetched else "the newest"
        newest = f"; {which} is {result.newest_version}." if result.outdated else "; the template has changed since."
        line(f"{at}{newest}" if result.behind else f"{at}, {which}.")
    if not result.answers_intact:
        line(("Its answers file has entries that the template does not write, or lacks some.", "yellow"))
        line(("To restore it: git checkout HEAD -- .copier-answers.yml", "yellow"))
    if result.unfinished:
        line((f"In progress: {one_line(result.unfinished)}.", "bold yellow"))
    _differences(f"An update to {result.newest_version} would change", result.template)
    _differences("You have changed these files of the template", result.edited)
    _own_files(result.own_files)
    if result.unfinished:
        _next(f"copperplate {result.verb} --continue", f"copperplate {result.verb} --abort")
    elif result.behind:
        _next("copperplate update --dry-run" + (f" --template {shlex.quote(template)}" if template else ""))


def _differences(heading: str, found: "Differences") -> None:
    if not found:
        return
    line((f"\n{heading}:", "dim"))
    groups = (("+", "green", found.added), ("~", "yellow", found.changed), ("-", "red", found.deleted))
    for mark, style, paths in groups:
        for path in paths:
            line("  ", (mark, style), f" {one_line(path)}")


def _own_files(paths: tuple[str, ...]) -> None:
    if not paths:
        return
    line((f"\nYour own files, which the template does not have: {len(paths)}", "dim"))
    for path in paths[:_SHOWN_OWN]:
        line(f"    {one_line(path)}")
    if len(paths) > _SHOWN_OWN:
        line(f"    and {len(paths) - _SHOWN_OWN} more, which `copperplate status --json` lists")


def update(result: "UpdateResult") -> None:
    from copperplate.console import update_report  # noqa: PLC0415 - the other verbs do without

    if result.project != _current_folder():
        line((f"Project: {one_line(str(result.project))}", "dim"))
    if result.patch:
        output.text(result.patch)
    if result.verified and not result.verified.passed:
        verify(result.verified)
    _lines(update_report.update_lines(result))


def abort(result: "AbortResult") -> None:
    from copperplate.console import update_report  # noqa: PLC0415 - the other verbs do without

    _lines(update_report.abort_lines(result))


def doctor(result: "DoctorResult") -> None:
    for finding in result.findings:
        missing = ("✗", "red") if finding.required else ("–", "yellow")
        mark = ("✓", "green") if finding.found else missing
        line(mark, f" {finding.name:<12} {finding.detail}")
        if finding.hint:
            line((f"{'':<15}{finding.hint}", "dim"))


def _current_folder() -> Path | None:
    """Return the current folder, or None if it no longer exists: an update may have removed it."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def _lines(lines: Iterable[tuple[str, str]]) -> None:
    for text, style in lines:
        line((one_line(text), style))


def _next(*commands: str) -> None:
    line(("\nNext:", "dim"))
    for command in commands:
        line(f"  {command}")


_SHOWN_LINES = 60


def features(result: "FeaturesResult") -> None:
    from rich.console import Console  # noqa: PLC0415 - most verbs draw no table
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(show_lines=True)
    for heading in ("feature", "choices", "adds"):
        table.add_column(heading, overflow="fold")
    for row in result.features:
        choices = row.choices or ("true", "false")
        default = str(row.default).lower() if isinstance(row.default, bool) else row.default
        marked = "\n".join(f"{choice} (default)" if choice == default else choice for choice in choices)
        extras = "\n".join((*row.files, *row.dependencies))
        table.add_row(row.name, marked, Text.assemble(row.adds, "\n", (extras, "dim")))
    Console(highlight=False).print(table)


def _durations(title: str, slowest: "tuple[Duration, ...]") -> None:
    for number, one in enumerate(slowest):
        if number == 0:
            line((f"{title}:", "dim"))
        line(f"  {one.seconds:6.1f} s  {one_line(one.name)}")


def verify(result: "VerifyResult") -> None:
    """Print each check with its time, the slowest, and the last lines of the output of each failed check."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    out = Console(highlight=False)
    table = Table()
    table.add_column("check")
    table.add_column("result")
    table.add_column("seconds", justify="right")
    colours = {"passed": "green", "failed": "red", "skipped": "yellow"}
    for level in result.levels:
        table.add_row(level.name, Text(level.status, colours[level.status]), f"{level.seconds:.1f}")
    out.print(table)
    for level in result.levels:
        if result.passed and level.status == "skipped":
            line(f"{level.name} was skipped: {one_line(level.output)}")
    if len(result.levels) > 1:
        _durations("Slowest checks", result.slowest)
    _durations("Slowest tests", result.slowest_tests)
    for level in result.levels:
        if level.status == "failed":
            lines = level.output.splitlines()[-_SHOWN_LINES:]
            out.print(Text(f"\n{level.name}: {level.command}", "bold"), soft_wrap=True)
            out.print(Text("\n".join(lines)), soft_wrap=True)


def resource_data(result: "AddResult") -> dict[str, object]:
    return asdict(result) | {"recovered": output.done(result.recovered)}


def resources_added(result: "AddResult") -> None:
    from copperplate.commands.resource import State  # noqa: PLC0415 - it is loaded by now

    if result.recovered:
        line((f"First: {output.done(result.recovered)}.", "yellow"))
    if result.verified and not result.verified.passed:
        verify(result.verified)
    names = ", ".join(result.resources)
    if result.state is State.PREVIEWED:
        output.text(result.patch)
        line(f"{names}: {len(result.files)} files would be new or changed. Nothing was written.")
    elif result.state is State.FAILED:
        line((f"{names}: a check fails, so nothing was changed.", "red"))
        line(("To add it all the same, and fix that yourself: --no-verify", "dim"))
    else:
        line(f"{result.message}: {len(result.files)} files, commit {str(result.commit)[:10]}.")
        if result.unsigned:
            line(("The commit is not signed. To sign it: git commit --amend --no-edit -S", "yellow"))
        line(("\nNext: apply the migration and look at the API, or take it back.", "dim"))
        line("  uv run DISTRIBUTION dev".replace("DISTRIBUTION", result.command))
        line("  git revert HEAD")


def resources_listed(found: Iterable["Shown"]) -> None:
    found = tuple(found)
    if not found:
        line("The project has no resources. Add one: copperplate resource add NAME FIELDS")
    for each in found:
        line((each.name, "bold"), f"  {len(each.fields)} fields, {each.path}")


def resource_shown(found: "Shown") -> None:
    line((found.name, "bold"), f"  class {found.class_name}, table {found.table}, path {found.path}")
    owners = {"owner": "their owner", "organisation": "their organisation", "none": "everybody"}
    access = [f"rows of {owners[found.scope]}"] if found.scope else []
    line("  " + "; ".join([*access, ", ".join(found.operations)]))
    for field in found.fields:
        line(f"  {one_line(field)}")
    line(("\nThe command that adds it:", "dim"))
    line(f"  copperplate resource add {shlex.join(_command(found))}")


def _command(found: "Shown") -> list[str]:
    from copperplate.resources import naming  # noqa: PLC0415 - only this needs it
    from copperplate.resources.specification import Operation  # noqa: PLC0415

    parts = [found.name, *found.fields]
    if found.singular != naming.singular(found.name):
        parts += ["--singular", found.singular]
    if found.class_name != naming.pascal(found.singular):
        parts += ["--class", found.class_name]
    if found.table != found.name:
        parts += ["--table", found.table]
    if found.scope:
        parts += ["--scope", found.scope]
    if len(found.operations) < len(Operation):
        parts += ["--only", ",".join(found.operations)]
    return parts

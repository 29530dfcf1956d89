"""Results of `copperplate resource` in lines, with what to type next."""

import shlex
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from copperplate.console import messages, output
from copperplate.console.output import line, one_line

if TYPE_CHECKING:
    from copperplate.commands.resource import AddResult, Shown


def data(result: "AddResult") -> dict[str, object]:
    """Return the result for `--json`."""
    return asdict(result) | {"recovered": output.done(result.recovered)}


def added(result: "AddResult") -> None:
    from copperplate.commands.resource import State  # noqa: PLC0415 - it is loaded by now

    if result.recovered:
        line((f"First: {output.done(result.recovered)}.", "yellow"))
    if result.verified and not result.verified.passed:
        messages.verify(result.verified)
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


def listed(found: Iterable["Shown"]) -> None:
    found = tuple(found)
    if not found:
        line("The project has no resources. Add one: copperplate resource add NAME FIELDS")
    for each in found:
        line((each.name, "bold"), f"  {len(each.fields)} fields, {each.path}")


def shown(found: "Shown") -> None:
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
    from copperplate.resources.kinds import Operation  # noqa: PLC0415

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

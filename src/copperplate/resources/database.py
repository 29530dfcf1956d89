"""Database revision for changed models, made and tried on a real PostgreSQL in a temporary checkout."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from copperplate.errors.updates import RevisionNotMadeError
from copperplate.migrations import Change, script
from copperplate.migrations import layout as layouts
from copperplate.progress import Progress
from copperplate.project import Project
from copperplate.resources.revised import Revised
from copperplate.resources.specification import Field, Kind, Resource

_ERROR = re.compile(r"^[\w.]+(?:Error|Exception|Detected|Violation)\b: .*$", re.MULTILINE)
PROGRAM = Path(__file__).with_name("in_project.py")


@dataclass(frozen=True, slots=True)
class Request:
    """Request for a revision: what has changed, and the resources whose tables get rows."""

    revised: Revised
    resources: tuple[Resource, ...]
    message: str

    def data(self) -> dict[str, Any]:
        fields = {field.name: field for field in self.revised.after.fields}
        dropped = [field for field in self.revised.before.fields if field.name not in fields]
        comes_back = all(field.kind is not Kind.REF and not field.unique for field in dropped if not field.null)
        return {
            "table": self.revised.after.table,
            "message": self.message,
            "renames": dict(self.revised.renames),
            "types": dict(self.revised.types),
            "links": [asdict(link) for link in self.revised.links],
            "drops": self._drops(),
            "fills": self.revised.fills,
            "returns": self.revised.returns,
            "rows": not self.revised.unfilled,
            "rows_come_back": comes_back,
            "values": {resource.table: self._values(resource, fields) for resource in self.resources},
        }

    def _drops(self) -> list[str]:
        """Return the columns that are no more, or that have another name."""
        before, after = self.revised.before, self.revised.after
        kept = {field.column for field in after.fields} | ({"owner_id"} if before.scope == after.scope else set())
        return [name for name in (*(field.column for field in before.fields), "owner_id") if name not in kept]

    def _values(self, resource: Resource, fields: dict[str, Field]) -> dict[str, Any]:
        """Return values that the limits of the fields allow, before and after the change."""
        found: dict[str, Any] = {}
        for field in resource.fields:
            later = fields.get(field.name, field) if resource.name == self.revised.after.name else field
            lows = [each.minimum for each in (field, later) if each.minimum is not None]
            highs = [each.maximum for each in (field, later) if each.maximum is not None]
            if lows or highs:
                found[field.column] = max(lows) if lows else min(highs)
            elif field.kind is Kind.ENUM:
                found[field.column] = next((value for value in field.values if value in later.values), field.values[0])
        return found


def write_revision(checkout: Path, found: Project, request: Request, folder: Path, progress: Progress) -> Change | None:
    """Write the revision into the project at `checkout`; None if the database needs no change.

    Raises `RevisionNotMadeError`, with what the database says, if it cannot be applied, undone and applied again.
    """
    from copperplate.verify import CheckFailed, Target  # noqa: PLC0415 - only who asks for it pays for it
    from copperplate.verify.session import Log, Session  # noqa: PLC0415

    file = folder / "request.json"
    file.write_text(json.dumps(request.data()), encoding="utf-8")
    asked = file.read_bytes()
    target = Target(checkout, found.package_name, found.distribution_name)
    layout = layouts.read_layout(checkout.resolve(), found.package_name)
    before = script.head(script.read_all(checkout, found.package_name, layout))
    with Session(target, progress) as session, Log() as log:
        try:
            session.run(log, "uv", "sync", "--locked", "--exact")
            settings = session.servers(log).settings
            session.run(log, "python", str(PROGRAM), str(checkout), str(file), settings=settings)
        except CheckFailed as failure:
            told = _ERROR.findall(log.text()) or [str(failure)]
            raise RevisionNotMadeError(
                f"no revision can be written for this change: {told[-1]:.300}",
                "nothing has been changed; if your own changes of the models have no revision yet, write one first",
            ) from failure
    if file.read_bytes() == asked:
        return None
    written = json.loads(file.read_text(encoding="utf-8"))
    path = Path(written["path"]).resolve().relative_to(checkout.resolve()).as_posix()
    note = f"the new database revision {written['revision']} changes the table {request.revised.after.table}"
    if request.revised.loses:
        note += f": {'; '.join(request.revised.loses)}, when the database is migrated, as `dev` does by itself"
    return Change(path, written["revision"], before, note, destroys=bool(request.revised.loses))

"""Edits of a user in the files of resources. Each line has a token, by which it is found again."""

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

TOKEN = re.compile(r"\b(?:mine|MINE|Mine)_\d+\b")
_COLUMN = re.compile(r"^    mine_\d+: Mapped\[str \| None\].*$")
_REVISION = '''"""Column {name}."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "{name}"
down_revision: str | Sequence[str] | None = "{parent}"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("{table}", sa.Column("{name}", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("{table}", "{name}")
'''
_TEST = "def test_{name}_is_kept() -> None:\n    assert {name}_value() == 1  # {name}\n"


@dataclass
class UserEdits:
    project: Path
    numbers: random.Random
    count: int = 0
    lines: dict[str, str] = field(default_factory=dict)
    """The lines that must be found again, each with the name of its resource; "" for those of none."""

    def edit(self, resource: str) -> str:
        """Edit one file; return what was done."""
        folders = [self.project / "src/shop" / resource, self.project / "tests" / resource]
        files = sorted(file for folder in folders for file in folder.glob("*.py"))
        verbs = [self.comment, self.comment, self.append, self._extend, self._constant]
        file = self.numbers.choice(files)
        verb = self.numbers.choice(verbs) if file.stat().st_size else self.append
        verb(file, resource)
        return f"{verb.__name__.strip('_')} {file.relative_to(self.project)}"

    def add_file(self, resource: str) -> str:
        name = self._token(resource)
        folder = self.project / ("tests" if self._is_heads() else "src/shop") / resource
        text = f"def {name}_value() -> int:\n    return 1  # {name}\n"
        if folder.parent.name == "tests":
            text += "\n\n" + _TEST.format(name=name)
            (folder / f"test_{name}.py").write_text(text)
        else:
            (folder / f"{name}.py").write_text(text)
        return f"own file in {folder.relative_to(self.project)}"

    def add_column(self, resource: str, table: str, head: str) -> str:
        """Add a column to the model, with a revision at the head."""
        name = self._token(resource)
        models = self.project / "src/shop" / resource / "models.py"
        models.write_text(
            with_columns(models.read_text(), table, [f"    {name}: Mapped[str | None] = mapped_column(default=None)"])
        )
        file = self.project / f"src/shop/migrations/versions/{name}.py"
        file.write_text(_REVISION.format(name=name, parent=head, table=table))
        return f"own column {name} of {resource}"

    def wire(self) -> str:
        """Edit the list of features."""
        self.comment(self.project / "src/shop/project.py", "")
        return "comment project.py"

    def forget(self, resource: str) -> None:
        """Expect no lines of a resource that was removed with the user's consent."""
        self.lines = {token: of for token, of in self.lines.items() if of != resource}

    def missing(self) -> set[str]:
        """Return the tokens of lines that no file of the project has."""
        found: set[str] = set()
        for folder in ("src", "tests"):
            for file in (self.project / folder).rglob("*.py"):
                found.update(TOKEN.findall(file.read_text()))
        return {token for token in self.lines if token not in found and token.lower() not in found}

    def comment(self, file: Path, resource: str) -> None:
        lines = file.read_text().splitlines()
        place = self.numbers.randrange(len(lines) + 1)
        following = lines[place] if place < len(lines) else ""
        indent = " " * (len(following) - len(following.lstrip()))
        lines.insert(place, f"{indent}# {self._token(resource)}")
        file.write_text("\n".join(lines) + "\n")

    def append(self, file: Path, resource: str) -> None:
        token = self._token(resource)
        text = file.read_text()
        file.write_text(text + ("\n\n" if text else "") + f"{token} = 1\n")

    def _constant(self, file: Path, resource: str) -> None:
        """Add a line behind the imports."""
        lines = file.read_text().splitlines()
        place = next((n for n, line in enumerate(lines) if re.match(r"(async def|def|class|@) ?\w", line)), len(lines))
        lines.insert(place, f"{self._token(resource)} = 1\n\n")
        file.write_text("\n".join(lines) + "\n")

    def _extend(self, file: Path, resource: str) -> None:
        """Change a line of the template's."""
        lines = file.read_text().splitlines()
        places = [n for n, line in enumerate(lines) if line.strip() and '"""' not in line]
        if places:
            place = self.numbers.choice(places)
            lines[place] += f"  # {self._token(resource)}"
            file.write_text("\n".join(lines) + "\n")

    def _token(self, resource: str) -> str:
        self.count += 1
        token = f"mine_{self.count}"
        self.lines[token] = resource
        return token

    def _is_heads(self) -> bool:
        return self.numbers.random() < 0.5


def resolved(theirs: str, ours: str) -> str:
    """Return the template's side of a conflict with the user's lines: their columns, and all else as comments."""
    left = [
        line
        for line in ours.splitlines()
        if TOKEN.search(line) and not set(TOKEN.findall(line)) <= set(TOKEN.findall(theirs))
    ]
    columns = [line for line in left if _COLUMN.match(line)]
    table = re.search(r'__tablename__ = "(\w+)"', theirs)
    if columns and table:
        theirs = with_columns(theirs, table[1], columns)
    tokens = [token for line in left if line not in columns for token in TOKEN.findall(line)]
    return theirs + "".join(f"# {token}\n" for token in tokens)


def with_columns(source: str, table: str, columns: list[str]) -> str:
    """Return the models with columns at the end of the first class of that table."""
    lines = source.splitlines()
    start = lines.index(f'    __tablename__ = "{table}"')
    end = next((n for n in range(start, len(lines)) if lines[n].startswith("class ")), len(lines))
    while not lines[end - 1].strip() or not lines[end - 1].startswith(" "):
        end -= 1
    needed = "" if "mapped_column" in source else "from sqlalchemy.orm import mapped_column  # noqa: E402\n"
    if needed:
        lines.insert(end, "")
        source = "\n".join(lines)
    text = "\n".join([*lines[:end], *columns, *lines[end:]]) + "\n"
    return (
        re.sub(
            r"^from sqlalchemy.orm import Mapped$",
            "from sqlalchemy.orm import Mapped, mapped_column",
            text,
            flags=re.MULTILINE,
        )
        if needed
        else text
    )

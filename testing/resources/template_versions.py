"""Versions of the template: a repository with a tag for each, in which the later ones change the earlier ones."""

import random
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from copperplate.system.disk import File, write_files
from testing.git import git
from testing.history_stream import working_tree

FILES = "resource/files/src/{{ package_name }}/{{ resource.name }}"
_PLACE = re.compile(r"^(?:(?:async def|def|class|@router\.) ?|    (?=return |await ))")
"""Beginnings of lines before which a comment can stand."""

_SENTENCE = re.compile(r'^ *"""[^{}]{,80}\."""$')
NEW = '"""The notes of release {number}."""\n\nNOTES = {number}\n\n\ndef notes() -> int:\n    return NOTES\n'


@dataclass
class TemplateVersions:
    folder: Path
    numbers: random.Random
    count: int = 0
    added: list[str] = field(default_factory=list)
    """Files that a later version has and the first does not have."""

    first: Mapping[str, File] | None = None
    """Files of the first version; by default, those of this checkout."""

    def __post_init__(self) -> None:
        self.folder.mkdir()
        git("init", "--quiet", cwd=self.folder)
        self.write(self.first or working_tree())
        self.release()

    def write(self, files: Mapping[str, File]) -> None:
        """Have exactly these files."""
        for old in self.folder.iterdir():
            if old.name != ".git":
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        write_files(files, self.folder)

    @property
    def source(self) -> str:
        return f"git+{self.folder.resolve().as_uri()}"

    @property
    def version(self) -> str:
        return f"{self.count}.0.0"

    def release(self) -> str:
        self.count += 1
        git("add", "--all", "--force", cwd=self.folder)
        git("commit", "--quiet", "--allow-empty", f"--message={self.version}", cwd=self.folder)
        git("tag", self.version, cwd=self.folder)
        return self.version

    def change(self) -> list[str]:
        """Change the template in one to four places; return what was done."""
        verbs = [self._comment, self._comment, self._sentence, self._plain, self._add, self._move, self._delete]
        return [self.numbers.choice(verbs)() for _ in range(self.numbers.randint(1, 4))]

    def _templates(self) -> list[Path]:
        return sorted(
            file
            for file in (self.folder / "resource/files").rglob("*.py.jinja")
            if file.parent.name != "versions" and file.name not in {Path(path).name for path in self.added}
        )

    def _comment(self) -> str:
        file = self.numbers.choice(self._templates())
        lines = file.read_text().splitlines()
        places = [number for number, line in enumerate(lines) if _PLACE.match(line)]
        if places:
            place = self.numbers.choice(places)
            indent = " " * (len(lines[place]) - len(lines[place].lstrip()))
            lines.insert(place, f"{indent}# of release {self.count + 1}")
            file.write_text("\n".join(lines) + "\n" if file.read_text().endswith("\n") else "\n".join(lines))
        return f"comment {file.name}"

    def _sentence(self) -> str:
        file = self.numbers.choice(self._templates())
        text = file.read_text()
        lines = text.split("\n")
        places = [number for number, line in enumerate(lines) if _SENTENCE.match(line)]
        if places:
            place = self.numbers.choice(places)
            lines[place] = lines[place].removesuffix('"""') + f' Release {self.count + 1}."""'
            file.write_text("\n".join(lines))
        return f"sentence {file.name}"

    def _plain(self) -> str:
        file = self.folder / "template/README.md.jinja"
        file.write_text(file.read_text() + f"\nOf release {self.count + 1}.\n")
        return "plain README.md"

    def _add(self) -> str:
        name = f"notes_{self.count + 1}_{len(self.added)}.py.jinja"
        (self.folder / FILES / name).write_text(NEW.format(number=self.count + 1))
        self.added.append(f"{FILES}/{name}")
        return f"add {name}"

    def _move(self) -> str:
        if not self.added:
            return self._add()
        old = self.added.pop(self.numbers.randrange(len(self.added)))
        new = f"{FILES}/moved_{Path(old).name}"
        shutil.move(self.folder / old, self.folder / new)
        self.added.append(new)
        return f"move {Path(old).name}"

    def _delete(self) -> str:
        if not self.added:
            return self._add()
        old = self.added.pop(self.numbers.randrange(len(self.added)))
        (self.folder / old).unlink()
        return f"delete {Path(old).name}"

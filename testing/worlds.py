"""A small template with a history, and projects that are generated from it quickly."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from copperplate.commands.update import UpdateRequest, update
from copperplate.progress import Silent
from copperplate.questions.answers import Answers
from copperplate.system.disk import File
from copperplate.templates import template
from copperplate.templates.bundled import Release
from copperplate.templates.releases import Releases
from copperplate.update.result import Options, UpdateResult
from testing import ROOT
from testing.git import git

SOURCE = "git+copperplate://template"
ANSWERS = "{{ _copier_conf.answers_file }}.jinja"
CORE = """\
project_name: {type: str}
distribution_name: {type: str, default: shop}
package_name: {type: str, default: shop}
description: {type: str, default: A shop}
author_name: {type: str, default: ""}
author_email: {type: str, default: ""}
license: {type: str, default: MIT, choices: [MIT, Apache-2.0]}
python_version: {type: str, default: "3.12", choices: ["3.12", "3.13"]}
adr_language: {type: str, default: en, choices: [en, nl]}
"""
QUESTIONS = f"""\
_subdirectory: template
_templates_suffix: .jinja
_envops: {{block_start_string: "# <%", block_end_string: "%>", trim_blocks: true, lstrip_blocks: true}}
{CORE}---
extra: {{type: bool, default: false, help: More}}
_exclude: ["{{{{ 'src/*/extra' if not extra }}}}"]
_feature: {{title: Extra, adds: more}}
"""

Content = str | bytes
Given = Mapping[str, Content]


def lines(*texts: str) -> str:
    return "".join(f"{text}\n" for text in texts)


def numbered(count: int, **changed: str) -> str:
    """`count` lines; those of the numbers given (`l3="x"`) are others."""
    return lines(*(changed.get(f"l{number}", f"line {number}") for number in range(count)))


@dataclass
class World:
    """A template of several versions, and one project printed from the first."""

    top: Path
    """The repository."""

    project: Path
    versions: dict[str, Release] = field(default_factory=dict)

    @property
    def releases(self) -> Releases:
        return Releases(SOURCE, self.versions)

    def release(self, version: str, files: Given, **others: Content) -> None:
        """Release a template of `files`, below `template/` unless they are `others`, whose `__` stand for `/`."""
        named = {f"template/{path}": content for path, content in files.items()}
        named |= {path.replace("__", "/"): content for path, content in others.items()}
        named.setdefault("copier.yml", QUESTIONS)
        named[f"template/{ANSWERS}"] = (ROOT / "template" / ANSWERS).read_text()
        self.versions[version] = Release(
            version,
            {
                path: File(0o755 if path.endswith(".sh") else 0o644, as_bytes(content))
                for path, content in named.items()
            },
        )

    def render(self, version: str, folder: Path, **answers: object) -> None:
        with template.of_release(self.versions[version], SOURCE) as opened:
            answered = Answers.from_data({"project_name": "Shop", **answers}, opened.manifest)
            opened.render(folder, answered)

    def print(self, version: str, **answers: object) -> None:
        self.render(version, self.project, **answers)
        self.commit("print")

    def git(self, *arguments: str) -> str:
        return git(*arguments, cwd=self.top)

    def commit(self, message: str = "work") -> str:
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", f"--message={message}")
        return self.git("rev-parse", "HEAD")

    def write(self, path: str, content: Content) -> Path:
        file = self.project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(as_bytes(content))
        return file

    def read(self, path: str) -> str:
        return (self.project / path).read_bytes().decode()

    def update(self, **given: object) -> UpdateResult:
        chosen = {name: given.pop(name) for name in tuple(given) if name in Options.__slots__}
        options = Options(**{"verify": False, **chosen})  # type: ignore[arg-type]  # named by the test
        request = UpdateRequest(**given)  # type: ignore[arg-type]
        return update(self.project, request, releases=self.releases, options=options, progress=Silent())

    def status(self) -> str:
        return self.git("status", "--porcelain")


def as_bytes(content: Content) -> bytes:
    return content.encode() if isinstance(content, str) else content

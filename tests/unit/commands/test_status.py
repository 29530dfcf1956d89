"""`status` and `diff`, on projects of a small template in two versions."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from copperplate import cli
from copperplate.errors import ExitCode
from copperplate.system.disk import File
from copperplate.templates import bundled
from testing import history_stream
from testing.cli import Ran
from testing.git import git

Run = Callable[..., Ran]
RENDERED = {".copier-answers.yml", ".gitignore", ".python-version", "README.md", "pyproject.toml"}


@pytest.fixture
def releases(small_template: Path) -> tuple[bytes, bytes]:
    """The history when there was one version, and when there are two."""
    first = history_stream.working_tree(small_template)
    readme, ignored = "template/README.md", "template/.gitignore"
    second = {path: file for path, file in first.items() if path != ignored}
    second |= {readme: File(0o644, b"a better project\n"), "template/{{ package_name }}.py": File(0o644, b"")}
    stream = history_stream.appended(b"", "0.1.0", first, epoch=0)
    return stream, history_stream.appended(stream, "0.2.0", second, epoch=0)


@pytest.fixture
def project(releases: tuple[bytes, bytes], copperplate: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bundled, "stream", lambda: releases[0])
    ran = copperplate("new", tmp_path / "shop", "--defaults", "--no-install")
    assert ran.code == 0, ran.stderr
    return tmp_path / "shop"


@pytest.fixture
def _newer(project: Path, releases: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    assert project.exists()
    monkeypatch.setattr(bundled, "stream", lambda: releases[1])


def told(ran: Ran) -> dict[str, object]:
    document = json.loads(ran.stdout)
    assert isinstance(document, dict)
    return document


NOTHING: dict[str, list[str]] = {"added": [], "changed": [], "deleted": []}


def test_an_unchanged_project_at_the_newest_version_is_not_outdated(copperplate: Run, project: Path) -> None:
    ran = copperplate("status", project, "--json")
    assert ran.code == ExitCode.DONE
    assert ran.stderr == ""  # `new` had left its rendering for it
    assert told(ran) == {
        "drifted": False,
        "behind": False,
        "verb": None,
        "path": str(project),
        "template_version": "0.1.0",
        "newest_version": "0.1.0",
        "only_fetched": False,
        "answers_intact": True,
        "compared_with": "",
        "unfinished": None,
        "template": NOTHING,
        "project": NOTHING,
        "own_files": [],
        "edited_files": [],
        "deleted_files": [],
    }
    assert copperplate("diff", project).stdout == ""


def test_changes_of_the_user_are_listed_and_do_not_count_as_outdated(copperplate: Run, project: Path) -> None:
    (project / "README.md").write_text("ours\n")
    (project / ".python-version").chmod(0o755)
    (project / "pyproject.toml").unlink()
    (project / "uv.lock").write_text("")
    (project / "untracked.txt").write_text("")
    (project / "tracked.txt").symlink_to("README.md")
    git("add", "tracked.txt", "uv.lock", cwd=project)
    ran = copperplate("status", project, "--json")
    assert ran.code == ExitCode.DONE
    document = told(ran)
    assert document["project"] == {
        "added": ["tracked.txt"],
        "changed": [".python-version", "README.md"],
        "deleted": ["pyproject.toml"],
    }
    assert document["own_files"] == ["tracked.txt"]
    assert document["edited_files"] == [".python-version", "README.md"]
    assert document["deleted_files"] == ["pyproject.toml"]


def test_status_shows_changed_files_of_the_template_apart_from_own_files(copperplate: Run, project: Path) -> None:
    (project / "README.md").write_text("ours\n")
    for number in range(12):
        (project / f"own{number:02}.txt").write_text("")
    git("add", ".", cwd=project)
    lines = copperplate("status", project).stdout.splitlines()
    changed = lines.index("You have changed these files of the template:")
    own = lines.index("Your own files, which the template does not have: 12")
    assert lines[changed + 1 : own] == ["  ~ README.md", ""]
    assert lines[own + 1 :] == [
        *(f"    own{number:02}.txt" for number in range(10)),
        "    and 2 more, which `copperplate status --json` lists",
    ]


@pytest.mark.usefixtures("_newer")
def test_a_project_behind_the_newest_version_is_outdated(copperplate: Run, project: Path) -> None:
    ran = copperplate("status", project, "--json")
    assert ran.code == ExitCode.FAILED
    document = told(ran)
    assert (document["drifted"], document["behind"], document["newest_version"]) == (True, True, "0.2.0")
    assert document["template"] == {
        "added": ["shop.py"],
        "changed": [".copier-answers.yml", "README.md"],
        "deleted": [".gitignore"],
    }
    assert document["project"] == NOTHING
    assert "Render 0.2.0" in ran.stderr
    assert copperplate("status", project, "--json").stderr == ""


@pytest.mark.usefixtures("_newer")
def test_status_shows_versions_files_and_the_next_step(copperplate: Run, project: Path) -> None:
    (project / "README.md").write_text("ours\n")
    shown = copperplate("status", project).stdout
    assert "is at template 0.1.0; the newest is 0.2.0." in shown
    assert "0.2.0 would change:\n  + shop.py\n  ~ .copier-answers.yml\n  ~ README.md\n  - .gitignore\n" in shown
    assert "You have changed these files of the template:\n  ~ README.md\n" in shown
    assert "copperplate update" in shown


@pytest.mark.parametrize("change", [{"extra": "1"}, {"ci": None}])
def test_changed_entries_of_the_answers_file_are_reported(
    copperplate: Run, project: Path, change: dict[str, str | None]
) -> None:
    tamper(project, change)
    ran = copperplate("status", project)
    assert ran.code == ExitCode.FAILED
    assert "entries that the template does not write, or lacks some" in ran.stdout
    assert "git checkout HEAD -- .copier-answers.yml" in ran.stdout


def test_an_answer_that_is_changed_by_hand_counts_as_the_answer(copperplate: Run, project: Path) -> None:
    tamper(project, {"license": "Apache-2.0"})
    assert copperplate("status", project).code == ExitCode.DONE


def test_answers_in_another_style_are_the_same(copperplate: Run, project: Path) -> None:
    tamper(project, {})
    assert copperplate("status", project).code == ExitCode.DONE


def tamper(project: Path, changes: dict[str, str | None]) -> None:
    """Write the answers file anew, with some answers changed or (where None) missing."""
    file = project / ".copier-answers.yml"
    answers = yaml.safe_load(file.read_text()) | changes
    kept = {name: value for name, value in answers.items() if value is not None}
    file.write_text("# reformatted\n" + yaml.safe_dump(kept, sort_keys=False))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (
            {"_commit": "9.1.0"},
            "is at template version 9.1.0, and this Copperplate knows only the versions up to 0.1.0",
        ),
        ({"_src_path": "ext::sh -c x"}, "was generated from 'ext::sh -c x', which is no address"),
        ({"license": "none"}, "license 'none' is none of"),
        ({"package_name": "../shop"}, "cannot be used"),
    ],
)
@pytest.mark.parametrize("verb", ["status", "diff"])
def test_a_project_that_cannot_be_compared_is_refused_in_two_lines(
    copperplate: Run, project: Path, verb: str, change: dict[str, str | None], what: str
) -> None:
    tamper(project, change)
    ran = copperplate(verb, project)
    assert ran.code == ExitCode.REFUSED
    assert len(ran.complaint) == 2
    assert what in ran.stderr


def test_a_folder_that_is_not_a_project_is_refused(copperplate: Run, tmp_path: Path) -> None:
    assert copperplate("status", tmp_path).code == ExitCode.REFUSED
    assert copperplate("diff", tmp_path).code == ExitCode.REFUSED


def test_line_ends_of_gits_conversion_are_no_change(copperplate: Run, project: Path) -> None:
    for name in RENDERED:
        (project / name).write_bytes((project / name).read_bytes().replace(b"\n", b"\r\n"))
    assert told(copperplate("status", project, "--json"))["project"] == NOTHING
    (project / "README.md").write_bytes(b"ours\r\n")
    assert "-a project\n+ours\n" in copperplate("diff", project).stdout


def test_a_damaged_or_unwritable_cache_is_ignored(copperplate: Run, project: Path, cache: Path) -> None:
    for kept in (cache / "renderings").iterdir():
        kept.write_bytes(kept.read_bytes()[:100])
    ran = copperplate("status", project, "--json")
    assert told(ran)["project"] == NOTHING
    assert "Render 0.1.0" in ran.stderr
    for kept in (cache / "renderings").iterdir():
        kept.unlink()
    (cache / "renderings").rmdir()
    (cache / "renderings").write_text("")
    assert copperplate("status", project).code == ExitCode.DONE
    (cache / "renderings").unlink()


def test_a_project_in_no_repository_is_compared_by_the_files_of_the_template(
    copperplate: Run, project: Path, tmp_path: Path
) -> None:
    (project / ".git").rename(tmp_path / "away")
    (project / "README.md").write_text("ours\n")
    (project / "own.txt").write_text("")
    assert told(copperplate("status", project, "--json"))["project"] == NOTHING | {"changed": ["README.md"]}


def test_a_project_in_a_folder_of_a_repository_is_compared_alone(copperplate: Run, project: Path) -> None:
    repository = project.parent
    (project / ".git").rename(repository / ".git")
    (repository / "other.txt").write_text("")
    (project / "own.txt").write_text("")
    git("add", ".", cwd=repository)
    assert told(copperplate("status", project, "--json"))["project"] == NOTHING | {"added": ["own.txt"]}


def test_a_diff_is_a_patch_from_the_unmodified_rendering_to_the_project(project: Path) -> None:
    before = {name: (project / name).read_bytes() for name in RENDERED}
    (project / "README.md").write_bytes("größer\n".encode("latin-1"))
    (project / ".python-version").rename(project / 'a "file"\nwith\\marks')
    (project / "binary").write_bytes(bytes(range(256)))
    (project / ".gitignore").chmod(0o755)
    git("add", "--all", cwd=project)
    environment = os.environ | {"PYTHONPATH": str(Path(cli.__file__).parents[1])}
    script = (
        "import sys; from copperplate.cli import main; from copperplate.templates import bundled\n"
        f"bundled.stream = lambda: {bundled.stream()!r}\n"
        "sys.exit(main.run(sys.argv[1:]))"
    )
    patch = subprocess.run(
        [sys.executable, "-c", script, "diff", str(project)], capture_output=True, check=True, env=environment
    ).stdout
    after = {file.name: file.read_bytes() for file in project.iterdir() if file.is_file()}
    for name in after:
        (project / name).unlink()
    for name, content in before.items():
        (project / name).write_bytes(content)
    git("apply", "-", cwd=project, stdin=patch)
    assert {file.name: file.read_bytes() for file in project.iterdir() if file.is_file()} == after
    assert os.access(project / ".gitignore", os.X_OK)


def test_a_diff_is_summarised_by_file_or_as_json(copperplate: Run, project: Path) -> None:
    (project / "README.md").write_text("ours\n")
    summary = copperplate("diff", project, "--stat").stdout
    assert " README.md | 2 +-\n" in summary
    assert "1 file changed" in summary
    assert told(copperplate("diff", project, "--json")) == {
        "path": str(project),
        "template_version": "0.1.0",
        "files": NOTHING | {"changed": ["README.md"]},
    }


def test_a_reader_that_stops_early_is_no_error() -> None:
    script = (
        "import sys; from copperplate.cli import main; from copperplate.console import output; "
        "main.prepare(); output.raw(b'x' * 10_000_000); sys.exit(0)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0

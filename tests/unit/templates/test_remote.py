"""`--template` with an organisation's own template, in a git repository with tags."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import yaml

from copperplate.errors import ExitCode
from copperplate.templates import bundled, remote
from testing.cli import Ran
from testing.git import git as run_git

Run = Callable[..., Ran]
TASKS = "_tasks:\n  - touch {}\n"


git = partial(run_git, "-c", "user.name=Ada", "-c", "user.email=ada@example.org")


def publish(work: Path, tag: str, readme: str) -> None:
    (work / "template" / "README.md").write_text(readme)
    git("add", ".", cwd=work)
    git("commit", "--quiet", "--allow-empty", "-m", tag, cwd=work)
    git("tag", tag, cwd=work)
    git("push", "--quiet", "--tags", "../fork.git", "HEAD:main", cwd=work)


@pytest.fixture(scope="module")
def published(small_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fork with some tags that are versions, one that is a preview, and one that is none; and where it is changed."""
    folder = tmp_path_factory.mktemp("published")
    shutil.copytree(small_template, folder / "work")
    git("init", "--quiet", "--bare", "--initial-branch=main", "fork.git", cwd=folder)
    git("init", "--quiet", "work", cwd=folder)
    for tag in ("v1.9.0", "v1.10.0", "2.0.0rc1", "latest"):
        publish(folder / "work", tag, f"the fork, {tag}\n")
    return folder


@pytest.fixture
def work(published: Path, tmp_path: Path) -> Path:
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    return tmp_path / "work"


@pytest.fixture
def url(work: Path) -> str:
    return (work.parent / "fork.git").as_uri()


def printed(copperplate: Run, project: Path, *arguments: str | Path) -> tuple[dict[str, object], str]:
    """Return the answers that a new project records, and its README."""
    ran = copperplate("new", project, "--defaults", "--no-install", *arguments)
    assert ran.code == 0, ran.stderr
    return yaml.safe_load((project / ".copier-answers.yml").read_text()), (project / "README.md").read_text()


def test_the_newest_tag_is_printed_and_recorded_with_the_address(copperplate: Run, url: str, tmp_path: Path) -> None:
    recorded, readme = printed(copperplate, tmp_path / "shop", "--template", url)
    assert readme == "the fork, v1.10.0\n"
    assert (recorded["_commit"], recorded["_src_path"]) == ("v1.10.0", f"git+{url}")


@pytest.mark.parametrize("way", ["flag", "suffix", "folder"])
def test_a_version_can_be_named(copperplate: Run, url: str, tmp_path: Path, way: str) -> None:
    arguments = {
        "flag": ("--template", url, "--template-version", "1.9"),
        "suffix": ("--template", f"{url}@v1.9.0"),
        "folder": ("--template", tmp_path / "work", "--template-version", "v1.9.0"),
    }
    recorded, readme = printed(copperplate, tmp_path / "shop", *arguments[way])
    assert readme == "the fork, v1.9.0\n"
    assert recorded["_commit"] == "v1.9.0"


def test_a_released_version_of_the_package_can_be_named(copperplate: Run) -> None:
    newest = bundled.newest().version
    assert (
        json.loads(copperplate("features", "--json", "--template-version", newest).stdout)["template_version"] == newest
    )
    assert copperplate("features", "--template-version", "99.0").code == ExitCode.USAGE


def test_the_command_to_repeat_names_the_template_and_its_version(copperplate: Run, url: str, tmp_path: Path) -> None:
    ran = copperplate(
        "new", tmp_path / "shop", "--defaults", "--no-install", "--template", url, "--template-version", "1.9.0"
    )
    assert f"--no-install --template {url} --template-version 1.9.0" in ran.stdout


def test_plain_copier_finds_the_fork_of_a_project(copperplate: Run, url: str, work: Path, tmp_path: Path) -> None:
    project = tmp_path / "shop"
    printed(copperplate, project, "--template", url)
    publish(work, "v1.11.0", "the fork, v1.11.0\n")
    copier = [sys.executable, "-m", "copier", "check-update"]
    told = subprocess.run(copier, cwd=project, capture_output=True, text=True, check=False)
    assert "1.11.0" in told.stdout + told.stderr


def test_features_are_those_of_the_fork(copperplate: Run, url: str) -> None:
    document = json.loads(copperplate("features", "--json", "--template", url).stdout)
    assert document["template_version"] == "v1.10.0"
    assert document["features"]


def test_a_new_tag_is_seen_and_one_that_was_fetched_needs_no_network(
    copperplate: Run, url: str, work: Path, tmp_path: Path
) -> None:
    printed(copperplate, tmp_path / "one", "--template", url)
    publish(work, "v1.11.0", "the fork, v1.11.0\n")
    assert printed(copperplate, tmp_path / "two", "--template", url)[1] == "the fork, v1.11.0\n"
    (tmp_path / "fork.git").rename(tmp_path / "away.git")
    assert printed(copperplate, tmp_path / "three", "--template", f"{url}@1.9.0")[1] == "the fork, v1.9.0\n"
    ran = copperplate("new", tmp_path / "four", "--defaults", "--template", url)
    assert ran.code == ExitCode.BROKEN
    assert len(ran.complaint) == 2
    assert "cannot be fetched" in ran.complaint[0]
    assert "v1.9.0, v1.10.0, v1.11.0" in ran.complaint[1]
    assert not (tmp_path / "four").exists()


def test_a_fork_that_runs_code_is_refused_unless_trusted(
    copperplate: Run, url: str, work: Path, tmp_path: Path
) -> None:
    questions = work / "copier.yml"
    questions.write_text(TASKS.format(tmp_path / "ran") + questions.read_text())
    publish(work, "v3.0.0", "with tasks\n")
    ran = copperplate("new", tmp_path / "shop", "--defaults", "--no-install", "--template", url)
    assert ran.code == ExitCode.REFUSED
    assert "_tasks" in ran.stderr
    assert "--trust" in ran.stderr
    assert not (tmp_path / "ran").exists()
    preview = copperplate("new", tmp_path / "shop", "--defaults", "--dry-run", "--template", url, "--trust")
    assert preview.code == 0, preview.stderr
    assert not (tmp_path / "ran").exists()
    printed(copperplate, tmp_path / "shop", "--template", url, "--trust")
    assert (tmp_path / "ran").exists()


def test_a_project_of_a_fork_has_a_status_and_a_diff_without_network(
    copperplate: Run, url: str, tmp_path: Path
) -> None:
    project = tmp_path / "shop"
    printed(copperplate, project, "--template", f"{url}@v1.9.0")
    (project / "README.md").write_text("ours\n")
    (tmp_path / "fork.git").rename(tmp_path / "away.git")
    ran = copperplate("status", project, "--json")
    assert ran.code == ExitCode.FAILED, ran.stderr
    told = json.loads(ran.stdout)
    assert (told["template_version"], told["newest_version"]) == ("v1.9.0", "v1.10.0")
    assert told["template"]["changed"] == [".copier-answers.yml", "README.md"]
    assert told["project"]["changed"] == ["README.md"]
    assert "-the fork, v1.9.0\n+ours\n" in copperplate("diff", project).stdout


def test_a_version_that_was_not_fetched_is_refused_with_the_command_that_fetches_it(
    copperplate: Run, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed(copperplate, tmp_path / "shop", "--template", url)
    monkeypatch.setenv("COPPERPLATE_CACHE_DIR", str(tmp_path / "empty"))
    ran = copperplate("status", tmp_path / "shop")
    assert ran.code == ExitCode.REFUSED
    assert ran.complaint[1] == f"  hint: copperplate features --template {url}@v1.10.0"
    assert copperplate("features", "--template", f"{url}@v1.10.0").code == 0
    assert copperplate("status", tmp_path / "shop").code == 0


@pytest.mark.parametrize(
    ("version", "what", "hint"),
    [("7.0", "has no version '7.0'", "v1.9.0, v1.10.0, 2.0.0rc1"), ("latest", "has no version 'latest'", "it has")],
)
def test_the_error_for_a_missing_version_lists_the_existing_ones(
    copperplate: Run, url: str, version: str, what: str, hint: str
) -> None:
    ran = copperplate("features", "--template", url, "--template-version", version)
    assert ran.code == ExitCode.USAGE
    assert what in ran.stderr
    assert hint in ran.stderr


def test_a_fork_without_versions_is_refused(copperplate: Run, url: str, tmp_path: Path) -> None:
    git("tag", "--delete", "v1.9.0", "v1.10.0", "2.0.0rc1", cwd=tmp_path / "fork.git")
    ran = copperplate("features", "--template", url)
    assert ran.code == ExitCode.USAGE
    assert "has no version" in ran.stderr


def test_a_repository_without_a_template_is_refused(copperplate: Run, url: str, work: Path) -> None:
    (work / "copier.yml").unlink()
    publish(work, "3.0", "no questions\n")
    ran = copperplate("features", "--template", url)
    assert ran.code == ExitCode.USAGE
    assert "contains no copier.yml" in ran.stderr


def test_a_link_in_a_fork_is_refused(copperplate: Run, url: str, work: Path) -> None:
    (work / "template" / "passwd").symlink_to("/etc/passwd")
    publish(work, "3.0", "a link\n")
    ran = copperplate("features", "--template", url)
    assert ran.code == ExitCode.USAGE
    assert "is a link" in ran.stderr


@pytest.mark.parametrize("address", ["ext::sh -c touch% ran", "http://127.0.0.1:1/t", "https://a:b@example.org/t"])
def test_an_address_that_is_not_safe_is_refused_before_git_sees_it(
    copperplate: Run, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = copperplate("new", "shop", "--defaults", "--template", address)
    assert ran.code == ExitCode.USAGE
    assert len(ran.complaint) == 2
    assert list(tmp_path.iterdir()) == []


def test_settings_cannot_turn_a_safe_address_into_another(
    copperplate: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f'[url "ext::touch {tmp_path / "ran"} "]\n\tinsteadOf = https://\n[protocol "ext"]\n\tallow = always\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    ran = copperplate("features", "--template", "https://example.org/t")
    assert ran.code == ExitCode.BROKEN
    assert "not allowed" in ran.stderr
    assert not (tmp_path / "ran").exists()


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("scheme", ["https", "ssh"])
def test_an_address_that_does_not_answer_times_out(
    copperplate: Run, silent: int, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "TIMEOUT", 1.0)
    monkeypatch.setenv("GIT_SSH_COMMAND", "ssh -F /dev/null -o StrictHostKeyChecking=no")
    ran = copperplate("features", "--template", f"{scheme}://127.0.0.1:{silent}/t")
    assert ran.code == ExitCode.BROKEN
    assert "cannot be fetched: no answer within 1 s" in ran.complaint[0]
    assert f"git ls-remote --tags {scheme}://127.0.0.1:{silent}/t" in ran.complaint[1]
    deadline = time.monotonic() + 10
    while str(silent) in processes():
        assert time.monotonic() < deadline, processes()
        time.sleep(0.1)


def processes() -> str:
    return subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout  # noqa: S607


def test_a_cache_that_cannot_be_written_is_not_used(
    copperplate: Run, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COPPERPLATE_CACHE_DIR", str(tmp_path / "file"))
    assert copperplate("features", "--template", url).code == 0

"""Plain Copier and plain git on `copperplate://template`, with the installed helper and a history of two versions."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

from copperplate.system.disk import File
from copperplate.templates import bundled
from testing import history_stream

ADDRESS = "copperplate://template"
BIN = Path(sys.executable).parent

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def stream(small_template: Path) -> bytes:
    first = history_stream.working_tree(small_template)
    second = first | {"template/README.md": File(0o644, b"a better project\n")}
    return history_stream.appended(history_stream.appended(b"", "0.1.0", first, epoch=0), "0.2.0", second, epoch=0)


@pytest.fixture
def run(tmp_path: Path, stream: bytes) -> Run:
    """Run a program where git finds a helper that has two versions to offer."""
    (tmp_path / "stream").write_bytes(stream)
    helper = tmp_path / "bin" / "git-remote-copperplate"
    helper.parent.mkdir()
    helper.write_text(
        f"#!{sys.executable}\nfrom pathlib import Path\nfrom copperplate.templates import bundled, remote\n"
        f"bundled.stream = lambda: Path({str(tmp_path / 'stream')!r}).read_bytes()\nremote.main()\n"
    )
    helper.chmod(helper.stat().st_mode | stat.S_IXUSR)

    def program(*command: str | Path, cwd: Path = tmp_path, **variables: str) -> subprocess.CompletedProcess[str]:
        identity = {
            f"GIT_{who}_{what}": "ada@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        environment = os.environ | {"PATH": f"{helper.parent}:{BIN}:{os.environ['PATH']}", "HOME": str(tmp_path)}
        return subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=environment | identity | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    return program


def done(ran: subprocess.CompletedProcess[str]) -> str:
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def recorded(project: Path) -> tuple[str, str]:
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text())
    return answers["_src_path"], answers["_commit"]


def tags(listed: str) -> set[str]:
    return {line.rpartition("/")[2] for line in listed.splitlines()}


def commit(run: Run, project: Path) -> None:
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "a state"]):
        done(run("git", *command, cwd=project))


def test_plain_copier_copies_updates_recopies_and_finds_new_versions(run: Run, tmp_path: Path) -> None:
    project = tmp_path / "shop"
    source = f"git+{ADDRESS}"
    done(run("copier", "copy", "--defaults", "--vcs-ref", "0.1.0", "--data", "project_name=Shop", source, project))
    recorded = (project / ".copier-answers.yml").read_text()
    assert f'_src_path: "{source}"\n' in recorded
    assert '_commit: "0.1.0"\n' in recorded
    commit(run, project)
    newer = run("copier", "check-update", cwd=project)
    assert "0.2.0" in newer.stdout + newer.stderr
    done(run("copier", "update", "--defaults", cwd=project))
    assert (project / "README.md").read_text() == "a better project\n"
    assert '_commit: "0.2.0"\n' in (project / ".copier-answers.yml").read_text()
    commit(run, project)
    (project / "README.md").write_text("ours\n")
    done(run("copier", "recopy", "--defaults", "--overwrite", cwd=project))
    assert (project / "README.md").read_text() == "a better project\n"
    current = run("copier", "check-update", cwd=project)
    assert "up-to-date" in current.stdout + current.stderr


def test_the_installed_helper_serves_the_released_history(tmp_path: Path) -> None:
    environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    command = ["git", "ls-remote", "--tags", ADDRESS]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=tmp_path).stdout
    assert tags(listed) == set(bundled.released())


@pytest.mark.parametrize("protocol", ["0", "1", "2"])
def test_every_protocol_version_of_git_works(run: Run, protocol: str) -> None:
    listed = done(run("git", "-c", f"protocol.version={protocol}", "ls-remote", "--tags", ADDRESS))
    assert tags(listed) == {"0.1.0", "0.2.0"}


def test_a_clone_without_contents_fetches_them_later(run: Run, tmp_path: Path) -> None:
    cloned = run("git", "clone", "--quiet", "--filter=blob:none", ADDRESS, "clone")
    assert done(cloned) == ""
    assert cloned.stderr == ""
    assert (tmp_path / "clone" / "template" / "README.md").read_text() == "a better project\n"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (["git", "ls-remote", "copperplate://other"], "there is no template at 'copperplate://other'"),
        (["git", "ls-remote", "copperplate::/etc"], "there is no template at '/etc'"),
        (["git", "archive", f"--remote={ADDRESS}", "HEAD"], "can only be read"),
        (["git-remote-copperplate"], "git runs this program"),
    ],
)
def test_nothing_else_is_served(run: Run, command: Sequence[str], reason: str) -> None:
    ran = run(*command)
    assert ran.returncode != 0
    assert reason in ran.stderr


def test_nothing_can_be_pushed(run: Run, tmp_path: Path, cache: Path) -> None:
    done(run("git", "clone", "--quiet", ADDRESS, "clone"))
    kept = sorted(file.name for file in (cache / "history").rglob("*"))
    ran = run("git", "push", "origin", "HEAD:refs/heads/evil", cwd=tmp_path / "clone")
    assert ran.returncode != 0
    assert "can only be read" in ran.stderr
    assert sorted(file.name for file in (cache / "history").rglob("*")) == kept


def test_settings_and_variables_of_the_user_have_no_effect(run: Run, tmp_path: Path) -> None:
    (tmp_path / "hook").write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\nexit 1\n")
    (tmp_path / "hook").chmod(0o755)
    (tmp_path / ".gitconfig").write_text(f'[uploadpack]\npackObjectsHook = "{tmp_path / "hook"}"\nhideRefs = refs\n')
    done(run("git", "init", "--quiet", "here"))
    done(run("git", "fetch", "--quiet", ADDRESS, "main", cwd=tmp_path / "here"))
    assert (
        done(run("git", "cat-file", "-p", "FETCH_HEAD:template/README.md", cwd=tmp_path / "here"))
        == "a better project\n"
    )
    assert not (tmp_path / "ran").exists()


def test_without_a_writable_cache_a_temporary_repository_is_used(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "tmp").mkdir()
    places = {"COPPERPLATE_CACHE_DIR": str(tmp_path / "file"), "TMPDIR": str(tmp_path / "tmp")}
    assert tags(done(run("git", "ls-remote", "--tags", ADDRESS, **places))) == {"0.1.0", "0.2.0"}
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_repository_is_made_once_and_another_history_gets_its_own(run: Run, tmp_path: Path, stream: bytes) -> None:
    place = tmp_path / "cache"
    for _ in range(2):
        done(run("git", "ls-remote", ADDRESS, COPPERPLATE_CACHE_DIR=str(place)))
    (kept,) = (place / "history").iterdir()
    old = kept.stat().st_mtime - 48 * 60 * 60
    os.utime(kept, (old, old))
    (tmp_path / "stream").write_bytes(history_stream.appended(stream, "0.3.0", {}, epoch=0))
    assert "0.3.0" in tags(done(run("git", "ls-remote", ADDRESS, COPPERPLATE_CACHE_DIR=str(place))))
    assert kept not in (place / "history").iterdir()

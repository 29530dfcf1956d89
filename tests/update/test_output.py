"""Output that cannot be written: the command still does its work, and its exit code is correct."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from copperplate.cli import main
from copperplate.errors import ExitCode
from copperplate.templates import bundled
from testing.worlds import World, numbered


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    world.release("1.0", {"a.txt": numbered(9)})
    world.release("2.0", {"a.txt": numbered(9, l4="theirs")})
    world.print("1.0")
    monkeypatch.setattr(bundled, "released", lambda: world.versions)
    monkeypatch.chdir(world.project)
    return world


def closed(descriptor: int) -> None:
    os.close(descriptor)


def full(descriptor: int) -> None:
    os.dup2(os.open("/dev/full", os.O_WRONLY), descriptor)


def unread(descriptor: int) -> None:
    reading, writing = os.pipe()
    os.dup2(writing, descriptor)
    os.close(reading)


def started(arguments: list[str], streams: dict[int, Callable[[int], object]]) -> int:
    """The process id of a command with these streams."""
    child = os.fork()
    if child:
        return child
    for descriptor, spoil in streams.items():
        spoil(descriptor)
    sys.stdout, sys.stderr = (open_or_none(descriptor) for descriptor in (1, 2))
    sys.argv = ["copperplate", *arguments]
    try:
        main.main()
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(ended.code or 0))
    finally:
        os._exit(99)


def open_or_none(descriptor: int) -> Any:  # noqa: ANN401 - whichever it is
    """The stream as Python opens it when it starts."""
    try:
        return open(descriptor, "w", closefd=False)
    except OSError:
        return None


def told_to(file: Path) -> Callable[[int], object]:
    return lambda descriptor: os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), descriptor)


def code_of(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("descriptors", [(1,), (2,), (1, 2), (0, 1, 2)])
@pytest.mark.parametrize("spoil", [closed, full, unread])
def test_an_update_is_applied_although_its_output_fails(
    shop: World, spoil: Callable[[int], object], descriptors: tuple[int, ...], tmp_path: Path
) -> None:
    said = {2: told_to(tmp_path / "said")} if 2 not in descriptors else {}
    arguments = ["update", "--no-verify", "--no-lock"]
    assert code_of(started(arguments, dict.fromkeys(descriptors, spoil) | said)) == ExitCode.DONE
    assert shop.git("log", "-1", "--format=%s") == "Update template from 1.0 to 2.0"
    assert shop.status() == ""
    if said:
        assert "Traceback" not in (tmp_path / "said").read_text()


@pytest.mark.parametrize("spoil", [closed, full, unread])
def test_conflicts_and_errors_have_their_exit_codes_without_any_output(
    shop: World, spoil: Callable[[int], object]
) -> None:
    shop.write("a.txt", numbered(9, l4="ours"))
    shop.commit()
    streams = dict.fromkeys((1, 2), spoil)
    assert code_of(started(["update", "--no-verify", "--no-lock"], streams)) == ExitCode.CONFLICTS
    assert code_of(started(["update", "--continue"], streams)) == ExitCode.CONFLICTS
    assert code_of(started(["update"], streams)) == ExitCode.REFUSED
    assert code_of(started(["update", "--nothing"], streams)) == ExitCode.USAGE
    assert code_of(started(["update", "--abort"], streams)) == ExitCode.DONE
    assert shop.status() == ""


@pytest.mark.parametrize("arguments", [["status"], ["status", "--json"], ["--help"], ["diff", "--json"]])
def test_a_report_that_cannot_be_printed_is_an_error_if_nothing_else_was_done(
    shop: World, arguments: list[str], tmp_path: Path
) -> None:
    shop.write("a.txt", "mine\n")
    assert code_of(started(arguments, {1: full, 2: told_to(tmp_path / "said")})) == ExitCode.REFUSED
    error = [line for line in (tmp_path / "said").read_text().splitlines() if line[:1] not in {"✓", "✗"}]
    assert error[0] == "error: the disk is full: standard output cannot be written (No space left on device)"
    assert len(error) == 2


def test_a_reader_that_stops_early_is_no_error(shop: World) -> None:
    del shop
    assert code_of(started(["--help"], {1: unread})) == ExitCode.DONE


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_after_the_report_of_the_commit_changes_nothing(shop: World, number: signal.Signals) -> None:
    reading, writing = os.pipe()
    child = started(
        ["update", "--no-verify", "--no-lock"], {1: lambda descriptor: os.dup2(writing, descriptor) and None}
    )
    os.close(writing)
    said = b""
    while b"committed as" not in said:
        said += os.read(reading, 1000)
    os.kill(child, number)
    assert code_of(child) == ExitCode.DONE
    assert shop.git("log", "-1", "--format=%s") == "Update template from 1.0 to 2.0"

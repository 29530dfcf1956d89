import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from copperplate.errors import ExitCode
from testing.cli import Ran

Run = Callable[..., Ran]
HEAVY = ("copier", "jinja2", "packaging", "plumbum", "pydantic", "questionary", "rich", "uv", "yaml")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["new", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert imported(arguments) == set()


def imported(arguments: list[str]) -> set[str]:
    """Those of `HEAVY` that a run of the command line imports."""
    script = (
        "import sys\nfrom copperplate.cli import main\n"
        f"main.run({arguments!r})\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(ran.stdout.splitlines()[-1].split())


def test_status_of_a_cached_rendering_does_not_import_copier(copperplate: Run, tmp_path: Path) -> None:
    assert copperplate("new", tmp_path / "shop", "--defaults", "--no-install").code == 0
    assert imported(["status", str(tmp_path / "shop")]) == {"packaging", "yaml"}


def test_the_version_is_the_one_of_the_package(copperplate: Run) -> None:
    for option in ("--version", "-V"):
        assert copperplate(option).stdout == f"copperplate {version('copperplate')}\n"


VERBS = ("new", "features", "status", "diff", "verify", "doctor", "update", "add", "remove", "set")
GROUPS = ("resource",)


def test_help_names_every_verb_and_every_exit_code(copperplate: Run) -> None:
    lines = copperplate("--help").stdout.splitlines()
    commands, codes = lines.index("Commands:"), lines.index("Exit codes:")
    assert [line.split()[0] for line in lines[commands + 1 : codes] if line[2:3].strip()] == [*VERBS, *GROUPS]
    assert [int(line.split()[0]) for line in lines[codes + 1 :]] == sorted(ExitCode)


def test_without_a_verb_the_help_is_printed_with_exit_code_0(copperplate: Run) -> None:
    ran = copperplate()
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout == copperplate("--help").stdout


@pytest.mark.parametrize("columns", ["80", "100", "200"])
def test_no_line_of_a_help_is_cut_off_or_wider_than_the_terminal(
    columns: str, copperplate: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    for arguments in ([], *([verb] for verb in VERBS)):
        lines = copperplate(*arguments, "--help").stdout.splitlines()
        body = [line for line in lines if not line.startswith("Usage:")]
        assert [line for line in body if "..." in line] == []
        assert max(map(len, lines)) <= int(columns)


@pytest.mark.parametrize("verb", VERBS)
def test_wrong_usage_points_to_the_help_of_its_verb(verb: str, copperplate: Run) -> None:
    ran = copperplate(verb, "--nonsense")
    assert ran.code == ExitCode.USAGE
    assert ran.complaint[1] == f"  hint: see `copperplate {verb} --help`"


def completed(*words: str) -> list[str]:
    """Return the completions of bash for the last of `words`."""
    variables = {
        "_COPPERPLATE_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": f"{len(words) - 1}",
    }
    command = [sys.executable, "-c", "from copperplate.cli.main import main; main()"]
    ran = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=True)
    assert ran.stderr == ""
    return ran.stdout.split()


def test_the_shell_completes_verbs_options_features_and_checks() -> None:
    assert completed("copperplate", "up") == ["update"]
    assert completed("copperplate", "update", "--cont") == ["--continue"]
    assert completed("copperplate", "add", "obs") == ["observability"]
    assert completed("copperplate", "verify", "--skip", "te") == ["tests"]
    assert completed("copperplate", "new", "shop", "--with", "obs") == ["observability"]
    assert completed("copperplate", "new", "shop", "--without", "ex") == ["example"]
    assert completed("copperplate", "set", "adr") == ["adr_language="]
    assert completed("copperplate", "set", "ci=git") == ["ci=github", "ci=gitlab"]
    assert completed("copperplate", "new", "shop", "--data", "example=t") == ["example=true"]


def test_completion_for_a_shell_is_shown() -> None:
    command = [sys.executable, "-c", "from copperplate.cli.main import main; main()", "--show-completion"]
    ran = subprocess.run(["bash", "-c", '"$@"; true', "bash", *command], capture_output=True, text=True, check=True)  # noqa: S607
    assert "_COPPERPLATE_COMPLETE" in ran.stdout


@pytest.fixture
def shop(copperplate: Run, tmp_path: Path) -> Path:
    assert copperplate("new", tmp_path / "shop", "--defaults", "--no-install").code == 0
    return tmp_path / "shop"


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["diff", "--stat"],
        ["update", "--dry-run"],
        ["add", "example"],
        ["remove", "observability"],
        ["set", "license=MIT"],
    ],
)
def test_a_project_is_found_from_a_folder_in_it_and_by_name(
    arguments: list[str], copperplate: Run, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ran(*named: str | Path) -> tuple[int, str]:
        found = copperplate(*arguments, *named)
        return found.code, found.stdout.removeprefix(f"Project: {shop}\n")

    monkeypatch.chdir(shop)
    expected = ran()
    assert expected[0] == 0
    monkeypatch.chdir(shop / "src" / "shop")
    assert ran() == expected
    monkeypatch.chdir(tmp_path)
    assert ran("--project", "shop") == expected
    assert ran("--project", shop / "src") == expected
    assert copperplate(*arguments).code == ExitCode.REFUSED


@pytest.mark.parametrize("verb", ["status", "diff", "verify", "update"])
def test_a_project_is_named_by_argument_or_by_option_but_not_by_two_that_differ(
    verb: str, copperplate: Run, tmp_path: Path
) -> None:
    for named in ([tmp_path / "x"], ["--project", tmp_path / "x"], [tmp_path / "x", "--project", tmp_path / "x"]):
        assert copperplate(verb, *named).complaint[0].endswith("there is no such folder")
    assert copperplate(verb, tmp_path / "x", "--project", tmp_path).code == ExitCode.USAGE


def test_of_nested_projects_the_nearest_is_used(copperplate: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert copperplate("new", shop / "inner", "--defaults", "--no-install", "--no-git").code == 0
    monkeypatch.chdir(shop / "inner" / "src")
    assert json.loads(copperplate("status", "--json").stdout)["path"] == str(shop / "inner")


@pytest.mark.parametrize("arguments", [["nope"], ["new"], ["new", "a", "b"], ["verify", "--colour"]])
def test_wrong_usage_is_two_lines(arguments: list[str], copperplate: Run) -> None:
    ran = copperplate(*arguments)
    assert ran.code == ExitCode.USAGE
    first, second = ran.stderr.splitlines()
    assert first.startswith("error: ")
    assert second.startswith("  hint: ")


def test_features_are_one_json_document(copperplate: Run) -> None:
    document = json.loads(copperplate("features", "--json").stdout)
    assert {feature["name"] for feature in document["features"]} >= {"example", "container", "ci"}
    assert all(feature["adds"] for feature in document["features"])


def test_features_are_a_table_with_defaults_and_files(copperplate: Run) -> None:
    shown = copperplate("features").stdout
    for word in ("github (default)", "Dockerfile", "items"):
        assert word in shown


def test_verify_refuses_a_folder_that_is_not_a_project(copperplate: Run, tmp_path: Path) -> None:
    assert copperplate("verify", tmp_path).code == ExitCode.REFUSED


def test_doctor_is_one_json_document(copperplate: Run) -> None:
    document = json.loads(copperplate("doctor", "--json").stdout)
    assert {finding["name"] for finding in document["findings"]} >= {"git", "uv"}


def test_doctor_is_a_list_of_findings(copperplate: Run) -> None:
    assert "git" in copperplate("doctor").stdout


def test_a_template_that_runs_code_is_refused_unless_trusted(
    copperplate: Run, tmp_path: Path, small_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    template = tmp_path / "template"
    for part in small_template.rglob("*"):
        if part.is_file():
            (template / part.relative_to(small_template)).parent.mkdir(parents=True, exist_ok=True)
            (template / part.relative_to(small_template)).write_bytes(part.read_bytes())
    with (template / "copier.yml").open("a") as file:
        file.write(f"\n---\n_tasks:\n  - touch {tmp_path / 'ran'}\n")
    ran = copperplate("new", "shop", "--no-install", "--no-git", "--template", template)
    assert ran.code == ExitCode.REFUSED
    assert "_tasks" in ran.complaint[0]
    assert "--trust" in ran.complaint[1]
    assert not (tmp_path / "ran").exists()


def test_an_unexpected_error_is_shown_without_a_traceback(copperplate: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def defective(**_: object) -> None:
        raise LookupError("of the tool")

    monkeypatch.setattr("copperplate.cli.main.app", defective)
    ran = copperplate("doctor")
    assert ran.code == ExitCode.BROKEN
    assert ran.complaint[0] == "error: unexpected LookupError: of the tool"
    with pytest.raises(LookupError):
        copperplate("doctor", "--debug")


def test_a_deleted_current_folder_is_refused(copperplate: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    ran = copperplate("status")
    assert (ran.code, ran.complaint[0]) == (3, "error: the current folder no longer exists")

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from copperplate.errors import ExitCode
from tests.conftest import Ran

Run = Callable[..., Ran]
HEAVY = ("copier", "jinja2", "packaging", "plumbum", "pydantic", "questionary", "rich", "uv", "yaml")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["new", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert imported(arguments) == set()


def imported(arguments: list[str]) -> set[str]:
    """Those of `HEAVY` that a run of the command line imports."""
    script = (
        "import sys\nfrom copperplate import cli\n"
        f"cli.run({arguments!r})\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(ran.stdout.splitlines()[-1].split())


def test_status_of_what_was_rendered_before_imports_only_what_reads_it(copperplate: Run, tmp_path: Path) -> None:
    assert copperplate("new", tmp_path / "shop", "--defaults", "--no-install").code == 0
    assert imported(["status", str(tmp_path / "shop")]) == {"packaging", "yaml"}


def test_the_version_is_the_one_of_the_package(copperplate: Run) -> None:
    assert copperplate("--version").stdout == f"copperplate {version('copperplate')}\n"


def test_help_names_every_verb_and_the_exit_codes(copperplate: Run) -> None:
    shown = " ".join(copperplate("--help").stdout.split())
    for word in ("new", "features", "verify", "doctor", "130 interrupted"):
        assert word in shown


def test_without_a_verb_the_help_is_shown(copperplate: Run) -> None:
    ran = copperplate()
    assert "Commands:" in ran.stdout + ran.stderr


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


def test_verify_refuses_what_is_no_project(copperplate: Run, tmp_path: Path) -> None:
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


def test_a_defect_is_told_without_a_traceback(copperplate: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def defective(**_: object) -> None:
        raise LookupError("of the tool")

    monkeypatch.setattr("copperplate.cli.running.app", defective)
    ran = copperplate("doctor")
    assert ran.code == ExitCode.BROKEN
    assert ran.complaint[0] == "error: unexpected LookupError: of the tool"
    with pytest.raises(LookupError):
        copperplate("doctor", "--debug")

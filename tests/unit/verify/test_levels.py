"""The levels on a stand-in for a project, most of all when they fail; `tests/projects` runs them on real projects."""

from contextlib import AbstractContextManager, nullcontext

import pytest

from copperplate.verify import LEVELS, LevelResult, Status, boot, levels, run_levels, servers
from testing.contract import CONTRACT
from tests.unit.verify.conftest import StandIn


def run(stand_in: StandIn, name: str) -> LevelResult:
    (result,) = run_levels(stand_in.target, [level for level in LEVELS if level.name == name]).levels
    return result


def test_a_lock_that_is_up_to_date_passes(stand_in: StandIn) -> None:
    result = run(stand_in, "lock")
    assert result.status is Status.PASSED
    assert result.command == "uv lock --check"


def test_a_stale_lock_fails_and_is_left_as_it_was(stand_in: StandIn) -> None:
    project, lock = stand_in.target.path / "pyproject.toml", stand_in.target.path / "uv.lock"
    project.write_text(project.read_text().replace('name = "shop"', 'name = "renamed"'))
    before = lock.read_bytes()
    assert run(stand_in, "lock").status is Status.FAILED
    assert lock.read_bytes() == before


def test_lint_never_fixes(stand_in: StandIn) -> None:
    stand_in.installs("ruff", "import sys; print(*sys.argv[1:])")
    assert "check --no-fix ." in run(stand_in, "lint").output
    assert "format --check ." in run(stand_in, "format").output


def test_a_program_that_is_missing_fails_its_level(stand_in: StandIn) -> None:
    result = run(stand_in, "types")
    assert result.status is Status.FAILED
    assert "mypy" in result.output


def test_the_number_of_finished_tests_is_shown_while_they_run(stand_in: StandIn) -> None:
    stand_in.installs(
        "pytest", "import time\nfor n in (1, 2):\n    print(f'tests/test_a.py . [ {n}/2]', flush=True); time.sleep(0.7)"
    )
    seen = []

    class Counting:
        def step(self, name: str) -> AbstractContextManager[None]:
            assert name == "tests"
            return nullcontext()

        def count(self, done: int, total: int) -> None:
            seen.append((done, total))

    (result,) = run_levels(stand_in.target, [levels.tests()], progress=Counting()).levels
    assert result.status is Status.PASSED
    assert list(dict.fromkeys(seen)) == [(1, 2), (2, 2)]
    assert result.output.endswith("[ 2/2]")


def test_isolation_is_its_own_check_and_is_not_run_again_by_the_tests(stand_in: StandIn) -> None:
    stand_in.installs("pytest", "import sys; print(*sys.argv[1:])")
    test = stand_in.target.path / levels.ISOLATION
    test.parent.mkdir()
    test.touch()
    chosen = [level for level in LEVELS if level.name in {"isolation", "tests"}]
    isolation, others = run_levels(stand_in.target, chosen).levels
    assert isolation.command == f"uv run pytest {levels.ISOLATION}"
    assert f"--cov --deselect={levels.ISOLATION}" in others.output
    assert "--deselect" not in run(stand_in, "tests").output


MEETING = """
    import sys, time
    from pathlib import Path
    here = Path(__file__).parent
    mine, other = ("contract", "others") if sys.argv[1].startswith("tests/") else ("others", "contract")
    (here / mine).touch()
    deadline = time.monotonic() + 20
    while not (here / other).exists():
        if time.monotonic() > deadline: sys.exit("nothing runs beside")
        time.sleep(0.01)
    print(*sys.argv[1:])
"""
"""Program that passes only if it runs for the contract and for the other tests at the same time."""

ALONE = """
    import sys, time
    from pathlib import Path
    running = Path(__file__).with_name("running")
    running.touch(exist_ok=False)
    time.sleep(0.3)
    running.unlink()
    print(*sys.argv[1:])
"""
"""Program that fails if another one runs."""

COUNTS_FOR_NOTHING = "@pytest.mark.no_cover\ndef test_contract(): ..."


def has_tests(stand_in: StandIn, contract: str) -> None:
    (stand_in.target.path / "tests").mkdir()
    for test, code in {levels.CONTRACT: contract, levels.ISOLATION: ""}.items():
        (stand_in.target.path / test).write_text(f"import pytest\n{code}\n")


def test_the_contract_is_tested_beside_the_other_tests(stand_in: StandIn) -> None:
    stand_in.installs("pytest", MEETING)
    has_tests(stand_in, COUNTS_FOR_NOTHING)
    result = run(stand_in, "tests")
    assert result.status is Status.PASSED, result.output
    others, contract = result.command.split(" && ")
    assert others.startswith(f"uv run pytest --cov --deselect={levels.CONTRACT} ")
    assert contract == f"uv run pytest {levels.CONTRACT} --durations=3"
    assert result.output.index("--cov") < result.output.rindex(levels.CONTRACT)


@pytest.mark.parametrize("broken", [levels.CONTRACT, "--cov"])
def test_tests_fail_if_the_contract_fails_or_another_test_and_the_last_lines_say_why(
    stand_in: StandIn, broken: str
) -> None:
    stand_in.installs("pytest", f"import sys; print('ran', sys.argv[1]); sys.exit(sys.argv[1] == '{broken}')")
    has_tests(stand_in, COUNTS_FOR_NOTHING)
    result = run(stand_in, "tests")
    assert result.status is Status.FAILED
    assert result.output.endswith(f"ran {broken}\nexit code 1")
    assert levels.CONTRACT in result.command.split()


def test_a_contract_that_cannot_be_tested_fails_the_tests(stand_in: StandIn) -> None:
    has_tests(stand_in, COUNTS_FOR_NOTHING)
    result = run(stand_in, "tests")
    assert result.status is Status.FAILED
    assert "pytest" in result.output


def test_a_contract_that_counts_for_the_coverage_is_tested_with_the_others(stand_in: StandIn) -> None:
    stand_in.installs("pytest", "import sys; print(*sys.argv[1:])")
    has_tests(stand_in, "def test_contract(): ...")
    result = run(stand_in, "tests")
    assert "--deselect" not in result.output
    assert "&&" not in result.command


def test_no_two_runs_of_the_tests_share_a_redis_at_once(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_REDIS_URL", "redis://127.0.0.1/0")
    stand_in.installs("pytest", ALONE)
    has_tests(stand_in, COUNTS_FOR_NOTHING)
    for result in run_levels(stand_in.target, [x for x in LEVELS if x.name in {"isolation", "tests"}]).levels:
        assert result.status is Status.PASSED, result.output


def test_isolation_is_skipped_in_a_project_without_accounts(stand_in: StandIn) -> None:
    result = run(stand_in, "isolation")
    assert result.status is Status.SKIPPED
    assert (
        result.output
        == f"the project has no {levels.ISOLATION}, which comes with accounts: copperplate add auth=session"
    )


def test_the_first_migration_command_that_fails_is_the_last_to_run(stand_in: StandIn) -> None:
    stand_in.has_servers()
    stand_in.installs("alembic", "import sys; sys.exit(sys.argv[1] == 'check')")
    result = run(stand_in, "migrations")
    assert result.status is Status.FAILED
    assert result.command == "uv run alembic upgrade head && uv run alembic check"


def test_the_migration_commands_run_one_after_the_other_as_programs_of_the_project(stand_in: StandIn) -> None:
    stand_in.has_servers()
    stand_in.installs("alembic", "import os, sys; print(os.getpid(), os.environ['DATABASE_URL'], *sys.argv[1:])")
    result = run(stand_in, "migrations")
    assert "No module named 'asyncpg'" in result.output  # of which the next command asks what is left behind
    said = [line.split() for line in result.output.splitlines() if "made-up" in line]
    assert [words[2:] for words in said] == [["upgrade", "head"], ["check"], ["downgrade", "base"]]
    assert len({words[0] for words in said}) == 3
    *migrated, last = result.command.split(" && ")
    assert migrated == ["uv run alembic upgrade head", "uv run alembic check", "uv run alembic downgrade base"]
    assert last.endswith("in_project.py leftovers")


def test_servers_that_do_not_start_fail_the_level_with_their_output(stand_in: StandIn) -> None:
    stand_in.has_servers("import sys; sys.exit('no PostgreSQL here')")
    result = run(stand_in, "migrations")
    assert result.status is Status.FAILED
    assert "no PostgreSQL here" in result.output


def test_servers_without_output_time_out(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "START_TIMEOUT", 0.2)
    stand_in.has_servers("import sys; sys.stdin.read()")
    assert "did not start" in run(stand_in, "migrations").output


def test_a_server_is_booted_like_production_away_from_the_projects_dotenv(stand_in: StandIn) -> None:
    stand_in.has_servers()
    stand_in.serves()
    result = run(stand_in, "boot")
    assert result.status is Status.PASSED, result.output
    assert "production postgresql://127.0.0.1/made-up" in result.output
    assert f"cwd {stand_in.target.path}" not in result.output


def test_a_server_gets_examples_for_required_settings(stand_in: StandIn) -> None:
    stand_in.has_servers()
    stand_in.serves("print(os.environ['MAIL_HOST'], os.environ['REDIS_URL'], os.environ['TAGS'])")
    stand_in.requires_settings()
    assert "mail.example redis://127.0.0.1/0 a,b" in run(stand_in, "boot").output


def test_a_server_may_lack_servers_of_the_projects_own_features(stand_in: StandIn) -> None:
    stand_in.has_servers()
    stand_in.serves('ANSWERS[\'/health/ready\'] = 503; BODY = b\'{"database": "up", "redis": "up", "mail": "down"}\'')
    result = run(stand_in, "boot")
    assert result.status is Status.PASSED, result.output
    assert '"mail": "down"' in result.output


def test_a_server_that_is_not_ready_at_once_is_asked_again(stand_in: StandIn) -> None:
    stand_in.has_servers()
    stand_in.serves(
        "ANSWERS['/health/ready'] = 503\n"
        "from threading import Timer\n"
        "if sys.argv[1] == 'serve': Timer(1, lambda: ANSWERS.update({'/health/ready': 200})).start()"
    )
    result = run(stand_in, "boot")
    assert result.status is Status.PASSED, result.output


@pytest.mark.parametrize(
    ("behaviour", "complaint"),
    [
        ("sys.exit('SECRET_KEY is weak')", "SECRET_KEY is weak"),
        ("if sys.argv[1] == 'serve': sys.exit(3)", "ended with exit code 3 before it answered"),
        ("ANSWERS['/health/live'] = 500", "GET /health/live should answer 200, and answered 500"),
        ("ANSWERS['/health/live'] = 503", "/health/live did not answer 200 in 1 s; last: 503"),
        ("ANSWERS['/health/ready'] = 503", "GET /health/ready should answer 200"),
        ("ANSWERS['/health/ready'] = 503; BODY = b'[]'", "GET /health/ready should answer 200"),
        ("ANSWERS['/openapi.json'] = 500", "GET /openapi.json should answer 200 or 401 or 403 or 404"),
        ("EXIT_CODE = 1", "should end with exit code 0"),
        ("os._exit = lambda code: None", "still there"),
        ("import subprocess; subprocess.Popen(['sleep', '60'])", "a process that it had started has not"),
    ],
)
def test_a_server_that_misbehaves_fails_the_boot(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, behaviour: str, complaint: str
) -> None:
    monkeypatch.setattr(boot, "START_TIMEOUT", 1.0)
    monkeypatch.setattr(boot, "STOP_TIMEOUT", 0.5)
    monkeypatch.setattr("copperplate.verify.boot.READY_TIMEOUT", 0.5)
    stand_in.has_servers()
    stand_in.serves(behaviour)
    result = run(stand_in, "boot")
    assert result.status is Status.FAILED
    assert complaint in result.output


def test_the_contract_is_tested_on_a_server_that_publishes_it(stand_in: StandIn) -> None:
    stand_in.has_servers()
    stand_in.serves("print('docs', os.environ['API_DOCS'], flush=True)")
    stand_in.installs("schemathesis", "import sys; print(*sys.argv[1:])")
    (result,) = run_levels(stand_in.target, [CONTRACT]).levels
    assert result.status is Status.PASSED, result.output
    assert "docs true" in result.output
    assert "/openapi.json --checks=all" in result.output


def test_a_broken_contract_fails_its_level(stand_in: StandIn) -> None:
    stand_in.has_servers()
    stand_in.serves()
    stand_in.installs("schemathesis", "import sys; sys.exit('500 Internal Server Error')")
    (result,) = run_levels(stand_in.target, [CONTRACT]).levels
    assert result.status is Status.FAILED
    assert "500 Internal Server Error" in result.output


def test_the_projects_own_command_migrates_once_for_all_that_serve(stand_in: StandIn) -> None:
    stand_in.has_servers()
    stand_in.serves()
    stand_in.installs("schemathesis", "pass")
    chosen = [level for level in (*LEVELS, CONTRACT) if level.name in {"boot", "contract"}]
    results = run_levels(stand_in.target, chosen).levels
    assert [result.command.count("shop migrate") for result in results] == [1, 0]

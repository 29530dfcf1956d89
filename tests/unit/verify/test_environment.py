import pytest

from copperplate.verify import environment


@pytest.mark.parametrize(
    "name",
    ["DATABASE_URL", "SECRET_KEY", "LOG_LEVEL", "PYTEST_ADDOPTS", "PYTHONDONTWRITEBYTECODE", "RUFF_CONFIG", "MYPYPATH"],
)
def test_a_variable_that_would_change_what_a_check_means_is_dropped(name: str) -> None:
    assert name not in environment.of_project({name: "x"})


@pytest.mark.parametrize("name", ["PATH", "HOME", "TEST_DATABASE_URL", "TEST_REDIS_URL", "POSTGRES_BIN", "CI"])
def test_what_the_machine_is_stays_known(name: str) -> None:
    assert environment.of_project({name: "x"})[name] == "x"


def test_programs_are_told_to_speak_plainly() -> None:
    assert environment.of_project({})["NO_COLOR"] == "1"

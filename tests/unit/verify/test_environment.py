import pytest

from copperplate.verify import session


@pytest.mark.parametrize(
    "name",
    ["DATABASE_URL", "SECRET_KEY", "LOG_LEVEL", "PYTEST_ADDOPTS", "PYTHONDONTWRITEBYTECODE", "RUFF_CONFIG", "MYPYPATH"],
)
def test_a_variable_that_would_change_a_check_is_dropped(name: str) -> None:
    assert name not in session.project_environment({name: "x"})


@pytest.mark.parametrize("name", ["PATH", "HOME", "TEST_DATABASE_URL", "TEST_REDIS_URL", "POSTGRES_BIN", "CI"])
def test_variables_of_the_machine_are_kept(name: str) -> None:
    assert session.project_environment({name: "x"})[name] == "x"


def test_requests_to_this_machine_use_no_proxy() -> None:
    given = session.project_environment({"http_proxy": "http://192.0.2.1:3128", "NO_PROXY": "example.org"})
    assert given["http_proxy"] == "http://192.0.2.1:3128"
    assert given["no_proxy"] == given["NO_PROXY"] == "example.org,127.0.0.1,::1,localhost"
    assert session.project_environment({})["no_proxy"] == "127.0.0.1,::1,localhost"


def test_programs_print_without_colours() -> None:
    assert session.project_environment({})["NO_COLOR"] == "1"

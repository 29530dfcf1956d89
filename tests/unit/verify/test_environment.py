import pytest

from copperplate.verify import session


@pytest.mark.parametrize(
    "name",
    ["DATABASE_URL", "SECRET_KEY", "LOG_LEVEL", "PYTEST_ADDOPTS", "PYTHONDONTWRITEBYTECODE", "RUFF_CONFIG", "MYPYPATH"],
)
def test_a_variable_that_would_change_what_a_check_means_is_dropped(name: str) -> None:
    assert name not in session.project_environment({name: "x"})


@pytest.mark.parametrize("name", ["PATH", "HOME", "TEST_DATABASE_URL", "TEST_REDIS_URL", "POSTGRES_BIN", "CI"])
def test_what_the_machine_is_stays_known(name: str) -> None:
    assert session.project_environment({name: "x"})[name] == "x"


def test_this_machine_is_asked_without_a_proxy_and_others_as_before() -> None:
    given = session.project_environment({"http_proxy": "http://192.0.2.1:3128", "NO_PROXY": "example.org"})
    assert given["http_proxy"] == "http://192.0.2.1:3128"
    assert given["no_proxy"] == given["NO_PROXY"] == "example.org,127.0.0.1,::1,localhost"
    assert session.project_environment({})["no_proxy"] == "127.0.0.1,::1,localhost"


def test_programs_are_told_to_speak_plainly() -> None:
    assert session.project_environment({})["NO_COLOR"] == "1"

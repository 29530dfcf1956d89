import pytest

from copperplate.verify.results import TimedOut
from copperplate.verify.session import Log, Session
from testing.errors import with_fields
from tests.unit.verify.conftest import StandIn


def test_a_program_that_takes_too_long_is_stopped_and_its_output_is_kept(stand_in: StandIn) -> None:
    stand_in.installs("slow", "import time; print('working', flush=True); time.sleep(60)")
    with Session(stand_in.target) as session, Log() as log:
        with pytest.raises(TimedOut, check=with_fields(seconds=3)):
            session.run(log, "slow", timeout=3)
        assert "working" in log.text()


def test_a_command_is_shown_as_it_would_be_typed(stand_in: StandIn) -> None:
    stand_in.installs("tool", "import sys; print(sys.argv[1:])")
    with Session(stand_in.target) as session, Log() as log:
        session.run(log, "tool", "--flag", "value")
        assert log.commands == ["uv run tool --flag value"]
        assert log.text() == "$ uv run tool --flag value\n['--flag', 'value']"


def test_servers_are_opened_once_and_closed_with_the_session(stand_in: StandIn) -> None:
    stand_in.has_servers("""
        import pathlib, sys
        log = pathlib.Path(sys.prefix, "log")
        log.open("a").write("opened ")
        print("DATABASE_URL=x")
        print("REDIS_URL=y", flush=True)
        sys.stdin.read()
        log.open("a").write("closed")
    """)
    with Session(stand_in.target) as session, Log() as log:
        assert session.servers(log) is session.servers(log)
        assert session.servers(log).settings == {"DATABASE_URL": "x", "REDIS_URL": "y"}
    assert (stand_in.target.path / ".venv" / "log").read_text() == "opened closed"


def test_the_servers_of_a_project_are_beside_its_package_and_were_inside_until_0_9_0(stand_in: StandIn) -> None:
    assert stand_in.target.servers == "shop_dev"
    inside = stand_in.target.path / "src" / "shop" / "dev"
    inside.mkdir(parents=True)
    (inside / "__main__.py").touch()
    assert stand_in.target.servers == "shop.dev"

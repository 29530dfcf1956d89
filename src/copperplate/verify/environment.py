"""The environment in which a project is judged: the machine's, without what would change what its checks mean."""

from collections.abc import Mapping

SETTINGS = ("DATABASE_", "REDIS_", "API_", "LOG_", "SECRET_KEY", "ENVIRONMENT")
"""The rendered backend's own settings: what a shell happens to export must not reach its tests."""

TOOLS = ("ALEMBIC_", "COVERAGE_", "COV_CORE_", "HYPOTHESIS_", "MYPY", "PYTEST_", "PYTHON", "RUFF_", "SCHEMATHESIS_")
"""What turns the project's tools into something else than its `pyproject.toml` says."""

LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""The server under test is asked directly, whatever proxy the machine uses for the rest."""


def of_project(machine: Mapping[str, str]) -> dict[str, str]:
    """Variables for the programs that check a project."""
    kept = {name: value for name, value in machine.items() if not name.startswith(SETTINGS + TOOLS)}
    direct = ",".join(filter(None, (kept.get("no_proxy", kept.get("NO_PROXY")), *LOOPBACK)))
    return kept | {"NO_COLOR": "1", "UV_NO_PROGRESS": "1", "no_proxy": direct, "NO_PROXY": direct}

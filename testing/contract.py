"""Contract of a project, tested on a server that publishes it. The own tests of a project have a test of it too."""

from copperplate.verify import Level
from copperplate.verify.boot import HOST, served
from copperplate.verify.session import Log, Session

EXAMPLES = 10
"""Number of examples for each operation and phase. The test looks for broken promises, not for rare corners of a
schema."""


def contract(session: Session, log: Log) -> None:
    """Run Schemathesis with all its checks and the settings of the project's `schemathesis.toml`."""
    with served(session, log, {"API_DOCS": "true", "LOG_LEVEL": "warning"}) as port:
        session.run(
            log,
            "schemathesis",
            "run",
            f"http://{HOST}:{port}/openapi.json",
            "--checks=all",
            f"--max-examples={EXAMPLES}",
            "--generation-database=none",
        )


CONTRACT = Level("contract", contract, needs=("boot",))

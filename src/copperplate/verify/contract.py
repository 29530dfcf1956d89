"""Whether the served application keeps to its own description, whatever it is sent."""

from copperplate.verify.bench import Bench
from copperplate.verify.serving import HOST, served
from copperplate.verify.transcript import Transcript

EXAMPLES = 10
"""For each operation and phase. What is looked for is a broken promise, not the last corner of each schema."""


def contract(bench: Bench, transcript: Transcript) -> None:
    """Run Schemathesis with all its checks, as the project's own `schemathesis.toml` sets it up."""
    with served(bench, transcript, {"API_DOCS": "true", "LOG_LEVEL": "warning"}) as port:
        bench.run(
            transcript,
            "schemathesis",
            "run",
            f"http://{HOST}:{port}/openapi.json",
            "--checks=all",
            f"--max-examples={EXAMPLES}",
            "--generation-database=none",
        )

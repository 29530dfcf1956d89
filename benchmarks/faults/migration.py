"""Migration of a new release while the old release serves."""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path

from benchmarks.faults.bed import bed
from benchmarks.faults.client import CREATED, OK, Answer, at_once, at_rate, longest, told
from benchmarks.faults.row import Result, Row
from benchmarks.served import Project

REPLICAS = 2
LONGEST = 2.0
READS, WRITES = 60, 10
"""Requests a second."""

REVISION = '''"""What the release after this one might bring."""

import sqlalchemy as sa
from alembic import op

revision = "benchmark"
down_revision = "{newest}"


def upgrade() -> None:
    op.add_column("items", sa.Column("origin", sa.String(), server_default="unknown", nullable=False))
    op.create_index("ix_items_origin", "items", ["origin"])


def downgrade() -> None:
    op.drop_index("ix_items_origin", "items")
    op.drop_column("items", "origin")
'''


async def while_serving(project: Project) -> Result:
    """Migrate with several replicas at once, while another transaction locks the table at the start."""
    with bed(project) as servers, servers.serving() as app, tempfile.TemporaryDirectory() as folder:
        path = await app.new_item()
        source = Path(folder) / "src"
        shutil.copytree(project.path / "src", source)
        newest = servers.sql("SELECT version_num FROM alembic_version")
        revision = source / project.package / "migrations/versions/benchmark.py"
        revision.write_text(REVISION.format(newest=newest))

        async def read(_: int) -> Answer:
            return await app.get(path)

        async def write(number: int) -> Answer:
            return await app.make(f"Migrated {number}")

        async def migrate() -> int:
            command = (project.program(project.command), "migrate")
            environment = {**servers.servers, "PYTHONPATH": str(source)}
            quiet = asyncio.subprocess.DEVNULL
            process = await asyncio.create_subprocess_exec(*command, cwd=project.path, env=environment, stdout=quiet)
            return await process.wait()

        await at_once(read, READS)
        load = asyncio.gather(at_rate(read, READS, 7), at_rate(write, WRITES, 7))
        with servers.lock("ACCESS SHARE", 10):
            migrating = asyncio.gather(*(migrate() for _ in range(REPLICAS)))
            await asyncio.sleep(2)
        began = time.monotonic()
        ended = await migrating
        took = time.monotonic() - began
        answers = [answer for each in await load for answer in each]
        done = servers.sql("SELECT version_num FROM alembic_version") == "benchmark"
    failed = [answer for answer in answers if answer.status not in {OK, CREATED}]
    return Result(
        f"{told(answers)}, the longest {longest(answers):.2f} s; the replicas ended with "
        f"{' and '.join(map(str, ended))}, {took:.1f} s after the table was free",
        not failed and done and longest(answers) <= LONGEST and not any(ended),
    )


ROWS = (
    Row(
        "migration",
        f"migration while serving, {REPLICAS} replicas at once, the table in use",
        f"0 × 5xx, no request waits more than {LONGEST:.0f} s, one replica migrates and all end well",
        while_serving,
    ),
)

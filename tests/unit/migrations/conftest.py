from collections.abc import Callable
from pathlib import Path

import pytest

VERSIONS = "src/shop/migrations/versions"
SCRIPT = '''"""{summary}"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "{revision}"
down_revision: str | Sequence[str] | None = {parent}
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

kind = sa.Enum("a", name="{table}_kind")


def upgrade() -> None:
    kind.create(op.get_bind())
    op.create_table("{table}", sa.Column("kind", kind))


# What it held is gone.
def downgrade() -> None:
    op.drop_table("{table}")
    kind.drop(op.get_bind())
'''

Write = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / VERSIONS).mkdir(parents=True)
    (folder / VERSIONS / "__init__.py").write_text("")
    return folder


@pytest.fixture
def write() -> Write:
    def revision(folder: Path, name: str, revision: str, parent: str | tuple[str, ...] | None) -> Path:
        file = folder / VERSIONS / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        literal = str(parent).replace("'", '"')
        quoted = f'"{parent}"' if isinstance(parent, str) else literal
        file.write_text(
            SCRIPT.format(summary=f"{name}.", revision=revision, parent=quoted, table=name.rpartition("_")[2])
        )
        return file

    return revision

"""Realistic project: generated some time ago, then changed for a week."""

from collections.abc import Mapping
from pathlib import Path

from copperplate import destination, uv
from copperplate.commands import new as printing
from copperplate.migrations import script
from copperplate.progress import Silent
from copperplate.questions.answers import Answers
from copperplate.questions.manifest import Manifest, Value
from copperplate.templates import bundled, template
from testing.git import git, output
from testing.superset import superset

PACKAGE = "humanize"
"""The project's own dependency; no template has it."""

MODELS = """\
from sqlalchemy.orm import Mapped

from ..db.base import Base, Identified


class Order(Identified, Base):
    __tablename__ = "orders"

    number: Mapped[int]
"""
ROUTER = """\
import humanize
from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import func, select

from ..db.session import Session
from .models import Order

router = APIRouter(prefix="/orders", tags=["orders"])


class OrderCount(BaseModel):
    count: int
    spoken: str


@router.get("/count")
async def count_orders(session: Session) -> OrderCount:
    count = await session.scalar(select(func.count(Order.id))) or 0
    return OrderCount(count=count, spoken=humanize.intword(count))
"""
TEST = """\
from httpx2 import AsyncClient

from shop.settings import OrderSettings


async def test_orders_are_counted(client: AsyncClient) -> None:
    response = await client.get("/orders/count")
    assert response.json() == {"count": 0, "spoken": "0"}


def test_there_is_a_limit() -> None:
    assert OrderSettings().limit == 40
"""
REVISION = '''\
"""Orders."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "orders"
down_revision: str | Sequence[str] | None = "{parent}"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
    )


def downgrade() -> None:
    op.drop_table("orders")
'''
SETTINGS = '''\
class OrderSettings(BaseModel, frozen=True):
    limit: PositiveInt = 40
    """Orders that a customer may have open at once."""


'''
OWN = {
    "src/shop/orders/__init__.py": "",
    "src/shop/orders/models.py": MODELS,
    "src/shop/orders/router.py": ROUTER,
    "src/shop/migrations/versions/orders.py": REVISION,
    "tests/orders/__init__.py": "",
    "tests/orders/test_router.py": TEST,
}
EDITS = {
    "src/shop/features.py": (
        ("from .items.router import router as items\n", "from .orders.router import router as orders\n"),
        ("        items,\n", "        orders,\n"),
    ),
    "src/shop/settings.py": (
        ("class DatabaseOnly(", SETTINGS),
        ("    log: LogSettings = LogSettings()\n", "    orders: OrderSettings = OrderSettings()\n"),
    ),
    "pyproject.toml": (('  "fastapi>=', f'  "{PACKAGE}>=4",\n'),),
    ".env.example": (
        ("# Not read by the application", "# Orders that a customer may have open at once\n# ORDERS_LIMIT=40\n\n"),
    ),
    "README.md": (("## ", "Orders are counted under `/orders/count`.\n\n"),),
}
"""Lines to put into files of the template: behind a whole line, or before one of which only the beginning is given."""
FEATURES, LIFESPAN = "        *project.FEATURES,\n", "from .lifespan import open_resources\n"
"""Lines of the template's `features.py` where it lists features and no longer routers."""

AS_FEATURES = {"        orders,\n": '        Feature("orders", routers=(orders,)),\n'}
"""Lines of `EDITS`, as their author writes them there."""
FEATURE_EDITS = (
    (LIFESPAN, "from .orders.router import router as orders\n"),
    (FEATURES, AS_FEATURES["        orders,\n"]),
)


def asked(version: str) -> Manifest:
    with template.of_release(bundled.find(version), bundled.SOURCE) as opened:
        return opened.manifest


def everything(version: str) -> dict[str, Value]:
    """All that was there to choose in `version`."""
    answers = superset(asked(version)).data()
    return {**answers, "project_name": "Shop", "distribution_name": "shop", "package_name": "shop"}


def printed(project: Path, version: str, answers: Mapping[str, Value]) -> None:
    """Make the project that `copperplate new --template-version` makes, but without an environment."""
    with template.of_release(bundled.find(version), bundled.SOURCE) as opened:
        complete = Answers.from_data({"project_name": "Shop", **answers}, opened.manifest)
        options = printing.Options(install=False)
        printing.new(destination.checked(str(project)), complete, opened, options=options, progress=Silent())
    uv.lock(project)
    committed(project, "Lock")


def worked_on(project: Path) -> None:
    """A resource, a revision, a dependency and settings of the project's own."""
    head = script.head(script.read_all(project, "shop")) or ""
    for path, content in OWN.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(content.replace("{parent}", head))
    for path, edits in EDITS.items():
        text = (project / path).read_text()
        for anchor, added in FEATURE_EDITS if FEATURES in text else edits:
            assert anchor in text, f"{path} has no {anchor!r}"
            behind = anchor.endswith("\n")
            text = text.replace(anchor, anchor + added if behind else added + anchor, 1)
        (project / path).write_text(text)
    uv.lock(project)
    committed(project, "Orders")


def resolved(project: Path) -> None:
    """Both sides have put lines in one place of `features.py`, and both are wanted.

    The lines of the project import `own.py`, which the template has no more; without them nothing needs it.
    """
    features, *others = git("diff", "--name-only", "--diff-filter=U", cwd=project).split()
    assert features == "src/shop/features.py"
    assert others in ([], ["src/shop/own.py"])
    file = project / features
    marks = ("<<<<<<< ", "=======", ">>>>>>> ")
    theirs = output("show", f":3:{features}", cwd=project)
    if FEATURES in theirs:
        for anchor, added in FEATURE_EDITS:
            theirs = theirs.replace(anchor, anchor + added)
        file.write_text(theirs)
    else:
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join(line for line in lines if not line.startswith(marks)))
    git("add", features, cwd=project)
    for other in others:
        git("rm", "--quiet", other, cwd=project)


def committed(project: Path, message: str) -> None:
    git("add", "--all", cwd=project)
    git("commit", "--quiet", "--allow-empty", f"--message={message}", cwd=project)


def lost(project: Path) -> list[str]:
    """Return the parts of that work that are missing or changed."""
    commit = git("log", "--grep=^Orders$", "--format=%H", cwd=project)
    gone = [path for path in OWN if (project / path).read_text() != output("show", f"{commit}:{path}", cwd=project)]
    for path, edits in EDITS.items():
        text = (project / path).read_text()
        gone += [f"{path}: {line}" for _, line in edits if line not in text and AS_FEATURES.get(line, line) not in text]
    if f'name = "{PACKAGE}"' not in (project / "uv.lock").read_text():
        gone.append(f"uv.lock: {PACKAGE}")
    return gone

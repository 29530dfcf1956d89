"""Database revisions (Alembic's scripts) of a project, as files. No database is used, and no project code is imported.

A revision in a project has probably run somewhere, so it is never changed, moved or deleted. `prepare` ensures this
before two renderings are merged, and `settle` makes one head afterwards.
"""

from copperplate.migrations.plan import Plan, prepare, refuse_turns, settle
from copperplate.migrations.script import Change
from copperplate.migrations.write import append_to_head, write_drop, write_recreate, write_removal

__all__ = [
    "Change",
    "Plan",
    "append_to_head",
    "prepare",
    "refuse_turns",
    "settle",
    "write_drop",
    "write_recreate",
    "write_removal",
]

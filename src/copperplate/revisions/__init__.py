"""Database revisions (Alembic's scripts) of a project, as files: no database is asked, and nothing is imported.

A revision that stands in a project has probably run somewhere, so it is never changed, moved or deleted. `prepare` sees
to that before two renderings are merged, and `settle` leaves one head afterwards.
"""

from copperplate.revisions.changes import Change
from copperplate.revisions.fitting import fit
from copperplate.revisions.planning import Plan, prepare, refuse_turns, settle
from copperplate.revisions.turning import retire, revive

__all__ = ["Change", "Plan", "fit", "prepare", "refuse_turns", "retire", "revive", "settle"]

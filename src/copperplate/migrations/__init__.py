"""Database revisions (Alembic's scripts) of a project, as files. No database is used, and no project code is imported.

A revision in a project has probably run somewhere, so it is never changed, moved or deleted. `prepare` ensures this
before two renderings are merged, and `settle` makes one head afterwards.
"""

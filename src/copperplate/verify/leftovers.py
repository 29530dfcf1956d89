"""What a database still holds when all its migrations have been undone. Run by the project's own Python."""

import asyncio
import os
import sys

import asyncpg

# Alembic's own table stays, and what an extension has made is the extension's.
LEFT = """
WITH everything AS (
    SELECT 'pg_class'::regclass AS catalog, oid, relnamespace AS namespace, 'relation' AS kind, relname AS name
    FROM pg_class WHERE relkind IN ('r', 'v', 'm', 'S', 'f', 'p')
    UNION ALL
    SELECT 'pg_type'::regclass, oid, typnamespace, 'type', typname FROM pg_type WHERE typtype IN ('e', 'd', 'r')
    UNION ALL
    SELECT 'pg_proc'::regclass, oid, pronamespace, 'function', proname FROM pg_proc
)
SELECT kind, name FROM everything
WHERE namespace::regnamespace::text NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
  AND NOT (kind = 'relation' AND name = 'alembic_version')
  AND NOT EXISTS (
      SELECT FROM pg_depend WHERE classid = catalog AND objid = everything.oid AND deptype = 'e'
  )
ORDER BY kind, name
"""


async def left(url: str) -> list[str]:
    connection = await asyncpg.connect(url.replace("+asyncpg", "", 1))
    try:
        return [f"{row['kind']} {row['name']}" for row in await connection.fetch(LEFT)]
    finally:
        await connection.close()


def main() -> None:
    if found := asyncio.run(left(os.environ["DATABASE_URL"])):
        sys.exit(f"undone, the migrations leave behind: {', '.join(found)}")


if __name__ == "__main__":
    main()

"""A program that only publishes, for tests that kill it or its database at any moment.

    python -m tests.store.publishing_process URL

It makes one draft after the other, has it approved, and publishes it with its lineage and the
routes of open reports. It says ``ready`` before each publish and ``done`` after it, and goes on
until something ends it.
"""

from __future__ import annotations

import sys

from gis.plan.lineage import trace_lineage
from gis.store import plans, publishing
from gis.store.sessions import open_engine, transaction
from tests.store.editing import locate_in, make_approved, rename, renumber


def main(url: str) -> None:
    """Publish until the end."""
    engine = open_engine(url)
    turn = 0
    while True:
        turn += 1
        with transaction(engine) as connection:
            [series] = plans.list_series(connection)
            latest = plans.load_revisions(connection, series)[-1].plan
            used = {grid.code for r in plans.load_revisions(connection, series) for grid in r.plan}
            free = next(n for n in range(100, 1000) if f"350402002003{n}" not in used)
            last = max(int(grid.code[12:]) for grid in latest if grid.level == "grid")
            edits = [renumber(last, free), rename(free, f"第{turn}版")]
            draft, plan = make_approved(connection, series, *edits)
            rows = trace_lineage(latest, plan, metric_srid=series.metric_srid)
        print("ready", flush=True)  # noqa: T201
        with transaction(engine) as connection:
            publishing.publish_draft(
                connection, draft.id, plan, lineage=rows, locate=locate_in(plan), actor="lin"
            )
        print("done", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])

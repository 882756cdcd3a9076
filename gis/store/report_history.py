"""What is known of one report: in which grid it occurred, and which grids answered for it since?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from gis.errors import NotFound
from gis.store.plans import Series
from gis.store.routing import Route, report_history, responsible_codes
from gis.store.sessions import translating

_FIND = text("""
SELECT report.id, report.occurred_at, report.kind, report.category, report.status,
       report.position, grid.code, grid.revision_id
FROM report LEFT JOIN grid ON grid.id = report.grid_id
WHERE report.series_id = :series AND report.source = :source AND report.external_id = :id
""")


@dataclass(frozen=True, slots=True)
class ReportHistory:
    """A report without its text and exact position.

    ``grid`` and ``revision_id`` say where it occurred, on the boundaries of its day;
    ``responsible`` is the grid that answers for it now, ``routes`` how it got there, the earliest
    first.
    """

    occurred_at: datetime
    kind: str
    category: str
    status: str
    position: str
    grid: str | None
    revision_id: int | None
    responsible: str | None
    routes: list[Route]


def find_report(
    connection: Connection, series: Series, source: str, external_id: str
) -> ReportHistory:
    """Return the history of a report by the identity that its source gave it.

    Raises
    ------
    NotFound
        There is no such report.
    """
    asked = {"series": series.id, "source": source, "id": external_id}
    with translating():
        row = connection.execute(_FIND, asked).first()
    if row is None:
        raise NotFound(
            f"plan {series.name!r} has no report {external_id[:80]!r} of source {source[:80]!r}"
        )
    report_id, occurred_at, kind, category, status, position, grid, revision_id = row
    return ReportHistory(
        occurred_at=occurred_at.astimezone(ZoneInfo(series.time_zone)),
        kind=kind,
        category=category,
        status=status,
        position=position,
        grid=grid,
        revision_id=revision_id,
        responsible=responsible_codes(connection, [report_id])[report_id],
        routes=report_history(connection, report_id),
    )

"""Which grid answers for an open report now?

A report keeps the grid in which it occurred. While it is open, a new revision may hand it to
another grid; each time a row is added to ``report_route``. The newest row names the responsible
grid, and without any it is the grid in which the report occurred. A row is written when the *code*
of the responsible grid changes: a grid that merely moved its border keeps its reports.

Reports are looked at in a few arrays and handed over by one COPY: with 200,000 open reports that is
a matter of seconds, where an UPDATE that joins on ``ST_Covers`` takes many times as long
(docs/decisions/publishing.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select, text, update

from gis.plan.model import Revision
from gis.store import audit, tables
from gis.store.copying import NULL, copy_columns
from gis.store.plans import Series, grid_ids, list_series, load_revision, lock_series
from gis.store.sessions import translating

Locate = Callable[[NDArray[np.float64], NDArray[np.float64]], Sequence[str | None] | NDArray[Any]]
"""``locate(lon, lat)`` → for each point the code of the narrowest grid of *the plan that is being
published* which covers it (lowest code on a border), None outside. Codes, not ids: the ids are
given by the database in the same transaction. ``api.tasks.indexing.narrowest_codes`` is one."""

_revision = tables.revision.c
_series = tables.series.c


@dataclass(frozen=True, slots=True)
class Routed:
    """What a routing did: open reports looked at, and those that got another grid."""

    revision_id: int
    looked_at: int
    routed: int


@dataclass(frozen=True, slots=True)
class Route:
    """One step in the history of an open report; codes are None outside the plan."""

    revision_id: int
    routed_at: datetime
    from_code: str | None
    to_code: str | None


# The newest route of each report decides, also if it leads outside. One value per column: the
# driver makes no object for each report.
_RESPONSIBLE = """
LEFT JOIN LATERAL (
    SELECT route.grid_id, true AS routed FROM report_route AS route
    WHERE route.report_id = report.id ORDER BY route.id DESC LIMIT 1) AS newest ON true
"""
_GRID = "CASE WHEN newest.routed THEN newest.grid_id ELSE report.grid_id END"
_OPEN = text(f"""
SELECT string_agg(int8send(report.id), ''),
       string_agg(float8send(ST_X(report.geom)), ''),
       string_agg(float8send(ST_Y(report.geom)), ''),
       string_agg(int8send(coalesce({_GRID}, -1)), '')
FROM report {_RESPONSIBLE}
WHERE report.series_id = :series AND report.status = 'open' AND report.geom IS NOT NULL
""")
_CODES = text("SELECT id, code FROM grid WHERE id = ANY (:ids)")


def route_open_reports(
    connection: Connection, series: Series, revision_id: int, locate: Locate
) -> Routed:
    """Hand every open report to the grid of a revision that covers it; repeatable.

    Call it also after an import of reports, with the revision in force: reports that occurred
    under an earlier one, or moved, get their grid too.

    Parameters
    ----------
    revision_id
        The revision whose grids ``locate`` names.

    Returns
    -------
    Routed
        Its figures; none is routed the second time.
    """
    with translating():
        columns = connection.execute(_OPEN, {"series": series.id}).one()
        types = (">i8", ">f8", ">f8", ">i8")
        reports, lon, lat, grids = map(_numbers, columns, types)
        codes = np.asarray(locate(lon, lat), dtype=object)
        moved = np.flatnonzero(codes != _codes_of(connection, grids))
        ids = grid_ids(connection, revision_id)
        ordered = moved[np.argsort(reports[moved])]
        copy_columns(
            connection,
            "report_route",
            ("report_id", "revision_id", "from_grid_id", "grid_id"),
            [
                [
                    list(map(str, reports[ordered].tolist())),
                    [str(revision_id)] * len(ordered),
                    [NULL if grid < 0 else str(grid) for grid in grids[ordered].tolist()],
                    [NULL if code is None else str(ids[code]) for code in codes[ordered]],
                ]
            ],
        )
    return Routed(revision_id, len(reports), len(moved))


def reroute_due(
    connection: Connection, locator: Callable[[Series, Revision], Locate]
) -> list[Routed]:
    """Route for every revision that came into force and has not been routed yet.

    Parameters
    ----------
    locator
        Makes the ``locate`` of a revision, only called when there is something to do.
    """
    due = (
        select(_revision.id, _revision.series_id)
        .where(_revision.valid.op("@>")(func.clock_timestamp()), _revision.routed_at.is_(None))
        .order_by(_revision.id)
    )
    with translating():
        found = connection.execute(due).all()
        by_id = {series.id: series for series in list_series(connection)} if found else {}
        return [
            routed
            for revision_id, series_id in found
            if (routed := _route_due(connection, by_id[series_id], revision_id, locator))
        ]


def _route_due(
    connection: Connection,
    series: Series,
    revision_id: int,
    locator: Callable[[Series, Revision], Locate],
) -> Routed | None:
    lock_series(connection, series)
    mark = (
        update(tables.revision)
        .where(_revision.id == revision_id, _revision.routed_at.is_(None))
        .values(routed_at=func.clock_timestamp())
        .returning(_revision.id)
    )
    if connection.execute(mark).first() is None:
        return None  # another program was quicker
    revision = load_revision(connection, revision_id)
    routed = route_open_reports(connection, series, revision_id, locator(series, revision))
    told = {"revision": revision_id, "open": routed.looked_at, "routed": routed.routed}
    audit.record(connection, "wangge", "plan.route", series.name, told)
    return routed


_HISTORY = text("""
SELECT route.revision_id, route.routed_at, before.code, after.code
FROM report_route AS route
LEFT JOIN grid AS before ON before.id = route.from_grid_id
LEFT JOIN grid AS after ON after.id = route.grid_id
WHERE route.report_id = :report ORDER BY route.id
""")
_NOW = text(f"""
SELECT report.id, grid.code FROM report {_RESPONSIBLE}
LEFT JOIN grid ON grid.id = {_GRID}
WHERE report.id = ANY (:reports)
""")


def report_history(connection: Connection, report_id: int) -> list[Route]:
    """Return which grids a report was handed to, the earliest first."""
    with translating():
        rows = connection.execute(_HISTORY, {"report": report_id}).all()
    return [Route(revision, at.astimezone(UTC), *codes) for revision, at, *codes in rows]


def responsible_codes(connection: Connection, report_ids: Sequence[int]) -> dict[int, str | None]:
    """Return the code of the grid that answers for each report now."""
    with translating():
        rows = connection.execute(_NOW, {"reports": list(report_ids)}).all()
    return dict(rows)


def _codes_of(connection: Connection, grids: NDArray[np.int64]) -> NDArray[np.object_]:
    """Return the code of each grid; None for -1."""
    known, position = np.unique(grids, return_inverse=True)
    codes: dict[int, str] = dict(connection.execute(_CODES, {"ids": known.tolist()}).all())
    found: NDArray[np.object_] = np.empty(len(known), dtype=object)
    found[:] = [codes.get(grid) for grid in known.tolist()]
    return found[position]


def _numbers(column: bytes | None, big_endian: str) -> NDArray[Any]:
    return np.frombuffer(column or b"", dtype=big_endian).astype(big_endian[1:])

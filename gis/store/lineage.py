"""What became of a grid, from one published revision to the next?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, fields

from sqlalchemy import Connection, func, insert, select

from gis.errors import NotFound
from gis.plan import lineage as pure
from gis.plan.lineage import LineageRow
from gis.plan.model import Level
from gis.store import tables
from gis.store.plans import Series
from gis.store.sessions import translating

_lineage = tables.lineage.c
_revision = tables.revision.c
_grid = tables.grid.c
_NAMES = tuple(each.name for each in fields(LineageRow))


def save_lineage(connection: Connection, revision_id: int, rows: Sequence[LineageRow]) -> None:
    """Write down how the grids of a revision came from those of the one before."""
    if rows:
        values = [{"revision_id": revision_id, **asdict(row)} for row in rows]
        with translating():
            connection.execute(insert(tables.lineage), values)


def load_lineage(
    connection: Connection, revision_id: int, *, levels: Collection[Level] = tuple(Level)
) -> list[LineageRow]:
    """Return how the grids of a revision came from those of the one before; empty if unknown."""
    query = (
        select(*(_lineage[name] for name in _NAMES))
        .where(_lineage.revision_id == revision_id, _lineage.level.in_(levels))
        .order_by(_lineage.id)
    )
    with translating():
        rows = connection.execute(query).all()
    return [LineageRow(Level(level), *rest) for level, *rest in rows]


def successors(connection: Connection, series: Series, code: str) -> list[LineageRow]:
    """Return what became of a code in the latest revision, the largest share first.

    Starts from the last revision that had the code. Over several revisions the shares are
    estimates, see :func:`gis.plan.lineage.chain_lineage`. A revision published without lineage is
    taken to have changed no grid whose code it kept.

    Returns
    -------
    list of LineageRow
        One row, ``same``, for a code that the latest revision has; none where the ground was given
        up.

    Raises
    ------
    NotFound
        No published revision of the series ever had the code.
    """
    query = (
        select(_revision.id, _grid.level)
        .outerjoin_from(
            tables.revision,
            tables.grid,
            (_grid.revision_id == _revision.id) & (_grid.code == code),
        )
        .where(_revision.series_id == series.id, _revision.valid.is_not(None))
        .order_by(func.lower(_revision.valid).desc().nulls_last())
    )
    with translating():
        revisions = connection.execute(query).all()
    later: list[int] = []
    for revision_id, level in revisions:
        if level is not None:
            return _follow(connection, code, Level(level), reversed(later))
        later.append(revision_id)
    raise NotFound(f"no revision of plan {series.name!r} ever had a grid {code!r}", grid=code)


def _follow(
    connection: Connection, code: str, level: Level, revision_ids: Iterable[int]
) -> list[LineageRow]:
    steps = [[LineageRow(level, code, code, "same", 1.0, 1.0)]]
    codes = {code}
    for revision_id in revision_ids:
        rows = load_lineage(connection, revision_id)
        if not rows:
            kept = sorted(codes & _codes_of(connection, [revision_id]))
            rows = [LineageRow(level, each, each, "same", 1.0, 1.0) for each in kept]
        steps.append([row for row in rows if row.level == level and row.from_code in codes])
        codes = {row.to_code for row in steps[-1] if row.to_code is not None}
    return pure.successors(pure.chain_lineage(steps), code)


def used_codes(connection: Connection, series_id: int) -> set[str]:
    """Return all codes that any revision of a series has, so that none is issued twice."""
    with translating():
        query = select(_revision.id).where(_revision.series_id == series_id)
        return _codes_of(connection, list(connection.execute(query).scalars()))


def _codes_of(connection: Connection, revision_ids: Sequence[int]) -> set[str]:
    query = select(_grid.code).where(_grid.revision_id.in_(revision_ids)).distinct()
    with translating():
        return set(connection.execute(query).scalars())

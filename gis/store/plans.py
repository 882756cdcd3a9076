"""Which plans does a series have, staged and published?

Every function works inside the caller's transaction. Those that change a series lock its row
first, so that they happen one after the other; what must hold whatever a program does (never two
revisions in force, published ones never change) is kept by the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import shapely
from sqlalchemy import Connection, RowMapping, Select, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from gis.errors import InputError, NotFound
from gis.plan.model import Grid, Level, Plan, Revision
from gis.store import audit, tables
from gis.store.copying import copy_columns, escape_texts, geometry_texts
from gis.store.sessions import translating

REVISION_CHANNEL = "wangge_revision"
"""Where a publish is announced; the payload is the name of the series."""
LONGEST_NAME = 200

_series = tables.series.c
_revision = tables.revision.c
_grid = tables.grid.c


@dataclass(frozen=True, slots=True)
class Series:
    """A district's plan through time: a named line of revisions."""

    id: int
    name: str
    title: str
    metric_srid: int
    time_zone: str


@dataclass(frozen=True, slots=True)
class RevisionSummary:
    """A revision without its grids; a staged one has no validity yet.

    ``origin`` is ``import``, ``draft`` (of ``draft_id``) or ``rollback`` (to ``restored_id``);
    ``routed_at`` is when open reports were handed to its grids.
    """

    id: int
    staged: bool
    effective_from: datetime | None
    effective_to: datetime | None
    grids_by_level: Mapping[Level, int]
    fingerprint: str
    note: str
    created_at: datetime
    created_by: str
    origin: str = "import"
    draft_id: int | None = None
    restored_id: int | None = None
    routed_at: datetime | None = None


def ensure_series(
    connection: Connection, name: str, *, title: str, metric_srid: int, time_zone: str
) -> Series:
    """Return the series of a name, made with these properties if there was none.

    Raises
    ------
    InputError
        The name is empty or too long, or the time zone is not one of the IANA database.
    """
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise InputError(
            f"a plan needs a name of 1 to {LONGEST_NAME} printable characters; this one is "
            f"{name[:40]!r}"
        )
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise InputError(
            f"{time_zone!r} is no time zone; write one such as Asia/Shanghai", time_zone=time_zone
        ) from None
    values = {
        "name": name,
        "title": title,
        "metric_srid": metric_srid,
        "time_zone": time_zone,
    }
    with translating():
        connection.execute(
            upsert(tables.series).values(values).on_conflict_do_nothing(index_elements=["name"])
        )
    return get_series(connection, name)


def get_series(connection: Connection, name: str) -> Series:
    """Return the series of a name, or raise NotFound naming those that exist."""
    known = list_series(connection)
    for series in known:
        if series.name == name:
            return series
    names = ", ".join(series.name for series in known) or "none yet"
    raise NotFound(f"there is no plan series {name!r} (there are: {names})", series=name)


def list_series(connection: Connection) -> list[Series]:
    """Return all series in the order of their names."""
    query = select(
        _series.id, _series.name, _series.title, _series.metric_srid, _series.time_zone
    ).order_by(_series.name)
    with translating():
        return [Series(*row) for row in connection.execute(query)]


def stage(
    connection: Connection, series: Series, plan: Plan, *, note: str = "", actor: str = ""
) -> int:
    """Keep a plan as the staged revision of a series, in place of an earlier staged one.

    Returns
    -------
    int
        Id of the staged revision, for :func:`gis.store.publishing.publish`.
    """
    with translating():
        lock_series(connection, series)
        connection.execute(
            delete(tables.revision).where(
                _revision.series_id == series.id, _revision.valid.is_(None)
            )
        )
        values = {
            "series_id": series.id,
            "fingerprint": plan.fingerprint,
            "note": note,
            "created_by": actor,
        }
        revision_id: int = connection.execute(
            insert(tables.revision).values(values).returning(_revision.id)
        ).scalar_one()
        copy_grids(connection, revision_id, plan)
        detail = {"revision": revision_id, "grids": len(plan), "fingerprint": plan.fingerprint}
        audit.record(connection, actor, "plan.stage", series.name, detail)
    return revision_id


def discard_staged(connection: Connection, series: Series, *, actor: str = "") -> bool:
    """Remove the staged revision of a series; tell whether there was one."""
    with translating():
        lock_series(connection, series)
        gone = connection.execute(
            delete(tables.revision)
            .where(_revision.series_id == series.id, _revision.valid.is_(None))
            .returning(_revision.id)
        ).scalar_one_or_none()
        if gone is not None:
            audit.record(connection, actor, "plan.discard", series.name, {"revision": gone})
    return gone is not None


def announce(connection: Connection, series: Series) -> None:
    """Tell the listeners on ``REVISION_CHANNEL``, once the transaction commits, to look again."""
    connection.execute(select(func.pg_notify(REVISION_CHANNEL, series.name)))


def revision_summaries(connection: Connection, series: Series) -> list[RevisionSummary]:
    """Return all revisions of a series from the earliest on, the staged one last."""
    counts = (
        select(_grid.revision_id, _grid.level, func.count().label("grids"))
        .group_by(_grid.revision_id, _grid.level)
        .subquery()
    )
    by_level = func.jsonb_object_agg(counts.c.level, counts.c.grids)
    query = (
        select(
            _revision.id,
            _revision.valid.is_(None).label("staged"),
            func.lower(_revision.valid).label("began"),
            func.upper(_revision.valid).label("ended"),
            by_level.filter(counts.c.level.is_not(None)).label("by_level"),
            _revision.fingerprint,
            _revision.note,
            _revision.created_at,
            _revision.created_by,
            _revision.origin,
            _revision.draft_id,
            _revision.restored_id,
            _revision.routed_at,
        )
        .outerjoin_from(tables.revision, counts, counts.c.revision_id == _revision.id)
        .where(_revision.series_id == series.id)
        .group_by(_revision.id)
        .order_by(_revision.valid.is_(None), func.lower(_revision.valid).nulls_first())
    )
    with translating():
        return [_summary(row, series.time_zone) for row in connection.execute(query).mappings()]


def load_revisions(connection: Connection, series: Series) -> list[Revision]:
    """Return all published revisions of a series with their plans, from the earliest on."""
    query = _published().where(_revision.series_id == series.id)
    return _load(connection, query)


def load_revision(connection: Connection, revision_id: int) -> Revision:
    """Return one published revision, or raise NotFound."""
    found = _load(connection, _published().where(_revision.id == revision_id))
    if not found:
        raise NotFound(f"there is no published revision {revision_id}", revision=revision_id)
    return found[0]


def load_plan(connection: Connection, revision_id: int) -> Plan:
    """Return the plan of a revision, staged or published, or raise NotFound."""
    with translating():
        known = connection.execute(select(_revision.id).where(_revision.id == revision_id)).first()
        if known is None:
            raise NotFound(f"there is no revision {revision_id}", revision=revision_id)
        return _load_plans(connection, [revision_id])[revision_id]


def grid_ids(connection: Connection, revision_id: int) -> dict[str, int]:
    """Return the database's id of every grid of a revision by its code."""
    query = select(_grid.code, _grid.id).where(_grid.revision_id == revision_id)
    with translating():
        return dict(connection.execute(query).all())


def lock_series(connection: Connection, series: Series) -> None:
    """Make other changes of the series wait until the transaction ends; readers never wait."""
    query = select(_series.id).where(_series.id == series.id).with_for_update(key_share=True)
    if connection.execute(query).first() is None:
        raise NotFound(f"there is no plan series {series.name!r}", series=series.name)


def copy_grids(connection: Connection, revision_id: int, plan: Plan) -> None:
    """Write the grids of a revision that is not published yet."""
    grids = plan.grids
    columns = [
        [str(revision_id)] * len(grids),
        [grid.level.value for grid in grids],
        escape_texts(grid.code for grid in grids),
        escape_texts(grid.name for grid in grids),
        escape_texts(grid.parent for grid in grids),
        geometry_texts([grid.geometry for grid in grids]),
    ]
    names = ("revision_id", "level", "code", "name", "parent_code", "geom")
    copy_columns(connection, "grid", names, [columns])


def _published() -> Select[Any]:
    return (
        select(
            _revision.id,
            _series.name,
            _series.time_zone,
            func.lower(_revision.valid),
            func.upper(_revision.valid),
        )
        .join_from(tables.revision, tables.series)
        .where(_revision.valid.is_not(None))
        .order_by(func.lower(_revision.valid).nulls_first())
    )


def _load(connection: Connection, query: Select[Any]) -> list[Revision]:
    with translating():
        rows = connection.execute(query).all()
        plans = _load_plans(connection, [row[0] for row in rows])
    # A scheduled revision may be cancelled between the two queries; its grids are gone then.
    return [
        Revision(found, name, _in_zone(began, zone), _in_zone(ended, zone), plans[found])
        for found, name, zone, began, ended in rows
        if len(plans[found])
    ]


def _load_plans(connection: Connection, revision_ids: list[int]) -> dict[int, Plan]:
    query = select(
        _grid.revision_id,
        _grid.code,
        _grid.name,
        _grid.level,
        _grid.parent_code,
        func.ST_AsBinary(_grid.geom),
    ).where(_grid.revision_id.in_(revision_ids))
    rows = connection.execute(query).all()
    geometries = shapely.from_wkb([row[5] for row in rows])
    grids: dict[int, list[Grid]] = {revision_id: [] for revision_id in revision_ids}
    for (revision_id, code, name, level, parent, _), geometry in zip(rows, geometries, strict=True):
        grids[revision_id].append(Grid(code, name, Level(level), geometry, parent))
    return {revision_id: Plan(found) for revision_id, found in grids.items()}


def _summary(row: RowMapping, zone: str) -> RevisionSummary:
    counts = row["by_level"] or {}
    return RevisionSummary(
        id=row["id"],
        staged=row["staged"],
        effective_from=_in_zone(row["began"], zone),
        effective_to=_in_zone(row["ended"], zone),
        grids_by_level={level: counts[level] for level in Level if level in counts},
        fingerprint=row["fingerprint"],
        note=row["note"],
        created_at=row["created_at"].astimezone(ZoneInfo(zone)),
        created_by=row["created_by"],
        origin=row["origin"],
        draft_id=row["draft_id"],
        restored_id=row["restored_id"],
        routed_at=_in_zone(row["routed_at"], zone),
    )


def _in_zone(at: datetime | None, zone: str) -> datetime | None:
    return at.astimezone(ZoneInfo(zone)) if at else None

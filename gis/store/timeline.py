"""Where does a revision begin and end among those of its series?

A revision is inserted without validity, gets its grids, lineage and routes, and its validity last,
all in one transaction. Callers hold the lock of the series.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from gis.errors import InputError, NotFound, Refused
from gis.plan.lineage import LineageRow
from gis.store import audit, outbox, tables
from gis.store.lineage import save_lineage
from gis.store.plans import RevisionSummary, Series, announce, revision_summaries
from gis.store.routing import Locate, route_open_reports

TOLERANCE = timedelta(minutes=1)
"""How far before now a date still counts as now: clocks differ, and requests take their time."""

_revision = tables.revision.c


@dataclass(frozen=True, slots=True)
class Latest:
    """A published revision and when it began; None is since ever."""

    id: int
    began: datetime | None


def require_aware(effective_from: datetime | None) -> None:
    """Raise InputError for a date without time zone."""
    if effective_from is not None and effective_from.utcoffset() is None:
        raise InputError("the date from which a plan is in force must have a time zone")


def require_after(series: Series, latest: Latest, effective_from: datetime | None) -> None:
    """Raise Refused unless a date is after the beginning of the latest revision."""
    began = latest.began
    if effective_from is None or (began is not None and effective_from <= began):
        since = f"since {began.isoformat()}" if began else "since ever"
        raise Refused(
            f"revision {latest.id} of {series.name!r} is in force {since}; a new one needs a date "
            "after that from which it is in force",
            revision=latest.id,
            effective_from=began,
        )


def find_published(connection: Connection, series: Series, revision_id: int) -> RevisionSummary:
    """Return a published revision of a series, or raise NotFound."""
    for each in revision_summaries(connection, series):
        if each.id == revision_id and not each.staged:
            return each
    raise NotFound(
        f"plan {series.name!r} has no published revision {revision_id}", revision=revision_id
    )


def find_latest(connection: Connection, series: Series) -> Latest | None:
    """Return the revision that goes on until further notice."""
    row = connection.execute(
        select(_revision.id, func.lower(_revision.valid)).where(
            _revision.series_id == series.id, func.upper_inf(_revision.valid)
        )
    ).first()
    return Latest(*row) if row else None


def find_before(connection: Connection, series: Series, end: datetime) -> Latest | None:
    """Return the revision that ends at an instant."""
    row = connection.execute(
        select(_revision.id, func.lower(_revision.valid)).where(
            _revision.series_id == series.id, func.upper(_revision.valid) == end
        )
    ).first()
    return Latest(*row) if row else None


def choose_start(
    connection: Connection,
    series: Series,
    latest: Latest | None,
    effective_from: datetime | None,
) -> datetime | None:
    """Return the date to publish for, None for the moment when all is written."""
    now = read_clock(connection)
    start = effective_from
    if start is not None and start < now - TOLERANCE:
        raise Refused(
            f"{start.isoformat()} is past, and history is not rewritten; publish from now on, or "
            "for a date to come",
            effective_from=start,
            now=now,
        )
    if start is not None and start <= now:
        start = None
    if latest is not None:
        require_after(series, latest, start or now)
    return start


def insert_revision(
    connection: Connection,
    series: Series,
    fingerprint: str,
    values: Mapping[str, Any],
    actor: str,
) -> int:
    """Insert a revision that is not published yet; return its id."""
    query = insert(tables.revision).values(
        series_id=series.id, fingerprint=fingerprint, created_by=actor, **values
    )
    made: int = connection.execute(query.returning(_revision.id)).scalar_one()
    return made


def finish_revision(
    connection: Connection,
    series: Series,
    latest: Latest | None,
    revision_id: int,
    start: datetime | None,
    lineage: Sequence[LineageRow],
    locate: Locate | None,
) -> datetime:
    """Write what comes with a revision, then the validity: the last moment is the start."""
    save_lineage(connection, revision_id, lineage)
    routed = route_if_due(connection, series, revision_id, start, locate)
    began = start or read_clock(connection)
    put_in_line(connection, latest, revision_id, began, routed)
    return began


def route_if_due(
    connection: Connection,
    series: Series,
    revision_id: int,
    start: datetime | None,
    locate: Locate | None,
) -> bool:
    """Hand over open reports if the revision is in force already; tell whether."""
    if locate is None or (start is not None and start > read_clock(connection)):
        return False
    route_open_reports(connection, series, revision_id, locate)
    return True


def put_in_line(
    connection: Connection,
    latest: Latest | None,
    revision_id: int,
    start: datetime | None,
    routed: bool,
) -> None:
    """Give a revision its validity, and end the one before."""
    if latest is not None:
        end_revision(connection, latest, start)
    connection.execute(
        update(tables.revision)
        .where(_revision.id == revision_id)
        .values(
            valid=func.tstzrange(start, None),
            routed_at=func.clock_timestamp() if routed else None,
        )
    )


def end_revision(connection: Connection, revision: Latest, end: datetime | None) -> None:
    """Set or open the end of a revision."""
    connection.execute(
        update(tables.revision)
        .where(_revision.id == revision.id)
        .values(valid=func.tstzrange(revision.began, end))
    )


def announce_published(
    connection: Connection, series: Series, revision_id: int, action: str, actor: str
) -> RevisionSummary:
    """Write audit and outbox, and announce the revision."""
    made = find_published(connection, series, revision_id)
    detail = {
        "revision": revision_id,
        "effective_from": made.effective_from.isoformat() if made.effective_from else None,
        "origin": made.origin,
        "draft": made.draft_id,
        "restored": made.restored_id,
        "fingerprint": made.fingerprint,
    }
    audit.record(connection, actor, action, series.name, detail)
    outbox.enqueue(connection, "revision.published", {"plan": series.name, **detail})
    announce(connection, series)
    return made


def read_clock(connection: Connection) -> datetime:
    """Return what time it is for the database."""
    now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return now

"""How do reports get in, a million at a time, and out again as points?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from gis.errors import InputError
from gis.reports.model import Kind, Status
from gis.store.copying import NULL, copy_columns, escape_texts, point_texts
from gis.store.plans import Series
from gis.store.sessions import translating

_TEXTS = ("kind", "category", "title", "status", "address", "position")
_COLUMNS = ("external_id", "occurred_at", "grid_id", *_TEXTS, "geom")
_EPOCH_2000_US = 946_684_800_000_000

# The columns in which a report may differ from the one that is known already.
_VALUES = ("occurred_at", "grid_id", *_TEXTS, "geom")
_VALUE_LIST = ", ".join(_VALUES)
_ARRIVED = "incoming.occurred_at AT TIME ZONE 'UTC', " + ", ".join(
    f"incoming.{name}" for name in _VALUES[1:]
)
_KNOWN = ", ".join(f"report.{name}" for name in _VALUES)

_MAKE_INCOMING = """
CREATE TEMPORARY TABLE incoming (
    external_id text COLLATE "C", occurred_at timestamp, grid_id bigint, kind text, category text,
    title text, status text, address text, position text, geom geometry
) ON COMMIT DROP
"""
# Equal rows of one file are told apart by their number, so that none of them is lost, and the
# same file gives the same identities again. The grid is no part of it: a later revision of the
# plan must not make another report of the same row.
_IDENTIFY = f"""
WITH bare AS (DELETE FROM incoming WHERE external_id = '' RETURNING *),
digested AS (
    SELECT *, md5(concat_ws(E'\\x1f', occurred_at, kind, category, title, status, address,
                            coalesce(geom::text, ''))) AS digest
    FROM bare)
INSERT INTO incoming ({", ".join(_COLUMNS)})
SELECT 'row-' || digest || '-' || row_number() OVER (PARTITION BY digest),
       {", ".join(_COLUMNS[1:])}
FROM digested
"""
_COUNT = """
SELECT count(*), count(DISTINCT external_id), count(*) FILTER (WHERE external_id = '')
FROM incoming
"""
_KEEP_LAST = """
DELETE FROM incoming AS earlier USING incoming AS later
WHERE later.external_id = earlier.external_id AND later.ctid > earlier.ctid
"""
_SAME_REPORT = """
report.series_id = :series AND report.source = :source
AND report.external_id = incoming.external_id
"""
# Rows that are known already and equal are only read. An upsert would lock, and so write, each.
_UPDATE = f"""
UPDATE report SET ({_VALUE_LIST}, imported_at) = ROW ({_ARRIVED}, now())
FROM incoming
WHERE {_SAME_REPORT} AND ({_KNOWN}) IS DISTINCT FROM ({_ARRIVED})
"""
# In the order of the identity its index grows at one end, which is the quickest.
_INSERT = f"""
INSERT INTO report (series_id, source, external_id, {_VALUE_LIST})
SELECT :series, :source, external_id, {_ARRIVED}
FROM incoming WHERE NOT EXISTS (SELECT FROM report WHERE {_SAME_REPORT})
ORDER BY external_id
"""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did; ``repeated`` rows were overruled by a later one of the same file."""

    inserted: int
    updated: int
    unchanged: int
    repeated: int


@dataclass(frozen=True, slots=True)
class ReportSummary:
    """How many reports a series has, by position, and over which time."""

    located: int
    outside: int
    unlocated: int
    earliest: datetime | None
    latest: datetime | None
    last_import: datetime | None

    @property
    def total(self) -> int:
        """All reports."""
        return self.located + self.outside + self.unlocated


def copy_reports(
    connection: Connection, series: Series, source: str, frames: Iterable[pd.DataFrame]
) -> ImportResult:
    """Bring all reports of one source in, new and changed ones, as one step of a transaction.

    Parameters
    ----------
    connection
        In a transaction; nothing is kept unless it commits.
    source
        Where the reports come from; with ``external_id`` it is their identity.
    frames
        Tables with ``REPORT_COLUMNS`` and ``grid_id`` (nullable integer) and ``position``
        (``located``, ``outside`` or ``unlocated``). Taken one after the other, so a generator
        keeps memory small. An empty ``external_id`` is replaced by a digest of the row.

    Raises
    ------
    InputError
        A value cannot be stored.
    Conflict
        A grid belongs to no published revision of the series.
    """
    parameters = {"series": series.id, "source": source}
    with translating():
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:source, :series))"), parameters
        )
        connection.execute(text(_MAKE_INCOMING))
        copy_columns(connection, "incoming", _COLUMNS, map(_block, frames))
        connection.execute(text("SET LOCAL work_mem = '128MB'"))
        total, distinct, bare = connection.execute(text(_COUNT)).one()
        if bare:
            connection.execute(text(_IDENTIFY))
            distinct += bare - 1
        if distinct < total:
            connection.execute(text(_KEEP_LAST))
        connection.execute(text("ANALYZE incoming"))
        updated = connection.execute(text(_UPDATE), parameters).rowcount
        inserted = connection.execute(text(_INSERT), parameters).rowcount
        connection.execute(text("DROP TABLE incoming"))
    return ImportResult(inserted, updated, distinct - inserted - updated, total - distinct)


def report_points(
    connection: Connection,
    series: Series,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    kinds: Sequence[str] | None = None,
    categories: Sequence[str] | None = None,
    statuses: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the reports of a period, in no particular order.

    Parameters
    ----------
    since, until
        Half-open span of ``occurred_at``, aware; None is without bound.
    kinds, categories, statuses
        Which to take; None takes all.

    Returns
    -------
    pandas.DataFrame
        ``lon``, ``lat`` (EPSG:4490 degrees, NaN when unlocated), ``occurred_at`` (UTC),
        ``kind`` and ``category`` (categorical), ``grid_id`` (nullable integer).
    """
    all_kinds = [kind.value for kind in Kind]
    all_categories = report_categories(connection, series)
    parameters = {
        "series": series.id,
        "since": since,
        "until": until,
        "kinds": list(kinds) if kinds is not None else None,
        "categories": list(categories) if categories is not None else None,
        "statuses": list(statuses) if statuses is not None else None,
        "all_kinds": all_kinds,
        "all_categories": all_categories,
    }
    with translating():
        columns = connection.execute(text(_POINTS), parameters).one()
    lon, lat, at, kind, category, grid = map(_numbers, columns, _POINT_TYPES)
    return pd.DataFrame(
        {
            "lon": lon,
            "lat": lat,
            "occurred_at": _aware(at),
            "kind": pd.Categorical.from_codes(kind - 1, pd.Index(all_kinds)),
            "category": pd.Categorical.from_codes(category - 1, pd.Index(all_categories)),
            "grid_id": pd.arrays.IntegerArray(grid, grid < 0),
        }
    )


# One value per column instead of one per report: the driver makes no object for each. The
# functions give the bytes that the binary protocol sends, so a column is one numpy buffer.
_POINTS = """
SELECT string_agg(float8send(coalesce(ST_X(geom), 'NaN')), ''),
       string_agg(float8send(coalesce(ST_Y(geom), 'NaN')), ''),
       string_agg(timestamptz_send(occurred_at), ''),
       string_agg(int4send(array_position(CAST(:all_kinds AS text[]), kind)), ''),
       string_agg(int4send(array_position(CAST(:all_categories AS text[]), category)), ''),
       string_agg(int8send(coalesce(grid_id, -1)), '')
FROM report
WHERE series_id = :series
  AND (CAST(:since AS timestamptz) IS NULL OR occurred_at >= :since)
  AND (CAST(:until AS timestamptz) IS NULL OR occurred_at < :until)
  AND (CAST(:kinds AS text[]) IS NULL OR kind = ANY (:kinds))
  AND (CAST(:categories AS text[]) IS NULL OR category = ANY (:categories))
  AND (CAST(:statuses AS text[]) IS NULL OR status = ANY (:statuses))
"""


_POINT_TYPES = (">f8", ">f8", ">i8", ">i4", ">i4", ">i8")


def report_categories(connection: Connection, series: Series) -> list[str]:
    """Return the categories that the reports of a series have, sorted."""
    query = text("SELECT category FROM report WHERE series_id = :series GROUP BY category")
    with translating():
        return sorted(connection.execute(query, {"series": series.id}).scalars())


def report_summary(connection: Connection, series: Series) -> ReportSummary:
    """Return how many reports a series has, and over which time."""
    query = text("""
        SELECT count(*) FILTER (WHERE position = 'located'),
               count(*) FILTER (WHERE position = 'outside'),
               count(*) FILTER (WHERE position = 'unlocated'),
               min(occurred_at), max(occurred_at), max(imported_at)
        FROM report WHERE series_id = :series""")
    with translating():
        *counts, earliest, latest, last = connection.execute(query, {"series": series.id}).one()
    times = (at.astimezone(UTC) if at else None for at in (earliest, latest, last))
    return ReportSummary(*counts, *times)


def _block(frame: pd.DataFrame) -> list[list[str]]:
    return list(_block_columns(frame))


def _block_columns(frame: pd.DataFrame) -> Iterator[list[str]]:
    _check(frame)
    yield _texts(frame["external_id"])
    yield _utc_texts(frame["occurred_at"])
    grids = frame["grid_id"].astype("Int64").to_numpy("int64", na_value=-1).tolist()
    yield [NULL if grid < 0 else str(grid) for grid in grids]
    for name in _TEXTS:
        yield _texts(frame[name])
    yield point_texts(frame["lon"].to_numpy(np.float64), frame["lat"].to_numpy(np.float64))


def _texts(values: pd.Series) -> list[str]:
    if values.isna().any():
        values = values.astype(object).where(values.notna(), "")
    return escape_texts(values.tolist())


def _check(frame: pd.DataFrame) -> None:
    if frame["occurred_at"].isna().any():
        raise InputError("a report has no date and time; every report needs one")
    for name, allowed in (("kind", set(Kind)), ("status", set(Status))):
        strange = set(frame[name].unique()) - allowed
        if strange:
            raise InputError(
                f"{sorted(map(str, strange))[0]!r} is no {name} of a report; "
                f"use one of {', '.join(sorted(allowed))}"
            )


def _utc_texts(at: pd.Series) -> list[str]:
    naive = at.dt.tz_convert("UTC").dt.tz_localize(None)
    texts: list[str] = naive.to_numpy("datetime64[us]").astype(str).tolist()
    return texts


def _numbers(column: bytes | None, big_endian: str) -> NDArray[Any]:
    return np.frombuffer(column or b"", dtype=big_endian).astype(big_endian[1:])


def _aware(microseconds_since_2000: NDArray[np.int64]) -> pd.Series:
    at = (microseconds_since_2000 + _EPOCH_2000_US).astype("datetime64[us]")
    return pd.Series(at).dt.tz_localize("UTC")

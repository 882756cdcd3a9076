"""How do things that are known by an external id get into a series, new, changed or equal?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from gis.store.copying import copy_columns
from gis.store.plans import Series
from gis.store.sessions import translating


@dataclass(frozen=True, slots=True)
class UpsertResult:
    """What an upsert did; of things with one external id the last one counts."""

    inserted: int
    updated: int
    unchanged: int


def upsert_columns(
    connection: Connection, series: Series, table: str, columns: Mapping[str, Sequence[str]]
) -> UpsertResult:
    """Bring rows into a table whose identity is (series, external id).

    Parameters
    ----------
    table
        One of ours; its name and those of its columns go into the statement as they are.
    columns
        Lists of one length by column name, ``external_id`` among them, as COPY reads them.
    """
    return upsert_blocks(connection, series, table, tuple(columns), [list(columns.values())])


def upsert_blocks(
    connection: Connection,
    series: Series,
    table: str,
    columns: Sequence[str],
    blocks: Iterable[Sequence[Sequence[str]]],
) -> UpsertResult:
    """Bring blocks of rows into a table as :func:`upsert_columns` does, one block in memory.

    Parameters
    ----------
    columns
        Their names, ``external_id`` among them.
    blocks
        Each one list per column, as :func:`gis.store.copying.copy_columns` takes them. While a
        block is made the connection is free, so that it may ask the database.
    """
    names = ", ".join(columns)
    values = [name for name in columns if name != "external_id"]
    arrived = ", ".join(f"excluded.{name}" for name in values)
    known = ", ".join(f"{table}.{name}" for name in values)
    incoming = f"incoming_{table}"
    make = (
        f"CREATE TEMPORARY TABLE {incoming} ON COMMIT DROP AS "
        f"SELECT {names} FROM {table} WITH NO DATA"
    )
    # A row that was inserted has no deleter (xmax) yet, one that was updated has been locked.
    upsert = f"""
        WITH latest AS (
            SELECT DISTINCT ON (external_id) {names} FROM {incoming}
            ORDER BY external_id, ctid DESC),
        done AS (
            INSERT INTO {table} (series_id, {names}) SELECT :series, {names} FROM latest
            ON CONFLICT (series_id, external_id) DO UPDATE
            SET ({", ".join(values)}) = ROW ({arrived})
            WHERE ({known}) IS DISTINCT FROM ({arrived})
            RETURNING xmax = 0 AS fresh)
        SELECT (SELECT count(*) FROM latest), count(*) FILTER (WHERE fresh),
               count(*) FILTER (WHERE NOT fresh)
        FROM done"""
    with translating():
        connection.execute(text(make))
        for block in blocks:
            copy_columns(connection, incoming, columns, [block])
        total, inserted, updated = connection.execute(text(upsert), {"series": series.id}).one()
        connection.execute(text(f"DROP TABLE {incoming}"))
    return UpsertResult(inserted, updated, total - inserted - updated)


def number_texts(values: Sequence[float | int | None]) -> list[str]:
    """Return numbers as COPY reads them, exact to the last bit; None becomes NULL.

    Examples
    --------
    >>> number_texts([1.5, None, 7])
    ['1.5', '\\\\N', '7']
    """
    return ["\\N" if value is None else repr(value) for value in values]

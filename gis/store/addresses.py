"""Which standard addresses and which other names of places does a series have?

A million addresses are loaded as COPY writes them, a line each. Every change gives the address book
of the series a new version, so that who holds it in memory knows when to load it again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any
from uuid import UUID

import numpy as np
from psycopg import sql
from psycopg.types.range import Range
from sqlalchemy import Connection, delete, func, insert, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from gis.locate.address import Address
from gis.locate.standard_address import Alias, StandardAddress
from gis.store import address_tables, tables
from gis.store.address_tables import ADDRESS_PARTS
from gis.store.copying import escape_texts, point_texts
from gis.store.plans import Series, announce
from gis.store.sessions import driver_connection, translating
from gis.store.upserting import UpsertResult, upsert_blocks

_BLOCK = 20_000
_COLUMNS = ("external_id", "text", *ADDRESS_PARTS, "building_id", "geom")
_ESCAPES = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}
_alias = address_tables.alias.c
_book = address_tables.address_book.c
_building = tables.building.c


def save_addresses(
    connection: Connection, series: Series, addresses: Iterable[StandardAddress]
) -> UpsertResult:
    """Insert or update addresses by their external id; others of the series stay.

    Who looks addresses up is told, as of a new revision. The noise among the parts is not kept.
    """
    with _opened(connection, series) as changes:
        result = upsert_blocks(connection, series, "address", _COLUMNS, _blocks(addresses))
        changes(result.inserted + result.updated)
    return result


class StoredAddresses(Collection[StandardAddress]):
    """The addresses of a series in the order of their external ids, made as they are asked for.

    They are kept as COPY wrote them: a million take 200 MB so, and four times that as objects,
    on which the collector of garbage spends as long as all the rest takes.

    Attributes
    ----------
    lon, lat
        EPSG:4490 degrees, shape (n,).
    """

    def __init__(self, blocks: Sequence[bytes]) -> None:
        self._blocks = blocks
        places = [line.split(b"\t", 2)[:2] for block in blocks for line in block.splitlines()]
        self.lon, self.lat = np.array(places, dtype=np.float64).reshape(-1, 2).T

    def __len__(self) -> int:
        return len(self.lon)

    def __iter__(self) -> Iterator[StandardAddress]:
        # Most names occur in many addresses: one text of each is enough.
        known: dict[str, str] = {}
        for block in self._blocks:
            for line in block.decode().split("\n")[:-1]:
                yield _read_line(line, known)

    def __contains__(self, address: object) -> bool:
        return any(address == each for each in self)


def load_addresses(connection: Connection, series: Series) -> StoredAddresses:
    """Return the addresses of a series in the order of their external ids."""
    columns = sql.SQL(", ").join(map(sql.Identifier, _COLUMNS[:-1]))
    query = sql.SQL(
        "COPY (SELECT ST_X(geom), ST_Y(geom), {} FROM address WHERE series_id = {}"
        " ORDER BY external_id) TO STDOUT"
    ).format(columns, sql.Literal(series.id))
    driver = driver_connection(connection)
    with translating(), driver.cursor() as cursor, cursor.copy(query) as copy:
        return StoredAddresses(list(iter(lambda: b"".join(islice(copy, _BLOCK)), b"")))


def save_aliases(connection: Connection, series: Series, aliases: Iterable[Alias]) -> UpsertResult:
    """Keep other names; what was known of the same two names of a part is replaced.

    Raises
    ------
    Conflict
        Two validities of the same two names overlap.
    """
    rows = {(*_names(alias), alias.valid_from, alias.valid_to) for alias in aliases}
    with _opened(connection, series) as changes:
        pairs = {row[:3] for row in rows}
        before = {row for row in _load_aliases(connection, series) if row[:3] in pairs}
        fresh, gone = rows - before, before - rows
        _delete_aliases(connection, series, {row[:3] for row in gone})
        # Those that stay but share their names with one that goes went with it.
        again = {row for row in rows & before if row[:3] in {each[:3] for each in gone}}
        values = [_alias_values(series, row) for row in sorted(fresh | again, key=str)]
        if values:
            connection.execute(insert(address_tables.alias), values)
        changes(len(fresh) + len(gone))
    updated = min(len(fresh), len(gone))
    return UpsertResult(len(fresh) - updated, updated, len(rows) - len(fresh))


def load_aliases(connection: Connection, series: Series) -> list[Alias]:
    """Return the other names of a series, in the order of part, alias, name and date."""
    with translating():
        return [Alias(*row) for row in _load_aliases(connection, series)]


def book_version(connection: Connection, series: Series) -> UUID | None:
    """Return the version of a series' address book; None while nothing was ever saved."""
    query = select(_book.version).where(_book.series_id == series.id)
    with translating():
        return connection.execute(query).scalar_one_or_none()


def find_building_places(
    connection: Connection, series: Series, external_ids: Collection[str]
) -> dict[str, tuple[float, float]]:
    """Return lon and lat (EPSG:4490) inside each of these buildings; unknown ones are left out."""
    inside = func.ST_PointOnSurface(_building.geom)
    query = select(_building.external_id, func.ST_X(inside), func.ST_Y(inside)).where(
        _building.series_id == series.id,
        _building.external_id == func.any(list(external_ids)),
    )
    with translating():
        return {row[0]: (row[1], row[2]) for row in connection.execute(query)}


@contextmanager
def _opened(connection: Connection, series: Series) -> Iterator[Any]:
    """Let one change of a book happen after the other; a new version if something changes."""
    opening = upsert(address_tables.address_book).values(series_id=series.id)
    opening = opening.on_conflict_do_update(
        index_elements=["series_id"], set_={"series_id": series.id}
    )
    with translating():
        connection.execute(opening)
        counts: list[int] = []
        yield counts.append
        if any(counts):
            changed = address_tables.address_book.update().where(_book.series_id == series.id)
            connection.execute(
                changed.values(version=func.gen_random_uuid(), changed_at=func.now())
            )
            announce(connection, series)


def _blocks(addresses: Iterable[StandardAddress]) -> Iterator[Sequence[Sequence[str]]]:
    rest = iter(addresses)
    while block := list(islice(rest, _BLOCK)):
        parts = zip(*(address.parts for address in block), strict=True)
        yield [
            escape_texts(address.external_id for address in block),
            escape_texts(address.text for address in block),
            *(escape_texts(column) for column in islice(parts, len(ADDRESS_PARTS))),
            escape_texts(address.building_id for address in block),
            point_texts(
                np.array([address.lon for address in block]),
                np.array([address.lat for address in block]),
            ),
        ]


def _read_line(line: str, known: dict[str, str]) -> StandardAddress:
    cells = line.split("\t")
    if "\\" in line:
        cells = [_unescape(cell) for cell in cells]
    lon, lat, external_id, text, *names, building_id = cells
    parts = Address._make([*map(known.setdefault, names, names), ""])
    return StandardAddress(external_id, text, parts, float(lon), float(lat), building_id)


def _unescape(cell: str) -> str:
    head, *rest = cell.split("\\")
    taken = [head]
    rest_of = iter(rest)
    for piece in rest_of:
        # Two strokes are one: the piece between them is empty.
        taken.append(_ESCAPES[piece[0]] + piece[1:] if piece else "\\" + next(rest_of))
    return "".join(taken)


def _load_aliases(connection: Connection, series: Series) -> list[tuple[Any, ...]]:
    query = (
        select(
            _alias.part,
            _alias.alias,
            _alias.name,
            func.lower(_alias.valid),
            func.upper(_alias.valid),
        )
        .where(_alias.series_id == series.id)
        .order_by(
            _alias.part, _alias.alias, _alias.name, func.lower(_alias.valid).asc().nulls_first()
        )
    )
    return [tuple(row) for row in connection.execute(query)]


def _delete_aliases(
    connection: Connection, series: Series, names: Collection[tuple[str, str, str]]
) -> None:
    if names:
        chosen = tuple_(_alias.part, _alias.alias, _alias.name).in_(sorted(names))
        connection.execute(
            delete(address_tables.alias).where(_alias.series_id == series.id, chosen)
        )


def _alias_values(series: Series, row: tuple[Any, ...]) -> dict[str, Any]:
    part, alias, name, valid_from, valid_to = row
    valid = Range(valid_from, valid_to, bounds="[)")
    return {"series_id": series.id, "part": part, "alias": alias, "name": name, "valid": valid}


def _names(alias: Alias) -> tuple[str, str, str]:
    return alias.part, alias.alias, alias.name

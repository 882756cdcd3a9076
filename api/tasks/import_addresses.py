"""How do addresses and other names of places get from a file into the address book of a plan?

Read in blocks → COPY, all in one transaction; on the way it is counted how many lie in no grid of
the plan in force.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from api.tasks.indexing import index_plan, narrowest_codes
from gis.files.addresses import AddressTable, read_addresses
from gis.files.aliases import AliasList
from gis.locate import PlanIndex
from gis.locate.standard_address import StandardAddress
from gis.store import audit
from gis.store.addresses import find_building_places, save_addresses, save_aliases
from gis.store.plans import Series, load_revision, revision_summaries
from gis.store.upserting import UpsertResult

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class AddressChoices:
    """How a file of addresses is to be read; as for :func:`gis.files.addresses.read_addresses`."""

    columns: Mapping[str, str | None]
    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None


@dataclass(frozen=True, slots=True)
class AddressImport:
    """What became of a file of addresses; ``outside`` is None if no plan is in force."""

    result: UpsertResult
    table: AddressTable
    usable: int
    outside: int | None

    @property
    def repeated(self) -> int:
        """How many usable rows have the id of a later one, which counts."""
        done = self.result
        return self.usable - done.inserted - done.updated - done.unchanged


def import_addresses(
    connection: Connection,
    series: Series,
    file: Path,
    choices: AddressChoices,
    *,
    actor: str = "local",
    advance: Advance = lambda _rows: None,
) -> AddressImport:
    """Bring the addresses of a file into the book of a plan, in the caller's transaction.

    Parameters
    ----------
    advance
        Is told how many rows were read.

    Raises
    ------
    InputError
        The file cannot be read at all; rows that cannot be used are left out and told.
    """

    def find_buildings(ids: Collection[str]) -> Mapping[str, tuple[float, float]]:
        return find_building_places(connection, series, ids) if ids else {}

    table = read_addresses(
        file,
        columns=choices.columns,
        crs=choices.crs,
        encoding=choices.encoding,
        layer=choices.layer,
        find_buildings=find_buildings,
    )
    count = _Count(index_in_force(connection, series))
    result = save_addresses(connection, series, count.passing(table, advance))
    detail = {"file": file.name, "addresses": count.usable}
    audit.record(connection, actor, "addresses.import", series.name, detail)
    return AddressImport(result, table, count.usable, count.outside)


def import_aliases(
    connection: Connection, series: Series, file: Path, read: AliasList, *, actor: str = "local"
) -> UpsertResult:
    """Bring other names of places into the book of a plan, in the caller's transaction."""
    result = save_aliases(connection, series, read.aliases)
    detail = {"file": file.name, "aliases": len(read.aliases)}
    audit.record(connection, actor, "aliases.import", series.name, detail)
    return result


def index_in_force(connection: Connection, series: Series) -> PlanIndex | None:
    """Return the point indexes of the plan in force; None if there is none."""
    now = datetime.now(UTC)
    for summary in revision_summaries(connection, series):
        begun = not summary.staged and (summary.effective_from or now) <= now
        if begun and (summary.effective_to is None or now < summary.effective_to):
            return index_plan(load_revision(connection, summary.id), series.metric_srid)
    return None


class _Count:
    """Counts addresses on their way from the file to the database."""

    def __init__(self, index: PlanIndex | None) -> None:
        self._index = index
        self.usable = 0
        self.outside = None if index is None else 0

    def passing(self, table: AddressTable, advance: Advance) -> Iterator[StandardAddress]:
        rows = 0
        for addresses in table.chunks():
            self._add(addresses)
            yield from addresses
            advance(table.rows - rows)
            rows = table.rows

    def _add(self, addresses: Sequence[StandardAddress]) -> None:
        self.usable += len(addresses)
        if self._index is not None and self.outside is not None and addresses:
            lon = np.array([address.lon for address in addresses])
            lat = np.array([address.lat for address in addresses])
            self.outside += narrowest_codes(self._index, lon, lat).tolist().count(None)

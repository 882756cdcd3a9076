"""Which addresses and names does the address book of a plan know?

Its standard addresses, the names of the plan's areas that cover them, the other names that were
imported, and those that the plan's own history tells: an area that was renamed is still asked for
by the name it had.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from api.tasks.former_names import PARTS, plan_aliases
from gis.locate import Locator, PlanIndex
from gis.locate.gazetteer import Gazetteer
from gis.store.addresses import book_version, load_addresses, load_aliases
from gis.store.plans import Series


def load_gazetteer(connection: Connection, series: Series, locator: Locator) -> Gazetteer:
    """Return the address book of a plan.

    Parameters
    ----------
    locator
        All published revisions; the latest tells which areas cover each address.
    """
    entries = load_addresses(connection, series)
    aliases = [*load_aliases(connection, series), *plan_aliases(connection, series, locator)]
    areas = name_areas(locator.indexes[-1], entries.lon, entries.lat) if locator.indexes else None
    return Gazetteer(entries, aliases=aliases, areas=areas)


def gazetteer_version(connection: Connection, series: Series) -> Hashable:
    """Return what changes whenever addresses or other names of a plan are saved."""
    return book_version(connection, series)


def name_areas(
    index: PlanIndex, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> list[Mapping[str, str]]:
    """Return for each place the names of the areas that cover it, by part of an address.

    Parameters
    ----------
    lon, lat
        EPSG:4490 degrees, one shape (n,).
    """
    found: dict[str, NDArray[np.object_]] = {
        part: np.array([*index.names(level), ""], dtype=object)[
            index.locate_many(lon, lat, level=level)
        ]
        for level, part in PARTS.items()
        if level in index.levels
    }
    if not found:
        return [{}] * len(lon)
    # Many addresses lie in the same areas: one mapping for each combination.
    known: dict[tuple[str, ...], Mapping[str, str]] = {}
    return [
        known.setdefault(names, dict(zip(found, names, strict=True)))
        for names in zip(*found.values(), strict=True)
    ]

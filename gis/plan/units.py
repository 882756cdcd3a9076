"""Which pieces of ground may not be cut when work is shared out anew?

A unit is one building with the ground that is nearest to it, or one block between streets. The
units of the chosen grids tile them: every piece of ground belongs to one unit, every unit to one
grid. All their corners lie on the 1e-7° lattice and all borders are noded together, so that units
that touch share their corners, also across the border of two grids.

    +----+------+      streets cut grids into blocks, a block falls to its buildings:
    | a  |  b   |      ground belongs to the building whose wall is nearest
    |  +-+--+   |
    +--+ c  +---+      (morphological tessellation: Fleischmann, Feliciotti, Romice, Porta, 2020,
    |  +----+   |      Environment and Planning B 47(9), "Morphological tessellation as a way of
    +-----------+      partitioning space")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import InputError, NotFound
from gis.plan.chains import Area
from gis.plan.model import Building, Grid
from gis.plan.tessellation import cut_blocks, settle_buildings, tessellate
from gis.plan.work import LOAD_WEIGHTS, Array, Work, sum_by_area

Grain = Literal["buildings", "blocks"]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Indivisible pieces of ground, the work on each, and the grid that has it now.

    Parameters
    ----------
    ids
        One name for each unit, unique: the building that stands there, or grid code and number.
    ground
        Areas, EPSG:4490, shape (n,).
    owner
        Position in ``grids`` of the grid that has the unit, shape (n,).
    grids, parents
        Codes of the chosen grids in ascending order, and of the area above each.
    load, households, open_reports
        Work on each unit, shape (n,).
    members
        For each unit the buildings that stand on it.
    streets
        Lines along which a border is welcome, EPSG:4490.
    metric_srid
        The projected CRS in which borders are measured.
    """

    ids: tuple[str, ...]
    ground: NDArray[Any]
    owner: Places
    grids: tuple[str, ...]
    parents: tuple[str | None, ...]
    load: Array
    households: Array
    open_reports: Array
    members: tuple[tuple[str, ...], ...]
    streets: NDArray[Any]
    metric_srid: int

    def __len__(self) -> int:
        return len(self.ids)

    def sum_by_grid(self, amount: Array, owner: Places | None = None) -> Array:
        """Sum an amount per unit over the units of each grid, shape (k,)."""
        places = self.owner if owner is None else owner
        return np.bincount(places, weights=amount, minlength=len(self.grids)).astype(np.float64)


def make_units(
    grids: Sequence[Grid],
    buildings: Sequence[Building] = (),
    streets: Sequence[Any] = (),
    *,
    metric_srid: int,
    grain: Grain = "buildings",
    work: Work | None = None,
    weights: Mapping[str, float] = LOAD_WEIGHTS,
) -> Units:
    """Divide grids into units along streets, and blocks among their buildings.

    Parameters
    ----------
    grids
        The chosen grids; those of one level, so that they do not overlap.
    buildings
        A building belongs, whole, to the block that holds most of its footprint.
    streets
        Lines, EPSG:4490. Dead ends cut nothing.
    metric_srid
        The projected CRS in which nearness is measured.
    grain
        ``blocks`` leaves the blocks between streets whole.
    work
        Counted things; households are taken from the buildings when it has none.
    weights
        How much one of each kind adds to the load.

    Examples
    --------
    >>> from gis.plan.model import Level
    >>> square = Grid("1", "", Level.GRID, shapely.box(0, 0, 0.002, 0.001))
    >>> street = shapely.LineString([(0.001, -0.001), (0.001, 0.002)])
    >>> units = make_units([square], streets=[street], metric_srid=32631)
    >>> sorted(units.ids)
    ['1/1', '1/2']
    """
    if not grids:
        raise InputError("no grid was chosen; name at least one")
    ordered = sorted(grids, key=lambda grid: grid.code)
    areas = np.array([grid.geometry for grid in ordered], dtype=object)
    lines = np.array([line for line in streets if not line.is_empty], dtype=object)
    blocks = cut_blocks(areas, lines)
    footprints = np.array([b.geometry for b in buildings], dtype=object)
    block_of = settle_buildings(footprints, blocks)
    if grain == "buildings":
        pieces = tessellate(blocks, footprints, block_of, metric_srid=metric_srid)
    else:
        pieces = [
            (ground, block, tuple(np.flatnonzero(block_of == block).tolist()))
            for block, (ground, _) in enumerate(blocks)
        ]
    ground = np.array([piece for piece, _, _ in pieces], dtype=object)
    owner = np.array([blocks[block][1] for _, block, _ in pieces], dtype=np.int64)
    stands = [
        tuple(sorted((buildings[i].external_id for i in inside), key=str)) for *_, inside in pieces
    ]
    counted = _count(ground, pieces, buildings, work or {})
    return Units(
        _name(stands, ground, owner, [grid.code for grid in ordered], grain),
        ground,
        owner,
        tuple(grid.code for grid in ordered),
        tuple(grid.parent for grid in ordered),
        _weigh(counted, weights, len(ground)),
        counted["households"],
        counted.get("open_reports", np.zeros(len(ground))),
        tuple(stands),
        lines,
        metric_srid,
    )


def take_units(
    ids: Sequence[str],
    ground: NDArray[Any],
    owner: Sequence[str],
    *,
    metric_srid: int,
    load: Array,
    households: Array | None = None,
    open_reports: Array | None = None,
    parents: Mapping[str, str | None] | None = None,
    streets: Sequence[Any] = (),
) -> Units:
    """Make units of ready areas such as census blocks.

    Parameters
    ----------
    ids, ground, owner
        Name, area (EPSG:4490) and grid code of each unit, length n.
    load, households, open_reports
        Work on each, shape (n,); households are the load when left out.
    parents
        The area above each grid; all are of one community when left out.
    """
    if len(set(ids)) != len(ids):
        raise InputError("units need different names; some name occurs twice")
    codes = sorted(set(owner))
    place = {code: position for position, code in enumerate(codes)}
    above = parents or {}
    return Units(
        tuple(ids),
        np.asarray(ground, dtype=object),
        np.array([place[code] for code in owner], dtype=np.int64),
        tuple(codes),
        tuple(above.get(code) for code in codes),
        np.asarray(load, dtype=np.float64),
        np.asarray(load if households is None else households, dtype=np.float64),
        np.zeros(len(ids)) if open_reports is None else np.asarray(open_reports, np.float64),
        tuple(() for _ in ids),
        np.array(list(streets), dtype=object),
        metric_srid,
    )


def ground_of(units: Units, chosen: Sequence[str]) -> Area:
    """Return the ground of chosen buildings or units as one area, for a transfer.

    Parameters
    ----------
    chosen
        Names of units or of buildings that stand on them; a unit comes whole.

    Raises
    ------
    NotFound
        No unit has that name or building.

    Examples
    --------
    >>> squares = np.array([shapely.box(i, 0, i + 1, 1) for i in range(3)])
    >>> units = take_units("abc", squares, "112", metric_srid=32631, load=np.ones(3))
    >>> ground_of(units, ["a", "b"]).area
    2.0
    """
    return unite(units.ground[find_units(units, chosen)])


def find_units(units: Units, chosen: Sequence[str]) -> Places:
    """Return the positions of the units that have or hold the chosen names, ascending."""
    place = {name: i for i, held in enumerate(units.members) for name in held}
    place |= {name: i for i, name in enumerate(units.ids)}
    missing = sorted(set(chosen) - set(place))
    if missing:
        raise NotFound(
            f"{len(missing)} of the chosen units are not on the ground of these grids, "
            f"first {missing[0]!r}",
            units=missing,
        )
    return np.array(sorted({place[name] for name in chosen}), dtype=np.int64)


def unite(ground: NDArray[Any]) -> Area:
    """Return the union of areas that share their corners."""
    union = shapely.coverage_union_all(ground)
    sound = union if shapely.is_valid(union) else shapely.union_all(ground)
    area: Any = shapely.normalize(sound)
    return cast("Area", area)


def _count(
    ground: NDArray[Any], pieces: Sequence[Any], buildings: Sequence[Building], work: Work
) -> dict[str, Array]:
    counted = {kind: sum_by_area(ground, points) for kind, points in work.items()}
    if "households" not in counted:
        counted["households"] = np.array(
            [float(sum(buildings[i].households for i in inside)) for *_, inside in pieces]
        )
    return counted


def _weigh(counted: Mapping[str, Array], weights: Mapping[str, float], count: int) -> Array:
    load = np.zeros(count)
    for kind, weight in weights.items():
        load += weight * counted.get(kind, 0.0)
    return load


def _name(
    stands: Sequence[tuple[str, ...]],
    ground: NDArray[Any],
    owner: Places,
    codes: Sequence[str],
    grain: Grain,
) -> tuple[str, ...]:
    """Name a unit after its building; blocks and bare ground from west to east in their grid."""
    names = [held[0] if held and grain == "buildings" else "" for held in stands]
    west, south = shapely.bounds(ground)[:, :2].T
    number = dict.fromkeys(codes, 0)
    for i in np.lexsort((south, west)).tolist():
        if not names[i]:
            code = codes[owner[i]]
            number[code] += 1
            names[i] = f"{code}/{number[code]}"
    return tuple(names)

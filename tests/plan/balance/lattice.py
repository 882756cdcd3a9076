"""Small drawn plans: a lattice of squares, each a unit."""

from __future__ import annotations

import numpy as np
import shapely

from gis.plan.model import Grid, Level, Plan
from gis.plan.units import Units, take_units, unite

SIDE = 0.001
SRID = 4548
WEST, SOUTH = 117.6, 26.2


def draw_units(
    rows: list[str],
    load: list[list[float]] | None = None,
    parents: dict[str, str | None] | None = None,
    open_reports: list[list[float]] | None = None,
) -> Units:
    """Make units of rows of letters, the northernmost first; a unit is called ``row:column``."""
    ids, ground, owner = [], [], []
    for row, letters in enumerate(rows):
        for column, letter in enumerate(letters):
            west = round(WEST + column * SIDE, 7)
            south = round(SOUTH + (len(rows) - row) * SIDE, 7)
            east, north = round(west + SIDE, 7), round(south + SIDE, 7)
            ids.append(f"{row}:{column}")
            ground.append(shapely.box(west, south, east, north))
            owner.append(letter)
    loads = np.full(len(ids), 1.0) if load is None else np.array(load, dtype=float).ravel()
    waiting = None if open_reports is None else np.array(open_reports, dtype=float).ravel()
    return take_units(
        ids,
        np.array(ground),
        owner,
        metric_srid=SRID,
        load=loads,
        parents=parents,
        open_reports=waiting,
    )


def draw_plan(units: Units) -> Plan:
    """Make the plan whose grids have the units now, with the areas above them."""
    grids = []
    for position, code in enumerate(units.grids):
        ground = unite(units.ground[units.owner == position])
        grids.append(Grid(code, code, Level.GRID, ground, units.parents[position]))
    for parent in sorted({code for code in units.parents if code is not None}):
        mine = [units.parents[position] == parent for position in units.owner]
        grids.append(Grid(parent, parent, Level.COMMUNITY, unite(units.ground[mine])))
    return Plan(grids)


def show(units: Units, owner: np.ndarray, width: int) -> list[str]:
    """Write an assignment as rows of letters."""
    letters = "".join(units.grids[position] for position in owner)
    return [letters[start : start + width] for start in range(0, len(letters), width)]

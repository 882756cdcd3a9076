"""From which figure on is a grid too much, too little, or too far from its roads?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gis.plan.model import Level
from gis.plan.work import LOAD_WEIGHTS


@dataclass(frozen=True, slots=True)
class Limits:
    """What a district asks of its grids. None and 0 switch a check off.

    Parameters
    ----------
    households
        Least and most households of an area; 300 to 500 is what most cities ask of a grid.
    load_floor, load_ceiling
        Least and most load of an area (see ``gis.plan.measures``).
    load_weights
        How much one of each kind of work adds to the load.
    level
        The level whose areas have staff, and of which all this is asked; when None the grids, or
        in a plan without grids its narrowest level.
    building_cut_m2
        How much of a building must lie on each side for a border to cut it.
    border_near_m, border_share
        At least this share of an area's inner border is to lie within this distance of a road, a
        railway or water.
    errors
        Names of findings that stop a publish here, though they are warnings elsewhere.
    """

    households: tuple[float, float] | None = (300.0, 500.0)
    load_floor: float | None = None
    load_ceiling: float | None = None
    load_weights: Mapping[str, float] = field(default_factory=lambda: LOAD_WEIGHTS)
    level: Level | None = None
    building_cut_m2: float = 1.0
    border_near_m: float = 20.0
    border_share: float = 0.0
    errors: frozenset[str] = frozenset()

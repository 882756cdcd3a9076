"""How large, how compact and how busy is a grid?

Each measure is a function of arrays in metres or of counts; :func:`measure_grids` asks them all for
a plan or for the few areas of it that an edit touched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis import coords
from gis.plan.model import Grid, Plan
from gis.plan.work import KINDS, LOAD_WEIGHTS, Points, Work, place_points

Array = NDArray[np.float64]
Geometries = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Measures:
    """The figures of one area; None is what nobody has counted.

    ``load`` is the weighted sum of the counts; ``load_deviation`` how far it lies from the mean of
    the areas of the same level and parent, as a share of that mean (0.1 = a tenth above; None also
    where that mean is 0).
    """

    area_m2: float
    perimeter_m: float
    polsby_popper: float
    reock: float
    parts: int
    households: float | None = None
    buildings: float | None = None
    addresses: float | None = None
    reports_per_year: float | None = None
    open_reports: float | None = None
    cameras: float | None = None
    staff: float | None = None
    load: float | None = None
    load_deviation: float | None = None


def measure_grids(
    plan: Plan,
    codes: Collection[str] | None = None,
    *,
    metric_srid: int,
    work: Work | None = None,
    weights: Mapping[str, float] = LOAD_WEIGHTS,
) -> dict[str, Measures]:
    """Measure areas of a plan.

    Parameters
    ----------
    plan
        Its areas are valid, of one or several levels; each counts the points that it covers.
    codes
        Which to measure; all when None. Figures do not depend on which are asked.
    metric_srid
        The projected CRS in which areas and lengths are measured.
    work
        Points by kind.
    weights
        How much one of each kind adds to the load.

    Returns
    -------
    dict of Measures by code, in the order of the plan

    Raises
    ------
    NotFound
        A code is not in the plan.

    Examples
    --------
    >>> from gis.plan.model import Level
    >>> plan = Plan([Grid("a", "a", Level.GRID, shapely.box(117.6, 26.2, 117.601, 26.201))])
    >>> round(measure_grids(plan, metric_srid=4548)["a"].area_m2)
    11074
    """
    grids = plan.grids if codes is None else [plan[code] for code in codes]
    found: dict[str, Measures] = {}
    for level in plan.levels:
        asked = [grid for grid in grids if grid.level is level]
        if asked:
            found |= _measure_level(plan, asked, metric_srid, work or {}, weights)
    return found


def tabulate_measures(measures: Mapping[str, Measures]) -> pd.DataFrame:
    """Put measures in a table by code; what nobody has counted is NaN."""
    rows = [asdict(figures) for figures in measures.values()]
    index = pd.Index(list(measures), name="code", dtype=str)
    table = pd.DataFrame(rows, index=index, columns=list(Measures.__slots__))
    return table.astype({name: float for name in Measures.__slots__ if name != "parts"})


def polsby_popper(metric: Geometries) -> Array:
    """Return 4πA/P²: 1 for a disc, near 0 for what is long or frayed.

    Source: D. D. Polsby and R. D. Popper, "The Third Criterion: Compactness as a Procedural
    Safeguard Against Partisan Gerrymandering", Yale Law & Policy Review 9 (1991), 301-353.

    Parameters
    ----------
    metric
        Areas in metres, shape (n,). Holes count in area and perimeter.

    Examples
    --------
    >>> polsby_popper(np.array([shapely.box(0, 0, 1, 1)])).round(4)  # π/4
    array([0.7854])
    """
    return _divide(4.0 * np.pi * shapely.area(metric), shapely.length(metric) ** 2)


def reock(metric: Geometries) -> Array:
    """Return the share of the smallest circle around an area that the area fills.

    Source: E. C. Reock, "A Note: Measuring Compactness as a Requirement of Legislative
    Apportionment", Midwest Journal of Political Science 5 (1961), 70-74.

    Examples
    --------
    >>> reock(np.array([shapely.box(0, 0, 1, 1)])).round(4)  # 2/π
    array([0.6366])
    """
    circle = np.pi * shapely.minimum_bounding_radius(metric) ** 2
    return _divide(shapely.area(metric), circle)


def weigh_load(counts: Mapping[str, Array], weights: Mapping[str, float]) -> Array | None:
    """Sum counts by their weights; a kind that nobody has counted adds nothing.

    Returns
    -------
    ndarray or None
        None if none of the weighted kinds was counted.

    Examples
    --------
    >>> weigh_load({"households": np.array([300.0])}, {"households": 1.0, "reports_per_year": 2.0})
    array([300.])
    """
    known = [weight * counts[kind] for kind, weight in weights.items() if kind in counts]
    return np.asarray(np.sum(known, axis=0)) if known else None


def deviate_from_mean(values: Array, group: NDArray[np.int64]) -> Array:
    """Return how far each value lies from the mean of its group, as a share of that mean.

    Examples
    --------
    >>> deviate_from_mean(np.array([1.0, 3.0, 5.0]), np.array([0, 0, 1]))
    array([-0.5,  0.5,  0. ])
    """
    mean = np.bincount(group, weights=values) / np.maximum(np.bincount(group), 1)
    return _divide(values - mean[group], mean[group])


def sum_work(asked: Sequence[Grid], among: Sequence[Grid], work: Work) -> dict[str, Array]:
    """Sum the weights of each kind of points in some areas.

    Parameters
    ----------
    asked
        The areas, all of one level.
    among
        All areas that may hold a point of theirs, in ascending code order: on a shared border the
        lowest code has it, also if that one is not asked.

    Returns
    -------
    dict of arrays, each of shape (len(asked),)
    """
    box = _box_around(asked)
    geometries = [grid.geometry for grid in among]
    position = {grid.code: index for index, grid in enumerate(among)}
    wanted = [position[grid.code] for grid in asked]
    sums = {}
    for kind, points in work.items():
        near = _keep_within(points, box)
        place = place_points(geometries, near)
        inside = place >= 0
        total = np.bincount(place[inside], near.weight[inside], minlength=len(among))
        sums[kind] = total[wanted].astype(np.float64)
    return sums


def _measure_level(
    plan: Plan,
    asked: Sequence[Grid],
    metric_srid: int,
    work: Work,
    weights: Mapping[str, float],
) -> dict[str, Measures]:
    areas = np.empty(len(asked), dtype=object)
    areas[:] = [grid.geometry for grid in asked]
    metric = coords.to_metric(areas, srid=metric_srid)
    families = _families(plan, asked)
    weighted = {kind: work[kind] for kind in work if kind in weights}
    others = {kind: work[kind] for kind in work if kind in KINDS and kind not in weights}
    counts = sum_work(families, find_near(plan, families), weighted)
    load = weigh_load(counts, weights)
    columns: dict[str, NDArray[Any]] = {
        "area_m2": shapely.area(metric),
        "perimeter_m": shapely.length(metric),
        "polsby_popper": polsby_popper(metric),
        "reock": reock(metric),
        "parts": np.asarray(shapely.get_num_geometries(areas)),
    }
    columns |= sum_work(asked, find_near(plan, asked), others)
    position = {grid.code: index for index, grid in enumerate(families)}
    mine = [position[grid.code] for grid in asked]
    columns |= {kind: sums[mine] for kind, sums in counts.items() if kind in KINDS}
    if load is not None:
        columns["load"] = load[mine]
        columns["load_deviation"] = deviate_from_mean(load, _parent_numbers(families))[mine]
    values: dict[str, list[Any]] = {
        name: [None if value != value else value for value in column.tolist()]  # noqa: PLR0124
        for name, column in columns.items()
    }
    return {
        grid.code: Measures(**{name: column[index] for name, column in values.items()})
        for index, grid in enumerate(asked)
    }


def _families(plan: Plan, grids: Sequence[Grid]) -> list[Grid]:
    """Return some areas of one level with all others of the same level and parent."""
    level = grids[0].level
    parents = {grid.parent for grid in grids}
    if None in parents:
        return [grid for grid in plan.at(level) if grid.parent in parents]
    families = (plan.children(parent or "") for parent in parents)
    return [grid for family in families for grid in family if grid.level is level]


def _parent_numbers(grids: Sequence[Grid]) -> NDArray[np.int64]:
    numbers: dict[str | None, int] = {}
    return np.array([numbers.setdefault(grid.parent, len(numbers)) for grid in grids])


def find_near(plan: Plan, grids: Sequence[Grid]) -> tuple[Grid, ...]:
    """Return the areas of the same level whose box meets that of any of some areas."""
    level = plan.at(grids[0].level)
    if 4 * len(grids) > len(level):
        return level
    start = sum(len(plan.at(wider)) for wider in plan.levels if wider.rank < grids[0].level.rank)
    bounds = plan.bounds[start : start + len(level)]
    west, south, east, north = _box_around(grids)
    near = (bounds[:, 0] <= east) & (bounds[:, 2] >= west)
    near &= (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    return tuple(level[index] for index in np.flatnonzero(near).tolist())


def _box_around(grids: Sequence[Grid]) -> list[float]:
    boxes = np.array([grid.geometry.bounds for grid in grids])
    return [*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()]


def _keep_within(points: Points, box: Sequence[float]) -> Points:
    west, south, east, north = box
    near = (points.lon >= west) & (points.lon <= east)
    near &= (points.lat >= south) & (points.lat <= north)
    return Points(points.lon[near], points.lat[near], points.weight[near])


def _divide(dividend: Array, divisor: Array) -> Array:
    known = divisor > 0.0
    return np.where(known, dividend / np.where(known, divisor, 1.0), np.nan)

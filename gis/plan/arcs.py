"""How is a plan kept so that every shared border is written once?

As arcs (TopoJSON 1.0, without quantisation): a border is cut at its nodes, each piece is stored
once, and the areas on both sides and at every level name it, one of them backwards. Nodes are the
corners where more than two segments meet, and the first corner of every ring; so a ring comes back
with the same corners in the same order, and a plan with the same fingerprint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import InputError
from gis.plan.chains import Chain, border_with_owner, group_segments, number_rows
from gis.plan.model import Grid, Level, Plan


class SharedBorder(NamedTuple):
    """What two areas have in common: ``other`` is None where there is none on the other side.

    ``line`` is in EPSG:4490; ``one`` is the lower code.
    """

    one: str
    other: str | None
    line: shapely.MultiLineString


def shared_borders(grids: Sequence[Grid]) -> list[SharedBorder]:
    """Find the borders between areas, and their outer limits.

    Parameters
    ----------
    grids
        Areas of one level. Where they overlap or do not share corners, what is not shared exactly
        counts as outer limit.

    Returns
    -------
    list of SharedBorder
        One for each pair of codes, in ascending order.

    Examples
    --------
    >>> from gis.plan.model import Level
    >>> west = Grid("a", "", Level.GRID, shapely.box(0, 0, 1, 1))
    >>> east = Grid("b", "", Level.GRID, shapely.box(1, 0, 2, 1))
    >>> [(border.one, border.other, border.line.length) for border in shared_borders([west, east])]
    [('a', None, 3.0), ('a', 'b', 1.0), ('b', None, 3.0)]
    """
    ordered = sorted(grids, key=lambda grid: grid.code)
    if not ordered:
        return []
    areas = np.empty(len(ordered), dtype=object)
    areas[:] = [grid.geometry for grid in ordered]
    chain, owner = border_with_owner(areas)
    segment, pair = _pair_sides(chain, owner)
    lines: Any = shapely.linestrings(chain[segment].reshape(-1, 2, 2))
    order = np.lexsort((pair[:, 1], pair[:, 0]))
    fresh = np.diff(pair[order], axis=0, prepend=[[-2, -2]]).any(axis=1)
    bundles: Any = shapely.multilinestrings(lines[order], indices=np.cumsum(fresh) - 1)
    parts, of = shapely.get_parts(shapely.line_merge(np.atleast_1d(bundles)), return_index=True)
    merged: Any = shapely.multilinestrings(parts, indices=of)
    return [
        SharedBorder(
            ordered[one].code,
            None if other < 0 else ordered[other].code,
            line,
        )
        for (one, other), line in zip(pair[order][fresh].tolist(), merged, strict=True)
    ]


def _pair_sides(
    chain: Chain, owner: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Match segments that are walked both ways: a segment of each border, and its two owners."""
    group, direction, _ = group_segments(chain)
    # Those of one way come first in a group; the k-th of them meets the k-th of the other way.
    order = np.lexsort((owner, -direction, group))
    start = np.flatnonzero(np.diff(group[order], prepend=-1))
    size = np.diff(np.append(start, len(order)))
    ahead = np.add.reduceat(direction[order] > 0, start, dtype=np.int64)
    rank = np.arange(len(order)) - np.repeat(start, size)
    ahead_of, size_of = np.repeat(ahead, size), np.repeat(size, size)
    first = rank < ahead_of
    partner = np.where(first, rank + ahead_of, rank - ahead_of)
    alone = np.where(first, partner >= size_of, partner >= ahead_of)
    partner = np.where(alone, 0, partner) + np.repeat(start, size)
    mine, theirs = owner[order], np.where(alone, -1, owner[order][partner])
    keep = (first | alone) & (mine != theirs)
    low = np.where(theirs < 0, mine, np.minimum(mine, theirs))[keep]
    high = np.where(theirs < 0, -1, np.maximum(mine, theirs))[keep]
    return order[keep], np.column_stack([low, high])


def write_topojson(plan: Plan) -> dict[str, Any]:
    """Write a plan as a TopoJSON topology, without loss.

    Returns
    -------
    dict
        An object for each level, in EPSG:4490 longitude and latitude; each area with its code as
        ``id`` and name, level and parent as properties.

    Examples
    --------
    >>> from gis.plan.model import Level
    >>> west = Grid("a", "", Level.GRID, shapely.box(0, 0, 1, 1))
    >>> east = Grid("b", "", Level.GRID, shapely.box(1, 0, 2, 1))
    >>> topology = write_topojson(Plan([west, east]))
    >>> [area["arcs"] for area in topology["objects"]["grid"]["geometries"]]
    [[[0, 1]], [[2, -1, 3]]]
    """
    parts, area_of_part = shapely.get_parts(plan.geometries, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    arcs, rings_of_arcs = _cut_rings(rings)
    nested: list[list[list[list[int]]]] = [[] for _ in plan.grids]
    known = -1
    for part, named in zip(part_of_ring.tolist(), rings_of_arcs, strict=True):
        polygons = nested[area_of_part[part]]
        if part != known:
            polygons.append([])
            known = part
        polygons[-1].append(named)
    objects: dict[str, Any] = {
        level.value: {"type": "GeometryCollection", "geometries": []} for level in plan.levels
    }
    for grid, polygons in zip(plan.grids, nested, strict=True):
        objects[grid.level.value]["geometries"].append(_write_area(grid, polygons))
    return {"type": "Topology", "objects": objects, "arcs": arcs}


def read_topojson(data: Mapping[str, Any]) -> Plan:
    """Read a plan from what :func:`write_topojson` wrote.

    Raises
    ------
    InputError
        It is no topology of a plan: the message says where and what is missing.

    Examples
    --------
    >>> from gis.plan.model import Level
    >>> plan = Plan([Grid("a", "", Level.GRID, shapely.box(0, 0, 1, 1))])
    >>> read_topojson(write_topojson(plan)).fingerprint == plan.fingerprint
    True
    """
    if not isinstance(data, Mapping) or data.get("type") != "Topology":
        raise InputError('this is no TopoJSON: its "type" is not "Topology"')
    if data.get("transform") is not None:
        raise InputError(
            'this TopoJSON is quantised (it has a "transform"), so its borders were moved; '
            "save it without quantisation"
        )
    arcs = [_read_arc(arc, f"arc {number}") for number, arc in enumerate(_list(data, "arcs"))]
    objects = data.get("objects")
    if not isinstance(objects, Mapping):
        raise InputError('this TopoJSON has no "objects"')
    return Plan(
        _read_area(area, arcs, f"object {name!r}, area {number}")
        for name, collection in objects.items()
        for number, area in enumerate(_list(collection, "geometries"), 1)
    )


def _list(data: Any, name: str) -> list[Any]:
    found = data.get(name) if isinstance(data, Mapping) else None
    if not isinstance(found, list):
        raise InputError(f'this TopoJSON has no list of "{name}" where one belongs')
    return found


def _read_arc(arc: Any, where: str) -> NDArray[np.float64]:
    try:
        points = np.array(arc, dtype=np.float64)
    except (TypeError, ValueError):
        points = np.empty(0)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 2 or not np.isfinite(points).all():
        raise InputError(f"{where} is not a list of two or more pairs of longitude and latitude")
    return points


def _read_area(area: Any, arcs: list[NDArray[np.float64]], where: str) -> Grid:
    properties = area.get("properties") if isinstance(area, Mapping) else None
    if not isinstance(properties, Mapping) or not isinstance(area.get("id"), str):
        raise InputError(f"{where} has no code as its id, or no properties")
    named, level, parent = (properties.get(name) for name in ("name", "level", "parent"))
    if not isinstance(named, str) or not (parent is None or isinstance(parent, str)):
        raise InputError(f"{where} ({area['id']}) needs a name and a parent (or null)")
    if level not in {known.value for known in Level}:
        raise InputError(f"{where} ({area['id']}) has the unknown level {level!r}")
    where = f"{where} ({area['id']})"
    nested = area.get("arcs")
    if area.get("type") == "Polygon":
        shape: Any = _read_polygon(nested, arcs, where)
    elif area.get("type") == "MultiPolygon" and isinstance(nested, list) and nested:
        shape = shapely.MultiPolygon([_read_polygon(part, arcs, where) for part in nested])
    else:
        raise InputError(f"{where} is no Polygon and no MultiPolygon with arcs")
    return Grid(area["id"], named, Level(level), shape, parent)


def _read_polygon(rings: Any, arcs: list[NDArray[np.float64]], where: str) -> shapely.Polygon:
    if not isinstance(rings, list) or not rings:
        raise InputError(f"{where} has a polygon without rings")
    shell, *holes = [_read_ring(ring, arcs, where) for ring in rings]
    return shapely.Polygon(shell, holes)


def _read_ring(named: Any, arcs: list[NDArray[np.float64]], where: str) -> NDArray[np.float64]:
    if not isinstance(named, list) or not named:
        raise InputError(f"{where} has a ring without arcs")
    runs = []
    for number in named:
        if type(number) is not int or not -len(arcs) <= number < len(arcs):
            raise InputError(f"{where} names the arc {number!r}, which is not there")
        runs.append(arcs[number] if number >= 0 else arcs[~number][::-1])
    following = [*runs[1:], runs[0]]
    if any((run[-1] != after[0]).any() for run, after in zip(runs, following, strict=True)):
        raise InputError(f"{where} has a ring whose arcs do not join end to end")
    ring = np.concatenate([runs[0], *(run[1:] for run in runs[1:])])
    if len(ring) < 4:
        raise InputError(f"{where} has a ring of fewer than three corners")
    return ring


def _write_area(grid: Grid, polygons: list[list[list[int]]]) -> dict[str, Any]:
    single = isinstance(grid.geometry, shapely.Polygon)
    return {
        "type": "Polygon" if single else "MultiPolygon",
        "id": grid.code,
        "properties": {"name": grid.name, "level": grid.level.value, "parent": grid.parent},
        "arcs": polygons[0] if single else polygons,
    }


def _cut_rings(
    rings: NDArray[Any],
) -> tuple[list[list[list[float]]], list[list[int]]]:
    """Cut rings at their nodes: the arcs, and for each ring the numbers of its arcs."""
    points, ring = shapely.get_coordinates(rings, return_index=True)
    corner, count = number_rows(points)
    is_node = _find_nodes(points, ring, corner, count)
    cuts = np.flatnonzero(is_node[corner])
    arcs: list[list[list[float]]] = []
    numbers: dict[bytes, int] = {}
    found: list[list[int]] = [[] for _ in rings]
    for start, end in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        if ring[start] != ring[end]:
            continue
        run = corner[start : end + 1]
        backwards = numbers.get(run[::-1].tobytes())
        if backwards is not None:
            found[ring[start]].append(~backwards)
            continue
        number = numbers.setdefault(run.tobytes(), len(arcs))
        if number == len(arcs):
            arcs.append(points[start : end + 1].tolist())
        found[ring[start]].append(number)
    return arcs, found


def _find_nodes(
    points: NDArray[np.float64], ring: NDArray[np.int64], corner: NDArray[np.int64], count: int
) -> NDArray[np.bool_]:
    """Tell for each corner whether a ring begins there or more than two segments meet.

    Where two meet, all rings that come along one go on along the other; so everyone cuts the same
    pieces.
    """
    joined = np.flatnonzero(ring[:-1] == ring[1:])
    group, _, groups = group_segments(np.hstack([points[joined], points[joined + 1]]))
    one_of_each = np.empty(groups, np.int64)
    one_of_each[group] = joined
    meeting = np.concatenate([corner[one_of_each], corner[one_of_each + 1]])
    is_node: NDArray[np.bool_] = np.bincount(meeting, minlength=count) > 2
    is_node[corner[np.diff(ring, prepend=-1) != 0]] = True
    return is_node

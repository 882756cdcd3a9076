"""What are the streets called, and where do they run?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import shapely

from gis.demo import names
from gis.demo.grain import BANDS_M
from gis.demo.layout import Layout
from gis.demo.network import Line, Node, ground
from gis.demo.terrain import FOOT_M, RIVERSIDE_M

_NEAR_DM = 90


@dataclass(frozen=True)
class Road:
    """A street, or a part of one with one width: a line in metres and its class."""

    name: str
    rank: int
    path: shapely.LineString


@dataclass(frozen=True)
class Roads:
    """All streets, the bridges, and the name of the street on each line of the network."""

    streets: tuple[Road, ...]
    bridges: tuple[Road, ...]
    name_of_line: dict[int, str]


def name_roads(layout: Layout) -> Roads:
    """Name every line that carries a street, and join lines that continue each other."""
    lines = layout.network.lines
    paths = {i: _street_nodes(layout, i) for i in range(len(lines)) if lines[i].rank < 9}
    paths = {i: nodes for i, nodes in paths.items() if len(nodes) > 1}
    runs = _runs(lines, paths)
    name_of_line: dict[int, str] = {}
    words = iter(names.STREET_WORDS)
    for run in runs:
        if lines[run[0]].rank < 3:
            name = _main_name(lines[run[0]]) or f"{next(words)}路"
            name_of_line |= dict.fromkeys(run, name)
    _name_lanes(lines, [i for run in runs for i in run], name_of_line, words)
    streets = [road for run in runs for road in _join(lines, run, paths, name_of_line)]
    return Roads(tuple(streets), tuple(_bridges(layout)), name_of_line)


def _street_nodes(layout: Layout, number: int) -> list[Node]:
    """The vertices of a line between the riverside road and the road at the foot of the hills."""
    near, far = RIVERSIDE_M * 10 - _NEAR_DM, FOOT_M * 10 + _NEAR_DM
    return [node for node in layout.network.nodes(number) if near <= abs(node[0]) <= far]


def _runs(lines: list[Line], paths: dict[int, list[Node]]) -> list[list[int]]:
    """Group lines that lie end to end on one axis, in the order in which they were cut."""
    groups: dict[tuple[str, str, int], list[int]] = {}
    for number in paths:
        groups.setdefault(lines[number].key, []).append(number)
    runs: list[list[int]] = []
    for key, members in groups.items():
        axis = 1 if key[1] == "u" else 0
        members.sort(key=lambda i: min(node[axis] for node in paths[i]))
        end = None
        for number in members:
            along = [node[axis] for node in paths[number]]
            if end is not None and min(along) - end < _NEAR_DM:
                runs[-1].append(number)
            else:
                runs.append([number])
            end = max(along)
    return runs


def _main_name(line: Line) -> str | None:
    side, axis, at = line.key
    if axis == "v" and at in BANDS_M.get(side, ()):
        return names.CROSS_ROADS[side][BANDS_M[side].index(at)]
    return names.MAIN_ROADS.get(line.key)


def _name_lanes(
    lines: list[Line], order: list[int], name_of_line: dict[int, str], words: Iterator[str]
) -> None:
    """Name a lane after the street that it leaves, with a number."""
    street_of_lane: dict[int, str] = dict(name_of_line)
    counts: dict[str, int] = {}
    for number in sorted(order):
        if number in name_of_line:
            continue
        ends = [end for end in lines[number].ends if end in street_of_lane]
        ends.sort(key=lambda end: (lines[end].rank != 2, lines[end].rank, end))
        street = street_of_lane[ends[0]] if ends else f"{next(words)}路"
        street_of_lane[number] = street
        counts[street] = counts.get(street, 0) + 1
        name_of_line[number] = f"{street}{counts[street]}巷"


def _join(
    lines: list[Line],
    run: list[int],
    paths: dict[int, list[Node]],
    name_of_line: dict[int, str],
) -> list[Road]:
    """Join the lines of a run where the width stays the same; main roads band by band."""
    found: list[tuple[int, list[Node]]] = []
    for number in run:
        nodes, rank = paths[number], lines[number].rank
        axis = 1 if lines[number].key[1] == "u" else 0
        if nodes[0][axis] > nodes[-1][axis]:
            nodes = nodes[::-1]
        goes_on = found and found[-1][0] == rank and found[-1][1][-1] == nodes[0]
        if goes_on and not (rank == 0 and _at_band(lines[number], nodes[0])):
            found[-1] = (rank, found[-1][1] + nodes[1:])
        else:
            found.append((rank, nodes))
    name = name_of_line[run[0]]
    return [Road(name, rank, shapely.LineString(ground(nodes))) for rank, nodes in found]


def _at_band(line: Line, node: Node) -> bool:
    return any(abs(node[1] - 10 * v) < _NEAR_DM for v in BANDS_M[line.key[0]])


def _bridges(layout: Layout) -> list[Road]:
    """Bridges between the cross roads of the two banks."""
    heads: dict[tuple[str, int], tuple[Node, int]] = {}
    for line in layout.network.lines:
        side, axis, at = line.key
        if axis == "v" and at in BANDS_M.get(side, ()) and line.rank < 2:
            head = min(line.crossings, key=lambda node: abs(abs(node[0]) - RIVERSIDE_M * 10))
            heads[side, BANDS_M[side].index(at)] = (head, line.rank)
    found = []
    for i, name in enumerate(names.BRIDGES):
        (west, rank), (east, _) = heads["W", i], heads["E", i]
        found.append(Road(name, rank, shapely.LineString(ground([west, east]))))
    return found

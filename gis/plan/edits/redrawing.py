"""Which edit did a planner mean who moved corners or drew a border anew?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NoReturn

import numpy as np
import shapely

from gis.errors import Refused
from gis.plan.chains import Chain, border_of, reverse
from gis.plan.edits.corners import cut_chain
from gis.plan.edits.distances import format_m, to_line_m
from gis.plan.edits.model import MovedPath, Reshape, Transfer
from gis.plan.edits.neighbourhood import areas_meeting, bounds_of
from gis.plan.edits.noding import Noded, node
from gis.plan.edits.reshaping import find_owners
from gis.plan.edits.segments import Edge, Place, chain_of, edges_of, lines_of, missing_from
from gis.plan.findings import format_place
from gis.plan.model import Plan


def move_corners(
    plan: Plan,
    moves: Iterable[tuple[Place, Place]],
    *,
    across: bool = False,
    outer: bool = False,
) -> Reshape:
    """Return the edit that moves corners, with all borders that end at them.

    Parameters
    ----------
    plan
        The plan whose corners move.
    moves
        Old and new place of each corner, EPSG:4490; the old one exactly as stored.
    across, outer
        See :class:`gis.plan.edits.model.Reshape`.

    Raises
    ------
    Refused
        There is no corner at an old place.
    """
    places = {_exact(old): _exact(new) for old, new in moves}
    around = areas_meeting(plan, bounds_of([shapely.MultiPoint(list(places))]))
    borders = border_of(np.array([grid.geometry for grid in around], dtype=object))
    paths: dict[frozenset[Place], MovedPath] = {}
    seen: set[Place] = set()
    for x0, y0, x1, y1 in borders[_has_end_in(borders, places)].tolist():
        one, other = (x0, y0), (x1, y1)
        seen |= {one, other}
        path = MovedPath(old=(one, other), new=(places.get(one, one), places.get(other, other)))
        paths.setdefault(frozenset((one, other)), path)
    for lon, lat in places:
        if (lon, lat) not in seen:
            raise Refused(
                f"no border has a corner at {format_place(lon, lat)}; load the plan again",
                codes=[],
                lon=lon,
                lat=lat,
            )
    return Reshape(paths=tuple(paths.values()), across=across, outer=outer)


def redraw_border(
    plan: Plan, one: str, other: str, line: Sequence[Place], *, across: bool = False
) -> Reshape | Transfer:
    """Return the edit that replaces the border of two neighbours by a drawn line.

    Between the first and the last place where the line meets their border, the line becomes the
    border; what it has beyond them is passed over.

    Parameters
    ----------
    plan
        The plan whose border is redrawn.
    one, other
        Codes of neighbours.
    line
        The drawn line, EPSG:4490.
    across
        The borders of the levels above may move with it.

    Returns
    -------
    Reshape or Transfer
        A transfer where borders of further areas meet the old one, so that these are cut as well.

    Raises
    ------
    Refused
        They are no neighbours, the line does not meet their border twice, or it asks for ground to
        go both ways where that needs two edits.
    """
    shared = _shared_border(plan, one, other)
    noded = node([line], shared)
    drawn, run = _between(noded, shared, line, (one, other))
    old, new = _from_corner_to_corner(run, drawn, noded)
    if _is_of_two(plan, old):
        return Reshape(
            paths=(MovedPath(old=tuple(old), new=tuple(new)),), across=across, outer=False
        )
    pieces = cut_chain(shared, noded.cuts)
    return _as_transfer(one, other, run, drawn, pieces, across=across)


def _exact(place: Place) -> Place:
    return float(place[0]) + 0.0, float(place[1]) + 0.0


def _has_end_in(
    chain: Chain, places: Iterable[Place]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    asked = np.array([complex(*place) for place in places])
    starts, ends = chain[:, 0] + 1j * chain[:, 1], chain[:, 2] + 1j * chain[:, 3]
    return np.asarray(np.isin(starts, asked) | np.isin(ends, asked))


def _shared_border(plan: Plan, one: str, other: str) -> Chain:
    """Return the segments that two areas have in common, with the first on their left."""
    mine, theirs = border_of(plan[one].geometry), border_of(plan[other].geometry)
    alone = {tuple(segment) for segment in missing_from(reverse(theirs), mine).tolist()}
    shared = [segment for segment in mine.tolist() if tuple(segment) not in alone]
    if not shared:
        raise Refused(
            f"{one} and {other} have no border in common; name two neighbours", codes=[one, other]
        )
    return np.array(shared)


def _between(
    noded: Noded, shared: Chain, line: Sequence[Place], names: tuple[str, str]
) -> tuple[list[Place], list[Place]]:
    """Return the drawn line from where it first meets a border to where it last does, and the run
    of the border between these places, in the same direction.
    """
    border = cut_chain(shared, noded.cuts)
    posts = {(x, y) for x, y in border.reshape(-1, 2).tolist()}
    corners = noded.lines[0] if noded.lines else ()
    met = [index for index, corner in enumerate(corners) if corner in posts]
    if not met or corners[met[0]] == corners[met[-1]]:
        _refuse_open(line, shared, names)
    drawn = list(corners[met[0] : met[-1] + 1])
    runs = [
        run
        for run in (_walk(border, drawn[0], drawn[-1]), _walk(border, drawn[-1], drawn[0])[::-1])
        if run
    ]
    if not runs:
        raise Refused(
            f"the line begins on one piece of the border of {names[0]} and {names[1]} and ends on "
            "another; draw from and to one piece",
            codes=list(names),
            lon=drawn[0][0],
            lat=drawn[0][1],
        )
    shape = shapely.LineString(drawn)
    return drawn, min(
        runs, key=lambda run: shapely.hausdorff_distance(shape, shapely.LineString(run))
    )


def _refuse_open(line: Sequence[Place], shared: Chain, names: tuple[str, str]) -> NoReturn:
    told = " and ".join(
        f"{format_m(to_line_m(end, shared))} from it at {format_place(*end)}"
        for end in (line[0], line[-1])
    )
    raise Refused(
        f"the line must begin and end on the border of {names[0]} and {names[1]}: it does so "
        f"{told}; draw it onto or across the border at both ends",
        codes=list(names),
        lon=line[0][0],
        lat=line[0][1],
    )


def _walk(border: Chain, start: Place, end: Place) -> list[Place]:
    """Return the corners along a border from one to another; nothing if it does not lead there."""
    following = {(x0, y0): (x1, y1) for x0, y0, x1, y1 in border.tolist()}
    run = [start]
    while run[-1] != end:
        ahead = following.pop(run[-1], None)
        if ahead is None:
            return []
        run.append(ahead)
    return run


def _from_corner_to_corner(
    run: Sequence[Place], drawn: Sequence[Place], noded: Noded
) -> tuple[list[Place], list[Place]]:
    """Lengthen a run to existing corners at both ends, and the drawn line with it."""
    edge_of = {place: edge for edge, places in noded.cuts.items() for place in places}
    before = [_end_behind(edge_of[run[0]], run[0], run[1])] if run[0] in edge_of else []
    behind = [_end_behind(edge_of[run[-1]], run[-1], run[-2])] if run[-1] in edge_of else []
    kept = [place for place in run if place not in edge_of]
    inner = [place for place in drawn[1:-1] if place not in edge_of]
    return [*before, *kept, *behind], [*before, drawn[0], *inner, drawn[-1], *behind]


def _end_behind(edge: Edge, place: Place, ahead: Place) -> Place:
    """Return the end of an edge that lies behind a place on it, seen from there towards another."""
    low, high = edge[:2], edge[2:]
    towards = (low[0] - place[0]) * (ahead[0] - place[0]) + (low[1] - place[1]) * (
        ahead[1] - place[1]
    )
    return low if towards < 0.0 else high


def _is_of_two(plan: Plan, run: Sequence[Place]) -> bool:
    """Tell whether a run has the same areas beside it from end to end."""
    chain = chain_of(run)
    owners = find_owners(plan, chain)
    beside = {
        (owners.get(tuple(ahead)), owners.get(tuple(back)))
        for ahead, back in zip(chain.tolist(), reverse(chain).tolist(), strict=True)
    }
    return len(beside) == 1


def _as_transfer(
    one: str,
    other: str,
    run: Sequence[Place],
    drawn: Sequence[Place],
    shared: Chain,
    *,
    across: bool,
) -> Transfer:
    lines = lines_of(edges_of(np.concatenate([chain_of(run), chain_of(drawn)])))
    faces = shapely.get_parts(shapely.polygonize(lines.tolist()))
    ahead = {tuple(segment) for segment in shared.tolist()}
    in_one = [
        any(tuple(segment) in ahead for segment in border_of(face).tolist())
        for face in faces.tolist()
    ]
    if not in_one or any(in_one) != all(in_one):
        lon, lat = drawn[0]
        raise Refused(
            f"the line gives ground of {one} to {other} and the other way round, and other "
            "borders end there; draw it in pieces that each go one way",
            codes=[one, other],
            lon=lon,
            lat=lat,
        )
    area = tuple(
        tuple(tuple(ring.coords) for ring in (face.exterior, *face.interiors))
        for face in faces.tolist()
    )
    owner, target = (one, other) if in_one[0] else (other, one)
    return Transfer(area=area, to=target, owners=(owner,), across=across)

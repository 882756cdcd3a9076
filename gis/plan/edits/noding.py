"""Where does a drawn line meet existing borders, corner by corner?

Existing corners are posts that never move. What is drawn gives way, by at most ``NEAR_DEG``:

- a drawn corner that lies near an existing corner or edge is put on it;
- a drawn segment that passes near a corner is led through that corner;
- where a drawn segment crosses an edge, the nearest double on the edge becomes a corner of both.

After each change everything is looked at again, until nothing crosses any more. The corner on an
edge is not rounded to 1e-7°: that would bend the border, and with it the outer limit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import Refused
from gis.plan.chains import EMPTY, Chain
from gis.plan.edits.segments import (
    Edge,
    Floats,
    Ints,
    Place,
    chain_of,
    crossing_share,
    edges_of,
    lines_of,
    point_on,
    project,
)
from gis.plan.findings import format_place

NEAR_DEG = 1e-7
"""What is nearer than the step to which drawn corners are rounded was meant to be there."""
MOST_ROUNDS = 100
MOST_MEETINGS = 2_000
"""So often a drawing may meet borders away from their corners, and so often itself: who draws by
hand or brings an official limit stays far below, and the work grows with the square."""
MOST_PAIRS = 500_000
"""So many segments may lie beside others before it is given up; a line that does not fold back
needs three for each of its corners."""
_REACH_DEG = 20 * NEAR_DEG
_PAIRS_AT_ONCE = 5_000_000

Cuts = Mapping[Edge, tuple[Place, ...]]
"""New corners on existing edges, each edge with its corners in order from its lower end."""


@dataclass(frozen=True)
class Noded:
    """A drawing that meets borders at corners only.

    Parameters
    ----------
    lines
        The corners of each drawn line.
    cuts
        The corners that the edges got from it.
    """

    lines: tuple[tuple[Place, ...], ...]
    cuts: Cuts

    @property
    def chain(self) -> Chain:
        """Every drawn segment, in the direction in which it was drawn."""
        return np.concatenate([EMPTY, *(chain_of(line) for line in self.lines)])


def node(lines: Iterable[Sequence[Place]], borders: Chain) -> Noded:
    """Put corners where drawn lines meet borders, and where they meet each other.

    Parameters
    ----------
    lines
        Drawn lines, EPSG:4490 degrees; a ring ends where it begins.
    borders
        Borders of the areas that may be cut; their own corners stay as they are.

    Raises
    ------
    Refused
        The drawing lies so close to the borders that no order can be made, or meets them or itself
        more often than can be worked on.

    Examples
    --------
    >>> from gis.plan.chains import border_of
    >>> square = border_of(shapely.box(0.0, 0.0, 1.0, 1.0))
    >>> noded = node([[(-1.0, 0.5), (2.0, 0.5)]], square)
    >>> noded.lines
    (((-1.0, 0.5), (0.0, 0.5), (1.0, 0.5), (2.0, 0.5)),)
    >>> noded.cuts[(0.0, 0.0, 0.0, 1.0)]
    ((0.0, 0.5),)
    """
    noding = _Noding([[(float(x), float(y)) for x, y in line] for line in lines], borders)
    noding.require_workable()
    for _ in range(MOST_ROUNDS):
        if not noding.advance():
            return noding.result()
    lon, lat = noding.lines[0][0]
    raise Refused(
        f"the drawing from {format_place(lon, lat)} on lies too close along existing borders to "
        "tell where it crosses them; draw it on the border or further away from it",
        lon=lon,
        lat=lat,
        codes=[],
    )


class _Noding:
    def __init__(self, lines: list[list[Place]], borders: Chain) -> None:
        self.lines = lines
        self.edges = self._near(edges_of(borders))
        self._tree = shapely.STRtree(lines_of(self.edges))
        self.corners = np.unique(self.edges.reshape(-1, 2), axis=0)
        self.cuts: dict[int, list[Place]] = defaultdict(list)
        self._meetings = self._crossings = 0
        self.settled = {(x, y) for x, y in self.corners.tolist()}

    def _near(self, edges: Chain) -> Chain:
        """Leave out what lies too far from the drawing ever to meet it."""
        drawn = shapely.STRtree([shapely.LineString(line) for line in self.lines])
        near, _ = drawn.query(lines_of(edges), predicate="dwithin", distance=_REACH_DEG)
        return np.asarray(edges[np.unique(near)])

    def require_workable(self) -> None:
        """Refuse a drawing that crosses itself so often that even looking would take minutes."""
        segments, _ = self._drawn()
        self._pairs(segments, lines_of(segments), 0.0)

    def advance(self) -> bool:
        """Make one kind of change; tell whether there was anything to do."""
        return self._settle() or self._pass_posts() or self._cross_edges() or self._cross_itself()

    def result(self) -> Noded:
        lines = tuple(tuple(_without_repeats(line)) for line in self.lines)
        cuts = {}
        for index, places in self.cuts.items():
            x0, y0, x1, y1 = self.edges[index].tolist()
            cuts[(x0, y0, x1, y1)] = tuple(_in_order(self.edges[index], places))
        return Noded(tuple(line for line in lines if len(line) > 1), cuts)

    def _settle(self) -> bool:
        """Put drawn corners that lie near a border on it."""
        fresh = sorted({c for line in self.lines for c in line} - self.settled)
        if not fresh:
            return False
        self.settled.update(fresh)
        near = self._find_near(fresh)
        moved = {
            fresh[index]: place
            for index, edges in near.items()
            if (place := self._on_border(fresh[index], edges)) is not None
        }
        self.settled.update(moved.values())
        moved = {corner: place for corner, place in moved.items() if corner != place}
        self.lines = [[moved.get(corner, corner) for corner in line] for line in self.lines]
        return bool(moved)

    def _find_near(self, corners: Sequence[Place]) -> dict[int, Ints]:
        """Return which corners may belong on an edge, and the edges that lie so near."""
        points = np.asarray(shapely.points(np.array(corners)), dtype=object)
        found = self._tree.query(points, predicate="dwithin", distance=2 * NEAR_DEG)
        corner, edge = found[:, np.lexsort(found[::-1])]
        which, begins = np.unique(corner, return_index=True)
        edges = np.split(edge, begins[1:]) if len(which) else []
        return dict(zip(which.tolist(), edges, strict=True))

    def _on_border(self, corner: Place, near: Ints) -> Place | None:
        """Return where on an edge near by a corner belongs, if it does."""
        x, y = corner
        cuts = [place for index in near.tolist() for place in self.cuts.get(index, ())]
        ends = np.unique(self.edges[near].reshape(-1, 2), axis=0)
        posts = np.concatenate([ends, np.array(cuts).reshape(-1, 2)])
        away = np.hypot(posts[:, 0] - x, posts[:, 1] - y)
        if away.min() <= NEAR_DEG:
            px, py = posts[np.argmin(away)].tolist()
            return px, py
        share, apart = project(np.array([[x, y]]), self.edges[near])
        index = int(np.argmin(apart))
        if apart[index] > NEAR_DEG:
            return None
        return self._cut(int(near[index]), float(share[index]))

    def _cut(self, index: int, share: float) -> Place:
        """Make a corner on an edge, or take the one that is there already."""
        edge = self.edges[index]
        place = point_on(edge, share)
        posts = np.concatenate([edge.reshape(2, 2), np.array(self.cuts[index]).reshape(-1, 2)])
        close = np.hypot(posts[:, 0] - place[0], posts[:, 1] - place[1]) <= NEAR_DEG
        if close.any():
            px, py = posts[np.argmax(close)].tolist()
            return px, py
        self._meetings += 1
        if self._meetings > MOST_MEETINGS:
            _refuse_crowded(self.lines)
        self.cuts[index].append(place)
        self.settled.add(place)
        return place

    def _pieces(self) -> tuple[Chain, Ints]:
        """Return the edges as the corners divide them by now, and which edge each belongs to."""
        chains, owner = [], []
        whole = np.ones(len(self.edges), dtype=bool)
        for index, places in self.cuts.items():
            whole[index] = not places
            edge = self.edges[index]
            ends = (edge[0], edge[1]), (edge[2], edge[3])
            chains.append(chain_of([ends[0], *_in_order(edge, places), ends[1]]))
            owner += [index] * len(chains[-1])
        rest = np.flatnonzero(whole)
        kept = [c for c, i in zip(chains, self.cuts, strict=True) if not whole[i]]
        owner = [index for index in owner if not whole[index]]
        return (
            np.concatenate([self.edges[rest], *kept]),
            np.concatenate([rest, np.array(owner, np.int64)]),
        )

    def _drawn(self) -> tuple[Chain, list[tuple[int, int]]]:
        """Return the drawn segments, and the line and position of each."""
        chains = [chain_of(line) for line in self.lines]
        where = [(i, j) for i, chain in enumerate(chains) for j in range(len(chain))]
        return np.concatenate([EMPTY, *chains]), where

    def _insert(self, found: Mapping[tuple[int, int], list[Place]]) -> bool:
        for line, position in sorted(found, reverse=True):
            ends = self.lines[line][position : position + 2]
            new = _in_order(np.array([*ends[0], *ends[1]]), found[line, position])
            self.lines[line][position + 1 : position + 1] = new
        return bool(found)

    def _pass_posts(self) -> bool:
        """Lead drawn segments through the corners near which they pass."""
        segments, where = self._drawn()
        pieces, _ = self._pieces()
        ends = np.concatenate([pieces.reshape(-1, 2), segments.reshape(-1, 2)])
        posts = np.unique(ends, axis=0)
        firm = {tuple(place) for place in pieces.reshape(-1, 2).tolist()}
        segment, post = self._pairs(
            segments, np.asarray(shapely.points(posts), dtype=object), NEAR_DEG
        )
        share, apart = project(posts[post], segments[segment])
        inside = (share > 0.0) & (share < 1.0) & (apart <= NEAR_DEG)
        found: dict[tuple[int, int], list[Place]] = defaultdict(list)
        for s, p in zip(segment[inside].tolist(), post[inside].tolist(), strict=True):
            place = (float(posts[p, 0]), float(posts[p, 1]))
            x0, y0, x1, y1 = segments[s].tolist()
            near_end = min(
                np.hypot(place[0] - x0, place[1] - y0), np.hypot(place[0] - x1, place[1] - y1)
            )
            # A drawn corner beside the end of its neighbour is no post: the line would fold back.
            if place not in {(x0, y0), (x1, y1)} and (place in firm or near_end > NEAR_DEG):
                found[where[s]].append(place)
        return self._insert(found)

    def _cross_edges(self) -> bool:
        segments, where = self._drawn()
        pieces, owner = self._pieces()
        if not len(pieces):
            return False
        segment, piece = self._pairs(segments, lines_of(pieces), 0.0)
        share = crossing_share(pieces[piece], segments[segment])
        found: dict[tuple[int, int], list[Place]] = defaultdict(list)
        for s, p, at in zip(segment.tolist(), piece.tolist(), share.tolist(), strict=True):
            if np.isnan(at):
                continue
            x, y = point_on(pieces[p], at)
            index = int(owner[p])
            along, _ = project(np.array([[x, y]]), self.edges[index : index + 1])
            place = self._cut(index, float(along[0]))
            if place not in self.lines[where[s][0]][where[s][1] : where[s][1] + 2]:
                found[where[s]].append(place)
        return self._insert(found)

    def _cross_itself(self) -> bool:
        segments, where = self._drawn()
        if not len(segments):
            return False
        one, other = self._pairs(segments, lines_of(segments), 0.0)
        one, other = one[one < other], other[one < other]
        share = crossing_share(segments[one], segments[other])
        self._crossings += int(np.count_nonzero(~np.isnan(share)))
        if self._crossings > MOST_MEETINGS:
            _refuse_crowded(self.lines)
        found: dict[tuple[int, int], list[Place]] = defaultdict(list)
        for a, b, at in zip(one.tolist(), other.tolist(), share.tolist(), strict=True):
            if not np.isnan(at):
                place = point_on(segments[a], at)
                found[where[a]].append(place)
                found[where[b]].append(place)
        return self._insert(found)

    def _pairs(
        self, segments: Chain, others: NDArray[np.object_], near: float
    ) -> tuple[Ints, Ints]:
        """Pair segments with what lies near them."""
        lines = lines_of(segments)
        tree = shapely.STRtree(others)
        step = max(1, _PAIRS_AT_ONCE // max(len(others), 1))
        found = [np.empty((2, 0), np.int64)]
        count = 0
        for begin in range(0, len(lines), step):
            few = lines[begin : begin + step]
            if near:
                pairs = tree.query(few, predicate="dwithin", distance=near)
            else:
                pairs = tree.query(few, predicate="intersects")
            found.append(pairs + np.array([[begin], [0]]))
            count += pairs.shape[1]
            if count > MOST_PAIRS:
                _refuse_crowded(self.lines)
        segment, other = np.hstack(found)
        return segment, other


def _refuse_crowded(lines: Sequence[Sequence[Place]]) -> NoReturn:
    lon, lat = lines[0][0]
    raise Refused(
        f"the drawing from {format_place(lon, lat)} on meets borders or itself more than "
        f"{MOST_MEETINGS:,} times; draw it with fewer corners, without crossing itself",
        lon=lon,
        lat=lat,
        codes=[],
    )


def _in_order(segment: Floats, places: Iterable[Place]) -> list[Place]:
    unique = sorted(set(places))
    share, _ = project(np.array(unique).reshape(-1, 2), np.tile(segment, (len(unique), 1)))
    return [unique[i] for i in np.argsort(share, kind="stable")]


def _without_repeats(line: Sequence[Place]) -> list[Place]:
    return [place for i, place in enumerate(line) if i == 0 or place != line[i - 1]]

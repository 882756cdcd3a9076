"""How are streets drawn so that everything between them fits without a gap?

The district is cut by lines, each piece again, down to blocks. A cut adds its two ends to the
lines it meets, so both sides of a line know all its junctions and share every vertex. Nothing is
ever snapped together afterwards. Points are whole decimetres in valley coordinates.

::

    +--------+-----+      the cut c ends on a and b: its ends become vertices of a and b
    |   a    |     |      for the pieces on both of their sides
    +---+----+     |
    |   |c   |     |
    +---+----+-----+
        b
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import shapely

from gis.demo.terrain import bend

Node = tuple[int, int]
Key = tuple[str, str, int]

_SAMPLE_DM = 300
_SAMPLE_CLEAR_DM = 100
_MERGE_DM = 80


@dataclass
class Line:
    """A street or other straight line of the design, from ``a`` to ``b``.

    ``rank`` is the class of the road (0 widest); ``key`` names lines that continue each other.
    ``ends`` are the numbers of the lines on which it ends.
    """

    a: Node
    b: Node
    rank: int
    key: Key
    ends: tuple[int, int] = (-1, -1)
    crossings: list[Node] = field(default_factory=list)

    def position(self, node: Node) -> float:
        """Distance from ``a`` along the line, in decimetres."""
        du, dv = self.b[0] - self.a[0], self.b[1] - self.a[1]
        along = (node[0] - self.a[0]) * du + (node[1] - self.a[1]) * dv
        return along / math.sqrt(du * du + dv * dv)

    def settle(self, node: Node) -> Node:
        """Register a junction, or return the one that is already within 8 m."""
        for known in self.crossings:
            if abs(known[0] - node[0]) + abs(known[1] - node[1]) < _MERGE_DM:
                return known
        self.crossings.append(node)
        return node

    def chain(self) -> list[Node]:
        """Junctions, and between them a vertex every 30 m so that the line can bend."""
        du, dv = self.b[0] - self.a[0], self.b[1] - self.a[1]
        count = max(1, round(math.sqrt(du * du + dv * dv) / _SAMPLE_DM))
        nodes = list(self.crossings)
        taken = [self.position(node) for node in nodes]
        for k in range(1, count):
            node = (self.a[0] + round(du * k / count), self.a[1] + round(dv * k / count))
            at = self.position(node)
            if all(abs(at - other) > _SAMPLE_CLEAR_DM for other in taken):
                nodes.append(node)
        return sorted(nodes, key=self.position)


@dataclass(frozen=True)
class Piece:
    """A convex piece: its corners counter-clockwise; edge ``i`` lies on line ``lines[i]``."""

    corners: tuple[Node, ...]
    lines: tuple[int, ...]

    def extent(self) -> tuple[int, int, int, int]:
        """Smallest u and v, largest u and v, in decimetres."""
        us, vs = [c[0] for c in self.corners], [c[1] for c in self.corners]
        return min(us), min(vs), max(us), max(vs)


class Network:
    """All lines, and the cutting of pieces by them."""

    def __init__(self, corners: tuple[Node, ...]) -> None:
        self.lines: list[Line] = []
        self._chains: dict[int, list[Node]] = {}
        for i, corner in enumerate(corners):
            following = corners[(i + 1) % len(corners)]
            edge = Line(corner, following, 9, ("", "edge", i), crossings=[corner, following])
            self.lines.append(edge)
        self.whole = Piece(corners, tuple(range(len(corners))))

    def cut(
        self, piece: Piece, at: Node, towards: Node, *, rank: int, key: Key
    ) -> tuple[Piece, Piece] | None:
        """Cut a piece by the line through ``at`` along ``towards``.

        Returns the piece left and the piece right of the line, or None where it does not cross.
        """
        ring, hits = self._insert(piece, at, towards)
        if len(hits) != 2 or (hits[1] - hits[0]) in (1, len(ring) - 1):
            return None
        first, second = (ring[i][0] for i in hits)
        ends = (ring[hits[0]][1], ring[hits[1]][1])
        number = len(self.lines)
        self.lines.append(Line(first, second, rank, key, ends, [first, second]))
        inner = ring[hits[0] : hits[1]]
        outer = ring[hits[1] :] + ring[: hits[0]]
        one = _close(inner, second, number)
        other = _close(outer, first, number)
        middle = _mean(one.corners)
        left = _side(middle, at, towards) > 0
        return (one, other) if left else (other, one)

    def _insert(
        self, piece: Piece, at: Node, towards: Node
    ) -> tuple[list[tuple[Node, int]], list[int]]:
        sides = [_side(corner, at, towards) for corner in piece.corners]
        ring: list[tuple[Node, int]] = []
        hits: list[int] = []
        for i, (corner, line) in enumerate(zip(piece.corners, piece.lines, strict=True)):
            j = (i + 1) % len(sides)
            if sides[i] == 0.0:
                hits.append(len(ring))
            ring.append((corner, line))
            if sides[i] * sides[j] < 0.0:
                share = sides[i] / (sides[i] - sides[j])
                end = piece.corners[j]
                node = (
                    corner[0] + round((end[0] - corner[0]) * share),
                    corner[1] + round((end[1] - corner[1]) * share),
                )
                node = self.lines[line].settle(node)
                if node == corner:
                    hits.append(len(ring) - 1)
                elif node != end:
                    hits.append(len(ring))
                    ring.append((node, line))
                else:
                    hits.append(len(ring) if j else 0)
        return ring, sorted(dict.fromkeys(hits))

    def nodes(self, number: int) -> list[Node]:
        """All vertices of a line in order; to be asked when all cuts are made."""
        if number not in self._chains:
            self._chains[number] = self.lines[number].chain()
        return self._chains[number]

    def edge(self, number: int, start: Node, end: Node) -> list[Node]:
        """The vertices of a line from ``start`` to ``end``, both included."""
        chain = self.nodes(number)
        i, j = chain.index(start), chain.index(end)
        return chain[i : j + 1] if i <= j else chain[j : i + 1][::-1]

    def ring(self, piece: Piece) -> list[Node]:
        """The vertices around a piece, counter-clockwise, the first not repeated."""
        found: list[Node] = []
        for i, line in enumerate(piece.lines):
            end = piece.corners[(i + 1) % len(piece.corners)]
            found += self.edge(line, piece.corners[i], end)[:-1]
        return found


def ground(nodes: list[Node]) -> list[tuple[float, float]]:
    """Bend whole decimetres of the design to metres around the centre."""
    return [bend(u / 10.0, v / 10.0) for u, v in nodes]


def ground_polygon(nodes: list[Node]) -> shapely.Polygon:
    """Bend a ring to a polygon in metres around the centre."""
    return shapely.Polygon(ground(nodes))


def _side(node: Node, at: Node, towards: Node) -> float:
    """Decimetres left of a line; 0 when nearer than 4 m."""
    length = math.sqrt(towards[0] * towards[0] + towards[1] * towards[1])
    cross = towards[0] * (node[1] - at[1]) - towards[1] * (node[0] - at[0])
    return 0.0 if abs(cross) < 40.0 * length else cross / length


def _close(ring: list[tuple[Node, int]], end: Node, line: int) -> Piece:
    return Piece((*(c for c, _ in ring), end), (*(number for _, number in ring), line))


def _mean(corners: tuple[Node, ...]) -> Node:
    count = len(corners)
    return sum(c[0] for c in corners) // count, sum(c[1] for c in corners) // count

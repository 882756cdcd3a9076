"""Which plans do the benchmarks of lookup draw, of any size and without keeping them in memory?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

SEED = 20261123
STEPS = 9  # edges a side: 36 a grid, 37 vertices with the closing one
SHAKE, WIGGLE = 0.2, 0.04


class Lattice:
    """Grids in rows and columns whose corners are shaken and whose sides wiggle.

    Neighbours share every vertex, snapped to 1e-7 degrees as plans are. A side is drawn anew from
    its number, so any row of grids can be had at any time.

    ::

        +~~~+~~~~+
        {   }     \\
        +~~~~+~~~~+
    """

    def __init__(self, columns: int, rows: int, bounds: tuple[float, float, float, float]) -> None:
        self.columns, self.rows = columns, rows
        self.west, self.south, self.east, self.north = bounds
        self._step = np.array([(self.east - self.west) / columns, (self.north - self.south) / rows])

    def __len__(self) -> int:
        return self.columns * self.rows

    def __iter__(self) -> Iterator[shapely.Polygon]:
        for row in range(self.rows):
            yield from self.draw_row(row)

    def draw_row(self, row: int) -> np.ndarray:
        """Draw the grids of a row, from west to east."""
        south, north = self._draw_line(row), self._draw_line(row + 1)
        uprights = self._draw_uprights(row, south[:, 0], north[:, 0])
        rings = np.concatenate(
            [
                south[:-1, :-1],
                uprights[1:, :-1],
                north[:-1, :0:-1],
                uprights[:-1, ::-1],
            ],
            axis=1,
        )
        return shapely.polygons(np.round(rings, 7))

    def _draw_line(self, line: int) -> np.ndarray:
        # (columns + 1, STEPS + 1, 2): from each corner of a line to the next one.
        corners = self._draw_corners(line)
        following = np.roll(corners, -1, axis=0)
        return self._wiggle(corners, following, np.random.default_rng((SEED, 1, line)))

    def _draw_uprights(self, row: int, south: np.ndarray, north: np.ndarray) -> np.ndarray:
        return self._wiggle(south, north, np.random.default_rng((SEED, 2, row)))

    def _draw_corners(self, line: int) -> np.ndarray:
        random = np.random.default_rng((SEED, 0, line))
        places = np.column_stack(
            [np.arange(self.columns + 1), np.full(self.columns + 1, line)]
        ) + random.uniform(-SHAKE, SHAKE, (self.columns + 1, 2))
        return places * self._step + (self.west, self.south)

    def _wiggle(
        self, starts: np.ndarray, ends: np.ndarray, random: np.random.Generator
    ) -> np.ndarray:
        shares = np.linspace(0.0, 1.0, STEPS + 1)[:, None]
        sides = starts[:, None] * (1.0 - shares) + ends[:, None] * shares
        sides[:, 1:-1] += random.uniform(-WIGGLE, WIGGLE, (len(starts), STEPS - 1, 2)) * self._step
        return sides

    def scatter(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw seeded points evenly within the bounds."""
        random = np.random.default_rng(SEED)
        return (
            random.uniform(self.west, self.east, count),
            random.uniform(self.south, self.north, count),
        )

"""Do the grids that we find agree with the areas that the source names?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from gis.coords import points_to_metric, to_metric
from gis.plan import Level, Plan


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the located grid is the expected one.

    ``named`` reports name an expected area; ``agree`` of them lie in it; ``in_none`` lie in no
    grid at all; ``unknown`` name an area that the plan does not have; ``largest_distance_m`` is
    the farthest that a located report lies from the area it should be in.
    """

    named: int
    agree: int
    in_none: int
    unlocated: int
    unknown: int
    unknown_examples: tuple[str, ...]
    largest_distance_m: float

    @property
    def rate(self) -> float:
        """Share of the reports that name an area and lie in it."""
        return self.agree / self.named if self.named else float("nan")


class AgreementCount:
    """Compare block after block with the areas that the source expects."""

    def __init__(self, plan: Plan, metric_srid: int) -> None:
        self._srid = metric_srid
        self._level_of = {grid.code: grid.level for grid in plan}
        self._ancestor = {
            grid.code: {Level(above.level): above.code for above in plan.ancestors(grid.code)}
            | {grid.level: grid.code}
            for grid in plan
        }
        shapes = to_metric(
            np.array([grid.geometry for grid in plan], dtype=object), srid=metric_srid
        )
        shapely.prepare(shapes)
        self._shape_of = dict(zip((grid.code for grid in plan), shapes, strict=True))
        self._named = self._agree = self._in_none = self._unlocated = self._unknown = 0
        self._examples: dict[str, None] = {}
        self._largest_m = 0.0

    def add(self, frame: pd.DataFrame) -> None:
        """Compare a located block by its columns ``expected``, ``code`` and ``position``."""
        expected = frame["expected"].fillna("").astype(str).str.strip()
        named = (expected != "").to_numpy()
        pairs = zip(expected, frame["code"], strict=True)
        agrees = np.fromiter((self._same(*pair) for pair in pairs), dtype=bool, count=len(frame))
        known = expected.isin(self._level_of.keys()).to_numpy()
        position = frame["position"].to_numpy()
        self._named += int(named.sum())
        self._agree += int((named & agrees).sum())
        self._in_none += int((named & (position == "outside")).sum())
        self._unlocated += int((named & (position == "unlocated")).sum())
        self._unknown += int((named & ~known).sum())
        for name in expected[named & ~known].unique()[:5]:
            if len(self._examples) < 5:
                self._examples[name] = None
        away = named & known & ~agrees & (position != "unlocated")
        self._measure(frame[away], expected[away])

    def _same(self, expected: str, code: str | None) -> bool:
        level = self._level_of.get(expected)
        if level is None or not isinstance(code, str):
            return False
        return self._ancestor[code].get(level) == expected

    def _measure(self, frame: pd.DataFrame, expected: pd.Series) -> None:
        if frame.empty:
            return
        x, y = points_to_metric(frame["lon"], frame["lat"], srid=self._srid)
        shapes = np.array([self._shape_of[code] for code in expected], dtype=object)
        self._largest_m = max(
            self._largest_m, float(shapely.distance(shapes, shapely.points(x, y)).max())
        )

    def result(self) -> Agreement:
        """Return what was counted so far."""
        return Agreement(
            named=self._named,
            agree=self._agree,
            in_none=self._in_none,
            unlocated=self._unlocated,
            unknown=self._unknown,
            unknown_examples=tuple(self._examples),
            largest_distance_m=self._largest_m,
        )

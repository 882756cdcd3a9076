"""How large and how busy are the grids of a draft, in figures that JSON can hold?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from api.tasks.ground import Ground
from gis.plan import Grid, Plan
from gis.plan.checks import Limits
from gis.plan.measures import Measures, measure_grids

_DIGITS = {"area_m2": 1, "perimeter_m": 1, "polsby_popper": 4, "reock": 4, "load_deviation": 4}

Row = dict[str, Any]


def measure_rows(
    plan: Plan, codes: Collection[str], ground: Ground, limits: Limits, *, metric_srid: int
) -> dict[str, Row]:
    """Measure some grids of a plan; codes that it does not have are passed over."""
    found = measure_grids(
        plan,
        [code for code in codes if code in plan],
        metric_srid=metric_srid,
        work=ground.work,
        weights=limits.load_weights,
    )
    return {code: _write_row(plan[code], measures) for code, measures in found.items()}


def _write_row(grid: Grid, measures: Measures) -> Row:
    """Write counts without decimals, and leave out what nobody has counted."""
    figures = {
        name: round(value, _DIGITS.get(name, 3)) if isinstance(value, float) else value
        for name, value in asdict(measures).items()
        if value is not None
    }
    counted = {name: n for name, n in figures.items() if name not in _DIGITS}
    whole = {name: int(n) for name, n in counted.items() if n % 1 == 0}
    about = {"code": grid.code, "name": grid.name, "level": grid.level.value, "parent": grid.parent}
    return about | figures | whole

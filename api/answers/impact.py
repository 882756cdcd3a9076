"""How is the comparison of two plans told as JSON?"""

from __future__ import annotations

from typing import Any

from api.tasks.comparing import Compared
from gis.plan.impact import State
from gis.plan.lineage import LineageRow
from maps.diff import Side


def tell_impact(compared: Compared) -> dict[str, Any]:
    """Write a comparison as JSON can hold it; its ground and borders go out as GeoJSON."""
    impact = compared.impact
    return {
        "before": _tell_side(compared.before),
        "after": _tell_side(compared.after),
        "level": impact.level.value,
        "kinds": list(impact.kinds),
        "totals": [
            {"kind": t.kind, "moved": t.moved, "recoded": t.recoded, "everything": t.everything}
            for t in impact.totals
        ],
        "handovers": [
            {
                "from": {"code": row.from_code, "name": row.from_name},
                "to": {"code": row.to_code, "name": row.to_name},
                "kind": row.kind,
                "is_move": row.is_move,
                "area_m2": round(row.area_m2, 1),
                **row.amounts,
            }
            for row in impact.handovers
        ],
        "grids": [
            {
                "code": grid.code,
                "before": _tell_state(grid.before),
                "after": _tell_state(grid.after),
            }
            for grid in impact.changed
        ],
        "new_borders_m": round(impact.new_borders.length_m, 1),
        "vanished_borders_m": round(impact.vanished_borders.length_m, 1),
        "lineage": [tell_lineage(row) for row in impact.lineage],
    }


def tell_lineage(row: LineageRow) -> dict[str, Any]:
    """Write a row of lineage as JSON can hold it."""
    return {name: getattr(row, name) for name in row.__dataclass_fields__} | {
        "level": row.level.value
    }


def _tell_side(side: Side) -> dict[str, Any]:
    return {
        "name": side.name or None,
        "revision": side.revision_id,
        "effective_from": side.effective_from.isoformat() if side.effective_from else None,
        "effective_to": side.effective_to.isoformat() if side.effective_to else None,
    }


def _tell_state(state: State | None) -> dict[str, Any] | None:
    if state is None:
        return None
    return {
        "name": state.name,
        "parent": state.parent,
        "area_m2": round(state.area_m2, 1),
        **state.amounts,
        "load": state.load,
        "deviation": None if state.deviation is None else round(state.deviation, 4),
    }

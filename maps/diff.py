"""What changes, where, and for whom? Two plans on one map, with everything that changes hands."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import folium
import numpy as np
import shapely

from gis.plan.impact import Handover, Impact, State
from gis.plan.model import Grid, Plan
from maps import style
from maps.layers import BaseMap, add_base, add_grids, label_base, place_area_label, start_map
from maps.offline import AssetMode
from maps.packing import PackedGeoJson
from maps.page import Mount, describe_revision, list_levels, render_page
from maps.text import Translate, choose_language, translator

DEVIATION_BOUNDS = (-0.25, -0.1, 0.1, 0.25)
"""Where the classes of deviation from the mean load meet."""
_SAME_PLACE_DEG = 1e-9


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two plans, with what says which one it is.

    ``name`` is that of a draft, or empty; the other fields are those of a revision, which is not
    ``is_published`` while it is staged.
    """

    plan: Plan = field(repr=False)
    name: str = ""
    revision_id: int | None = None
    effective_from: datetime | None = None
    effective_to: datetime | None = None
    is_published: bool = True


@dataclass(frozen=True, slots=True)
class DiffView:
    """All that the map of a change shows, as values."""

    district: str
    before: Side
    after: Side
    impact: Impact
    zone: str = "Asia/Shanghai"


def draw_diff(
    view: DiffView,
    base: BaseMap,
    lang: str,
    assets: AssetMode,
    *,
    tile_url: str | None = None,
) -> str:
    """Draw what changes from one plan to another as one HTML page.

    Parameters
    ----------
    view
        Both plans and their comparison, from :func:`gis.plan.impact.compare`.
    base
        Layers to find one's way by.
    lang
        ``zh`` or ``en``.
    assets
        ``InlineAssets(folder)`` for a file that stands alone, ``ServedAssets()`` for the server.
    tile_url
        Address of raster tiles on the intranet, if there are any.

    Returns
    -------
    str
        HTML; it holds figures by grid and no position of a household or report.
    """
    _ = translator(choose_language(lang))
    drawn = start_map(tile_url)
    layers = add_base(drawn, base) | _add_layers(drawn, view)
    Mount("mountDiff", layers).add_to(drawn)
    sides = [_describe_side(side, view.zone, _) for side in (view.before, view.after)]
    return render_page(
        drawn,
        page="diff",
        data=_collect(view, base, sides, _),
        context={
            "title": _("{district}: change of boundaries").format(district=view.district),
            "period": " → ".join(sides),
            "before": sides[0],
            "after": sides[1],
        },
        language=lang,
        assets=assets,
    )


def _add_layers(drawn: folium.Map, view: DiffView) -> dict[str, PackedGeoJson]:
    level, impact = view.impact.level, view.impact
    old, new = view.before.plan, view.after.plan
    roots = [g.geometry for plan in (old, new) for g in plan if g.parent is None]
    pieces = [row.geometry for row in impact.handovers if row.geometry is not None]
    shapes = {
        "outline": [shapely.union_all(roots)],
        "before": [grid.geometry for grid in old.at(level)],
        "after": [grid.geometry for grid in new.at(level)],
        "context": [grid.geometry for grid in _wider(view)],
        "moved": pieces,
    }
    layers = {name: add_grids(drawn, name, own) for name, own in shapes.items()}
    lines = {
        "vanished": _lines("vanished", impact.vanished_borders.lines, style.VANISHED, "7 5"),
        "new": _lines("new", impact.new_borders.lines, style.NEW, None),
    }
    return layers | {name: layer.add_to(drawn) for name, layer in lines.items()}


def _wider(view: DiffView) -> tuple[Grid, ...]:
    """Return the areas one level up, to find one's way by."""
    plan = view.after.plan
    above = [level for level in plan.levels if level.rank < view.impact.level.rank]
    return plan.at(above[-1]) if above else ()


def _lines(name: str, lines: Any, colour: str, dashes: str | None) -> PackedGeoJson:
    return PackedGeoJson(
        [lines],
        name=name,
        show=False,
        style_function=lambda _: {
            "color": colour,
            "weight": 3,
            "opacity": 1,
            "fill": False,
            "lineCap": "butt",
            **({"dashArray": dashes} if dashes else {}),
        },
        pane="marked",
        interactive=False,
    )


def _describe_side(side: Side, zone: str, _: Translate) -> str:
    if side.name and side.revision_id is None:
        return _("draft: {name}").format(name=side.name)
    told = describe_revision(side.revision_id, side.effective_from, side.effective_to, zone, _)
    if side.revision_id is not None and not side.is_published:
        told = _("No. {id}, not published").format(id=side.revision_id)
    return f"{side.name} · {told}" if side.name else told


def _collect(view: DiffView, base: BaseMap, sides: list[str], _: Translate) -> dict[str, Any]:
    """Gather what the page's script draws from: figures and names, no geometry."""
    impact = view.impact
    kinds = {
        "households": _("Households"),
        "buildings": _("Buildings"),
        "addresses": _("Addresses"),
        "reports_per_year": _("Reports a year"),
        "open_reports": _("Open reports"),
        "cameras": _("Cameras"),
        "staff": _("Staff"),
    }
    old, new = view.before.plan, view.after.plan
    places: list[dict[str, int]] = [
        {grid.code: i for i, grid in enumerate(side.plan.at(impact.level))}
        for side in (view.before, view.after)
    ]
    spots = {
        (i, code): place_area_label(side.plan[code].geometry)
        for i, side in enumerate((view.before, view.after))
        for code in places[i]
    }
    shown = -1
    handovers = []
    for row in impact.handovers:
        shown += row.geometry is not None
        handovers.append(_row(row, shown, old, new))
    return {
        "sides": sides,
        "level": list_levels([impact.level], _)[0]["label"],
        "kinds": [{"id": kind, "label": kinds.get(kind, kind)} for kind in impact.kinds],
        "totals": [[t.kind, t.moved, t.everything, t.recoded] for t in impact.totals],
        "handovers": handovers,
        "grids": [
            {
                "code": grid.code,
                "changed": grid.is_changed,
                "before": _state(grid.before, (0, grid.code), places, spots, old),
                "after": _state(grid.after, (1, grid.code), places, spots, new),
            }
            for grid in impact.grids
        ],
        "context": [
            dict(
                zip(
                    ("name", "lon", "lat"),
                    (grid.name, *place_area_label(grid.geometry)[:2]),
                    strict=True,
                )
            )
            for grid in _wider(view)
        ],
        "borders": {
            "new": round(impact.new_borders.length_m),
            "vanished": round(impact.vanished_borders.length_m),
        },
        "bounds": DEVIATION_BOUNDS,
        "colours": {
            "deviation": style.DEVIATION,
            "kinds": style.CHANGES,
            "new": style.NEW,
            "vanished": style.VANISHED,
            "noData": style.NO_DATA,
        },
        "labels": label_base(base),
        "fileName": "_".join([view.district, _("Change of boundaries")]),
    }


_Spots = dict[tuple[int, str], tuple[float, float, float]]


def _row(row: Handover, shown: int, before: Plan, after: Plan) -> dict[str, Any]:
    return {
        "from": [row.from_code, row.from_name],
        "to": [row.to_code, row.to_name],
        "kind": row.kind,
        "area_m2": round(row.area_m2),
        "amounts": list(row.amounts.values()),
        "shape": shown if row.geometry is not None else -1,
        "arrow": _arrow(row, before, after),
    }


def _arrow(row: Handover, before: Plan, after: Plan) -> list[float] | None:
    """Return the middle of the border that the ground passes over, and the way (lon, lat each).

    It passes into a grid that was there before, or else out of one that still is.
    """
    if row.geometry is None or not row.is_move or row.from_code is None or row.to_code is None:
        return None
    if row.to_code in before:
        return _cross(row.geometry, before[row.to_code].geometry, 1.0)
    if row.from_code in after:
        return _cross(row.geometry, after[row.from_code].geometry, -1.0)
    return None


def _cross(ground: Any, other: Any, way: float) -> list[float] | None:
    """Return the middle of the common border, and the direction across it out of the ground."""
    edges = shapely.boundary(shapely.orient_polygons(np.array([ground, other], dtype=object)))
    common = shapely.line_merge(shapely.intersection(*edges, grid_size=_SAME_PLACE_DEG))
    lines = [part for part in shapely.get_parts(common) if shapely.get_dimensions(part) == 1]
    if not lines:
        return None
    longest = max(lines, key=shapely.length)
    ends = shapely.line_interpolate_point(longest, [0.45, 0.5, 0.55], normalized=True)
    (x0, y0), (x, y), (x1, y1) = shapely.get_coordinates(ends).tolist()
    shrink = math.cos(math.radians(y))
    east, north = (y1 - y0) / shrink, -(x1 - x0) * shrink
    step = 1e-6 / (math.hypot(east, north) or 1.0)
    ahead = shapely.Point(x + east * step, y + north * step)
    if shapely.distance(ground, ahead) == 0.0:
        east, north = -east, -north
    scale = way * 1e-3 / (math.hypot(east * shrink, north) or 1.0)
    return [round(v, 6) for v in (x, y, x + east * scale, y + north * scale)]


def _state(
    state: State | None,
    key: tuple[int, str],
    places: list[dict[str, int]],
    spots: _Spots,
    plan: Plan,
) -> dict[str, Any] | None:
    if state is None:
        return None
    lon, lat, radius_m = spots[key]
    return {
        "name": state.name,
        "parent": plan[state.parent].name if state.parent is not None else "",
        "area_m2": round(state.area_m2),
        "amounts": list(state.amounts.values()),
        "load": state.load,
        "deviation": None if state.deviation is None else round(state.deviation, 4),
        "shape": places[key[0]][key[1]],
        "lon": lon,
        "lat": lat,
        "radius_m": round(radius_m),
    }

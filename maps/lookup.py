"""Which grid covers a place? The front page: one box to search, a map to click, the answer beside.

The page holds the outlines, codes and names of one revision; every answer comes from the server.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely

from gis.plan.model import Grid, Level
from maps.layers import BaseMap, add_base, add_grids, label_base, place_area_label, start_map
from maps.offline import AssetMode
from maps.page import Mount, describe_revision, list_levels, render_page
from maps.text import choose_language, translator

MOST_ACCURACY_M = 5_000
MOST_NEAR_M = 5_000
"""What the form lets a person ask for, in metres."""


@dataclass(frozen=True, slots=True)
class LookupView:
    """The grids of one revision, as the front page shows them.

    Parameters
    ----------
    title
        What the plan is called.
    grids
        All grids of the revision, EPSG:4490 degrees, widest level first.
    zone
        IANA time zone in which the page writes dates.
    revision_id, effective_from, effective_to
        The revision and when it is in force; None is without bound.
    """

    title: str
    grids: tuple[Grid, ...]
    zone: str
    revision_id: int
    effective_from: datetime | None = None
    effective_to: datetime | None = None

    @property
    def levels(self) -> list[str]:
        """The levels that exist, widest first."""
        here = {grid.level for grid in self.grids}
        return [level.value for level in Level if level in here]


def draw_lookup(view: LookupView, base: BaseMap, lang: str, assets: AssetMode) -> str:
    """Draw the page that asks for the grid of a place as HTML.

    Parameters
    ----------
    view
        The grids to draw; answers come from the server, which the page's script asks.
    base
        Layers to find one's way by.
    lang
        ``zh`` or ``en``.
    assets
        ``ServedAssets()``; inline assets give the same page, which then finds no server to ask.
    """
    _ = translator(choose_language(lang))
    drawn = start_map()
    layers = add_base(drawn, base)
    for level in view.levels:
        layers[level] = add_grids(drawn, level, (grid.geometry for grid in _at(view, level)))
    Mount("mountLookup", layers).add_to(drawn)
    levels = list_levels(view.levels, _)
    revision = describe_revision(
        view.revision_id, view.effective_from, view.effective_to, view.zone, _
    )
    return render_page(
        drawn,
        page="lookup",
        data={
            "levels": levels,
            "levelNames": {each["id"]: each["label"] for each in list_levels(list(Level), _)},
            "grids": _rows(view.grids),
            "labels": label_base(base),
            "revision": view.revision_id,
            "zone": view.zone,
            "example": ", ".join(_example(view)),
        },
        context={
            "title": _("{district}: find a grid").format(district=view.title),
            "period": revision,
            "revision": revision,
            "example": ", ".join(_example(view)),
            "example_grid": view.grids[-1].name or view.grids[-1].code,
            "most_accuracy_m": MOST_ACCURACY_M,
            "most_near_m": MOST_NEAR_M,
            "counts": [(each["label"], len(_at(view, each["id"]))) for each in levels],
        },
        language=lang,
        assets=assets,
    )


def _at(view: LookupView, level: str) -> list[Grid]:
    return [grid for grid in view.grids if grid.level == level]


def _rows(grids: Iterable[Grid]) -> list[list[Any]]:
    """Write grids as the page's script takes them; the parent is a place in the list or -1."""
    rows: list[list[Any]] = []
    place: dict[str, int] = {}
    for grid in grids:
        lon, lat, radius_m = place_area_label(grid.geometry)
        parent = -1 if grid.parent is None else place[grid.parent]
        place[grid.code] = len(rows)
        rows.append([grid.code, grid.name, grid.level, parent, lon, lat, round(radius_m)])
    return rows


def _example(view: LookupView) -> tuple[str, str]:
    """Return the longitude and latitude of a place inside, to show how they are typed."""
    inside = shapely.point_on_surface(view.grids[0].geometry)
    return f"{inside.x:.4f}", f"{inside.y:.4f}"

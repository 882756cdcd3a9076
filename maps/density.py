"""Where do reports gather? The density map of one period on the grids of one revision."""

from __future__ import annotations

from typing import Any

import folium

from gis.reports.density import DensityView, GridFigures
from maps import style
from maps.layers import BaseMap, add_base, add_grids, label_base, place_area_label, start_map
from maps.offline import AssetMode
from maps.packing import PackedGeoJson
from maps.page import (
    Mount,
    describe_moment,
    describe_period,
    describe_revision,
    label_months,
    list_levels,
    render_page,
)
from maps.text import Translate, choose_language, translator

MOST_CLASSES = 6


def draw_density(
    view: DensityView,
    base: BaseMap,
    lang: str,
    assets: AssetMode,
    *,
    tile_url: str | None = None,
) -> str:
    """Draw the density map as one HTML page.

    Parameters
    ----------
    view
        The figures, from :func:`gis.reports.density.view_density`.
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
        HTML; it holds figures by grid and month and no position of a report.
    """
    _ = translator(choose_language(lang))
    drawn = start_map(tile_url)
    layers = add_base(drawn, base)
    for level in view.levels:
        own = [figure.geometry for figure in view.figures if figure.level == level]
        layers[level] = add_grids(drawn, level, own)
    if view.surface:
        layers["surface"] = _add_surface(drawn, view)
    Mount("mountDensity", layers).add_to(drawn)
    period = describe_period(view.since, view.until, view.zone, _)
    return render_page(
        drawn,
        page="density",
        data=_collect(view, base, _) | {"period": period},
        context={
            "title": _("{district}: density of reports").format(district=view.district),
            "period": period,
            "latest": describe_moment(view.latest_report_at, view.zone),
            "imported": describe_moment(view.imported_at, view.zone),
            "revision": describe_revision(
                view.revision_id, view.effective_from, view.effective_to, view.zone, _
            ),
            "counting": _describe_counting(view, _),
            "zone": view.zone,
            "has_surface": view.surface is not None,
        },
        language=lang,
        assets=assets,
    )


def _describe_counting(view: DensityView, _: Translate) -> str:
    """Say which boundaries a report counts on, where that is not those of the map."""
    if not view.as_was:
        return ""
    told = _("in the grid of the day; {n} reports of grids that are gone, in their largest heir")
    return told.format(n=f"{view.carried:,}")


def _collect(view: DensityView, base: BaseMap, _: Translate) -> dict[str, Any]:
    """Gather what the page's script draws from: figures and names, no geometry."""
    place = {figure.code: i for i, figure in enumerate(view.figures)}
    counts = view.counts
    kinds = {
        "suggestion": _("Suggestion"),
        "dispute": _("Dispute"),
        "service_request": _("Service request"),
        "incident": _("Incident"),
    }
    return {
        "levels": list_levels(view.levels, _),
        "start": {"level": _choose_level(view)},
        "grids": [_row(figure, place) for figure in view.figures],
        "codes": [place[code] for code in counts.codes],
        "months": label_months(counts.months, view.since, view.until, view.zone),
        "categories": list(counts.categories),
        "kinds": [kinds.get(kind, kind) for kind in counts.kinds],
        "rows": counts.rows.ravel().tolist(),
        "households": view.households,
        "hasHouseholds": view.households is not None,
        "labels": label_base(base),
        "ramps": {n: style.ramp(style.DENSITY_ANCHORS, n) for n in range(1, MOST_CLASSES + 1)},
        "noData": style.NO_DATA,
        "surface": _describe_surface(view),
        "fileName": f"{view.district}_{view.since:%Y%m%d}-{view.until:%Y%m%d}.csv",
    }


def _choose_level(view: DensityView) -> str:
    """Open the map on grids, or else on the narrowest level that there is."""
    return "grid" if "grid" in view.levels else view.levels[-1]


def _row(figure: GridFigures, place: dict[str, int]) -> list[Any]:
    lon, lat, radius_m = place_area_label(figure.geometry)
    parent = -1 if figure.parent is None else place[figure.parent]
    area_km2 = round(figure.area_km2, 4)
    row = [figure.code, figure.name, figure.level, parent, area_km2, figure.households]
    return [*row, lon, lat, round(radius_m)]


def _surface_colours(view: DensityView) -> list[str]:
    return style.ramp(style.DENSITY_ANCHORS, len(view.surface.bands) if view.surface else 1)


def _add_surface(drawn: folium.Map, view: DensityView) -> PackedGeoJson:
    bands = view.surface.bands if view.surface else ()
    colours = _surface_colours(view)
    layer = PackedGeoJson(
        [band.geometry for band in bands],
        [{"band": i} for i in range(len(bands))],
        name="surface",
        show=False,
        style_function=lambda feature: {
            "stroke": False,
            "fillColor": colours[feature["properties"]["band"]],
            "fillOpacity": 0.92,
        },
        pane="surface",
        interactive=False,
    )
    return layer.add_to(drawn)


def _describe_surface(view: DensityView) -> dict[str, Any] | None:
    if view.surface is None:
        return None
    colours = _surface_colours(view)
    highs = [band.low for band in view.surface.bands[1:]] + [None]
    return {
        "bands": [
            {"low": band.low, "high": high, "color": colour}
            for band, high, colour in zip(view.surface.bands, highs, colours, strict=True)
        ],
        "bandwidth_m": view.surface.bandwidth_m,
        "cell_m": view.surface.cell_m,
        "reports": view.surface.reports,
    }

"""What do the cameras watch, and what not? The camera coverage map, for supervisors."""

from __future__ import annotations

from typing import Any

import folium
import shapely

from gis.cameras.coverage import CoverageView, GridCoverage, KeyCoverage, has_sector
from maps import style
from maps.layers import BaseMap, add_base, add_grids, label_base, place_area_label, start_map
from maps.offline import AssetMode
from maps.packing import PackedGeoJson
from maps.page import Mount, describe_moment, describe_revision, list_levels, render_page
from maps.text import Translate, choose_language, translator

SHARE_BOUNDS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5)
"""Lower bounds of the classes of covered share; the first class begins above zero."""


def draw_coverage(
    view: CoverageView,
    base: BaseMap,
    lang: str,
    assets: AssetMode,
    *,
    tile_url: str | None = None,
) -> str:
    """Draw the camera coverage map as one HTML page.

    Parameters
    ----------
    view
        The figures, from :func:`gis.cameras.coverage.view_coverage`.
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
        HTML; it shows where cameras stand and look, and so is for supervisors only.
    """
    _ = translator(choose_language(lang))
    drawn = start_map(tile_url)
    layers = add_base(drawn, base)
    for level in view.levels:
        own = [grid.geometry for grid in view.grids if grid.level == level]
        layers[level] = add_grids(drawn, level, own)
    layers |= _add_sectors(drawn, view) | _add_keys(drawn, view) | _add_cameras(drawn, view)
    Mount("mountCoverage", layers).add_to(drawn)
    return render_page(
        drawn,
        page="coverage",
        data=_collect(view, base, _),
        context={
            "title": _("{district}: camera coverage").format(district=view.district),
            "period": _("{n} cameras").format(n=len(view.cameras)),
            "imported": describe_moment(view.imported_at, view.zone),
            "revision": describe_revision(
                view.revision_id, view.effective_from, view.effective_to, view.zone, _
            ),
            "has_keys": bool(view.keys),
        },
        language=lang,
        assets=assets,
    )


def _collect(view: CoverageView, base: BaseMap, _: Translate) -> dict[str, Any]:
    """Gather what the page's script draws from: figures and names, no geometry."""
    level = "grid" if "grid" in view.levels else view.levels[-1]
    return {
        "levels": list_levels(view.levels, _),
        "start": {"level": level},
        "grids": [_row(grid) for grid in view.grids],
        "cameras": [
            [c.external_id, c.name, c.heading_deg, c.angle_deg, c.range_m] for c in view.cameras
        ],
        "unknownOf": [i for i, camera in enumerate(view.cameras) if not has_sector(camera)],
        "keys": [_key_row(key) for key in view.keys],
        "share": round(view.covered_share, 4),
        "outside": view.outside,
        "bounds": SHARE_BOUNDS,
        "ramp": style.ramp(style.COVERAGE_ANCHORS, len(SHARE_BOUNDS)),
        "colours": {
            "none": style.NO_CAMERA,
            "sector": style.SECTOR,
            "camera": style.CAMERA,
            "covered": style.COVERED,
            "open": style.OPEN,
        },
        "labels": label_base(base),
        "fileName": "_".join([view.district, _("Camera coverage")]) + ".csv",
    }


def _row(grid: GridCoverage) -> list[Any]:
    lon, lat, radius_m = place_area_label(grid.geometry)
    figures = [round(grid.area_km2, 4), grid.cameras, grid.unknown, round(grid.covered_share, 4)]
    return [grid.code, grid.name, grid.level, *figures, lon, lat, round(radius_m)]


def _key_row(key: KeyCoverage) -> list[Any]:
    west, south, east, north = shapely.bounds(shapely.union(key.covered, key.open)).round(6)
    length_m = None if key.length_m is None else round(key.length_m)
    box = [float(south), float(west), float(north), float(east)]
    return [key.external_id, key.name, key.layer, length_m, round(key.covered_share, 4), box]


def _add_sectors(drawn: folium.Map, view: CoverageView) -> dict[str, PackedGeoJson]:
    known = [sector for sector in view.sectors if sector is not None]
    layer = PackedGeoJson(
        known,
        name="sectors",
        style_function=lambda _: {
            "color": style.SECTOR,
            "weight": 0.8,
            "opacity": 0.9,
            "fillColor": style.SECTOR,
            "fillOpacity": 0.3,
        },
        pane="sectors",
        interactive=False,
    )
    return {"sectors": layer.add_to(drawn)}


def _add_keys(drawn: folium.Map, view: CoverageView) -> dict[str, PackedGeoJson]:
    looks = {
        "open": {"color": style.OPEN, "weight": 4, "opacity": 0.95, "dashArray": "7 6"},
        "covered": {"color": style.COVERED, "weight": 4.5, "opacity": 1},
    }
    layers = {}
    for name, look in looks.items():
        look |= {"fillColor": look["color"], "fillOpacity": 0.35, "lineCap": "butt"}
        parts = [getattr(key, name) for key in view.keys]
        layer = PackedGeoJson(
            parts,
            name=name,
            style_function=lambda feature, look=look: (
                look | {"fill": bool(feature["properties"]["area"])}
            ),
            properties=[{"area": int(shapely.get_dimensions(part) == 2)} for part in parts],
            pane="cameras",
        )
        layers[name] = layer.add_to(drawn)
    return layers


def _add_cameras(drawn: folium.Map, view: CoverageView) -> dict[str, PackedGeoJson]:
    places = [shapely.Point(camera.lon, camera.lat) for camera in view.cameras]
    unknown = [(p, c) for p, c in zip(places, view.cameras, strict=True) if not has_sector(c)]
    circles = PackedGeoJson(
        [place for place, _ in unknown],
        [{"radius_m": max(10.0, camera.range_m)} for _, camera in unknown],
        name="unknown",
        style_function=lambda _: {
            "color": style.CAMERA,
            "weight": 1.2,
            "dashArray": "4 4",
            "fill": False,
        },
        pane="sectors",
        interactive=False,
    )
    dots = PackedGeoJson(
        places,
        [{"unknown": int(not has_sector(camera))} for camera in view.cameras],
        name="cameras",
        style_function=lambda feature: {
            "radius": 3.6,
            "color": style.CAMERA if feature["properties"]["unknown"] else "#ffffff",
            "weight": 1.3,
            "fillColor": "#ffffff" if feature["properties"]["unknown"] else style.CAMERA,
            "fillOpacity": 1,
        },
        pane="cameras",
    )
    return {"unknown": circles.add_to(drawn), "cameras": dots.add_to(drawn)}

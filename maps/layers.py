"""What lies under every map of ours? The district's own base map, grids, and their borders.

No tiles: water, green, roads, rail and buildings are drawn from the project's own layers. Panes
order the drawing: green, coloured grids, then water, buildings and streets as a light relief on
top of the colour (so that a class has one colour everywhere), borders, the marked grid, names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import folium
import shapely
from folium.map import CustomPane

from gis.plan.model import BaseFeature, BaseLayer, Building
from maps import style
from maps.offline import without_remote_links
from maps.packing import PackedGeoJson, encode

PANES = {
    "green": (210, False),
    "fill": (220, True),
    "surface": (230, False),
    "water": (240, False),
    "buildings": (250, False),
    "streets": (260, False),
    "veil": (270, False),
    "borders": (400, False),
    "sectors": (420, False),
    "cameras": (440, True),
    "marked": (450, False),
    "labels": (500, False),
}
"""Name of a pane: its order and whether the mouse reaches it. Each pane is a canvas that covers
the whole map, so only the topmost of those that the mouse reaches hears of it."""

MAX_ZOOM = 19
_SIMPLIFY_BASE_DEG = 2e-6
_LABEL_ZOOMS = {0: 12.5, 1: 14.0, 2: 15.25, 3: 16.25}
_PLACE_ZOOMS = {0: 15.0, 1: 16.0}
_M_PER_DEG = 111_320.0


class Shaped(Protocol):
    """Anything with a geometry in EPSG:4490 degrees."""

    @property
    def geometry(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class BaseMap:
    """The layers to find one's way by; both may be empty."""

    features: tuple[BaseFeature, ...] = ()
    buildings: tuple[Building, ...] = ()

    def of(self, layer: BaseLayer) -> list[BaseFeature]:
        """Return the features of one layer, the important ones first."""
        return sorted((f for f in self.features if f.layer == layer), key=lambda f: f.rank)


def start_map(tile_url: str | None = None) -> folium.Map:
    """Return an empty Folium map without remote links, with our panes.

    Parameters
    ----------
    tile_url
        Address of raster tiles on the intranet; None draws no tiles.
    """
    drawn = folium.Map(
        location=[0, 0],
        zoom_start=3,
        tiles=None,
        prefer_canvas=True,
        control_scale=False,
        attribution_control=False,
        zoom_snap=0.25,
        zoom_delta=0.75,
        wheel_px_per_zoom_level=110,
        max_zoom=MAX_ZOOM,
        max_bounds_viscosity=0.8,
        # Leaflet's name of the same limit, for plug-ins that look for it on a map without tiles.
        maxZoom=MAX_ZOOM,
    )
    drawn._id = "map"
    without_remote_links(drawn)
    if tile_url:
        folium.TileLayer(tile_url, attr=" ", max_zoom=MAX_ZOOM, control=False).add_to(drawn)
    for name, (order, reached) in PANES.items():
        pane = CustomPane(name, z_index=order, pointer_events=reached)
        pane._id = name
        pane.add_to(drawn)
    return drawn


def add_base(drawn: folium.Map, base: BaseMap) -> dict[str, PackedGeoJson]:
    """Add the base map; returns its layers by the name under which the page's script knows them."""
    layers: dict[str, PackedGeoJson] = {}
    for kind in (BaseLayer.GREEN, BaseLayer.WATER):
        layers[str(kind)] = _add(drawn, str(kind), base.of(kind), pane=str(kind))
    layers["buildings"] = _add(drawn, "buildings", base.buildings, pane="buildings", show=False)
    # Lesser streets first, so that main roads run over them.
    roads = list(reversed(base.of(BaseLayer.ROAD)))
    layers["casings"] = _add_roads(drawn, "casings", roads, style.ROAD_CASING)
    layers["roads"] = _add_roads(drawn, "roads", roads, style.ROAD)
    layers["rail"] = _add(drawn, "rail", base.of(BaseLayer.RAIL), pane="streets")
    return layers


def add_grids(
    drawn: folium.Map, name: str, geometries: Iterable[Any], *, fill: str = "#ffffff"
) -> PackedGeoJson:
    """Add one level of grids to the coloured pane, hidden until the page's script chooses it."""
    layer = PackedGeoJson(
        geometries,
        name=name,
        show=False,
        style_function=lambda _: {"stroke": False, "fillColor": fill, "fillOpacity": 0},
        pane="fill",
        smooth_factor=0.6,
    )
    return layer.add_to(drawn)


def label_base(base: BaseMap) -> list[dict[str, Any]]:
    """List the names of the base map, the important first, as the page's script takes them."""
    labels = []
    order = [BaseLayer.WATER, BaseLayer.ROAD, BaseLayer.GREEN, BaseLayer.PLACE, BaseLayer.RAIL]
    for feature in sorted(base.features, key=lambda f: (f.rank, order.index(f.layer))):
        if not feature.name or feature.layer == BaseLayer.RAIL:
            continue
        zooms = _PLACE_ZOOMS if feature.layer == BaseLayer.PLACE else _LABEL_ZOOMS
        label: dict[str, Any] = {
            "text": feature.name,
            "kind": str(feature.layer),
            "zoom": zooms.get(feature.rank, 16.75),
        }
        labels.append(label | _place_label(feature))
    return labels


def place_area_label(geometry: Any) -> tuple[float, float, float]:
    """Return the middle (lon, lat) of the largest circle inside an area and its radius in metres.

    Examples
    --------
    >>> lon, lat, radius_m = place_area_label(shapely.box(117.6, 0.0, 117.61, 0.01))
    >>> round(lon, 4), round(lat, 4), round(radius_m)
    (117.605, 0.005, 557)
    """
    circle = shapely.maximum_inscribed_circle(geometry, tolerance=2e-5)
    (lon, lat), _ = shapely.get_coordinates(circle)
    return round(float(lon), 6), round(float(lat), 6), float(shapely.length(circle)) * _M_PER_DEG


def _place_label(feature: BaseFeature) -> dict[str, Any]:
    shape = feature.geometry
    if shapely.get_dimensions(shape) == 1:
        merged = shapely.line_merge(shape)
        longest = max(shapely.get_parts(merged), key=shapely.length)
        return {"line": encode(shapely.get_coordinates(longest.simplify(2e-5)))}
    if shapely.get_dimensions(shape) == 2:
        if feature.layer == BaseLayer.WATER:
            return {"line": encode(_spine(shape))}
        lon, lat, _ = place_area_label(shape)
    else:
        (lon, lat), *_ = shapely.get_coordinates(shape).round(6).tolist()
    return {"lon": lon, "lat": lat}


def _spine(shape: Any) -> Any:
    """Walk down the middle of a long body of water, in slices across its longer side."""
    west, south, east, north = shape.bounds
    upright = north - south > east - west
    low, high = (south, north) if upright else (west, east)
    points = []
    for step in range(1, 40):
        at = low + (high - low) * step / 40
        across = shapely.box(*((west, at, east, at) if upright else (at, south, at, north)))
        cut = shapely.intersection(shapely.boundary(across), shape)
        parts = [p for p in shapely.get_parts(cut) if shapely.length(p) > 0]
        if parts:
            points.append(shapely.centroid(max(parts, key=shapely.length)))
    return shapely.get_coordinates(points) if len(points) > 1 else shape.exterior.coords


def _add(
    drawn: folium.Map, name: str, features: Sequence[Shaped], *, pane: str, show: bool = True
) -> PackedGeoJson:
    layer = PackedGeoJson(
        [feature.geometry.simplify(_SIMPLIFY_BASE_DEG) for feature in features],
        name=name,
        show=show,
        style_function=lambda _: style.BASE_STYLES[name],
        pane=pane,
        interactive=False,
    )
    return layer.add_to(drawn)


def _add_roads(
    drawn: folium.Map, name: str, roads: Sequence[BaseFeature], look: dict[str, object]
) -> PackedGeoJson:
    widths = [style.ROAD_WIDTHS_PX[min(r.rank, len(style.ROAD_WIDTHS_PX) - 1)] for r in roads]
    layer = PackedGeoJson(
        [road.geometry.simplify(_SIMPLIFY_BASE_DEG) for road in roads],
        [{"w": width} for width in widths],
        name=name,
        style_function=lambda feature: {
            **look,
            "weight": feature["properties"]["w"],
            "fill": False,
            "lineCap": "round",
        },
        pane="streets",
        interactive=False,
    )
    return layer.add_to(drawn)

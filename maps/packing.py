"""How do thousands of outlines fit into one small page?

Each part of a geometry is a line of whole microdegrees (0.1 m), written as differences to the
vertex before, five bits a character with a sixth bit for "goes on": four to six characters a
vertex where GeoJSON takes twenty-three. ``static/unpack.js`` turns them back. The alphabet is
letters, digits, ``-`` and ``_``: branca compiles what Folium rendered as a template once more, so
that a brace or a percent sign in the data would be run.
"""

from __future__ import annotations

import json
import string
from collections.abc import Iterable
from typing import Any

import folium
import numpy as np
import shapely
from folium.template import Template

MICRO = 1e6
ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


class PackedGeoJson(folium.GeoJson):
    """A Folium GeoJson layer whose coordinates travel packed; it carries no text of users.

    Parameters
    ----------
    geometries
        EPSG:4490 degrees.
    properties
        One small dictionary of numbers a geometry, given to the style function.
    style_function
        As in ``folium.GeoJson``.
    options
        Leaflet's layer options (``pane``, ``interactive``, ``smoothFactor`` …).
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
        function {{ this.get_name() }}_styler(feature) {
            switch ({{ this.feature_identifier }}) {
                {%- for style, ids in this.style_map.items() if style != "default" %}
                {% for id in ids %}case {{ id|tojson }}: {% endfor %}return {{ style }};
                {%- endfor %}
                default: return {{ this.style_map["default"] }};
            }
        }
        var {{ this.get_name() }} = L.geoJSON(
            wangge.unpack({{ this.packed }}, {{ this.given }}),
            {
                style: {{ this.get_name() }}_styler,
                pointToLayer: wangge.placePoints({{ this.options|tojavascript }}),
                ...{{ this.options|tojavascript }}
            }
        );
        {% endmacro %}
    """)

    def __init__(
        self,
        geometries: Iterable[shapely.Geometry],
        properties: Iterable[dict[str, Any]] | None = None,
        *,
        name: str,
        style_function: Any,
        show: bool = True,
        **options: Any,
    ) -> None:
        geometries, properties = list(geometries), list(properties or [])
        features = [
            {"type": "Feature", "id": str(i), "properties": given, "geometry": None}
            for i, given in enumerate(properties or [{} for _ in geometries])
        ]
        super().__init__(
            {"type": "FeatureCollection", "features": features},
            style_function=style_function,
            name=name,
            control=False,
            show=show,
            **options,
        )
        self._name, self._id = name, "layer"
        self.style_map = {"default": "{}"}
        self.packed = json.dumps([pack(shape) for shape in geometries], separators=(",", ":"))
        self.given = json.dumps(properties)

    def _get_self_bounds(self) -> list[list[float | None]]:
        return [[None, None], [None, None]]


def pack(geometry: shapely.Geometry) -> list[Any]:
    """Pack one geometry: its dimension, then its parts, each a list of encoded lines.

    Parameters
    ----------
    geometry
        Any geometry in EPSG:4490 degrees; of a collection, the parts of highest dimension stay.

    Returns
    -------
    list
        ``[dimension, [part, …]]``; the lines of a polygon are its shell and its holes.

    Examples
    --------
    >>> pack(shapely.LineString([(117.6, 26.2), (117.600001, 26.199999)]))
    [1, [['g8j_xBgw3pgHBC']]]
    """
    dimension = int(shapely.get_dimensions(geometry))
    if geometry.is_empty:
        return [max(0, dimension), []]
    parts = [p for p in shapely.get_parts(geometry) if shapely.get_dimensions(p) == dimension]
    if dimension == 2:
        lines = [[p.exterior, *p.interiors] for part in parts for p in shapely.get_parts(part)]
    else:
        lines = [[part] for part in parts]
    return [dimension, [[encode(shapely.get_coordinates(line)) for line in part] for part in lines]]


def encode(lon_lat: np.ndarray[Any, np.dtype[np.float64]]) -> str:
    """Encode vertices, shape (n, 2), as one text: latitude before longitude, differences only.

    Examples
    --------
    >>> encode(np.array([[0.000001, -0.000002]]))
    'DC'
    """
    whole = np.rint(lon_lat[:, ::-1] * MICRO).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    if len(steps) > 1:
        moved = np.any(steps != 0, axis=1)
        moved[0] = True
        steps = steps[moved]
    return "".join(_letters(step) for step in steps.ravel().tolist())


def _letters(step: int) -> str:
    rest = ~(step << 1) if step < 0 else step << 1
    text = ""
    while rest >= 0x20:
        text += ALPHABET[0x20 | (rest & 0x1F)]
        rest >>= 5
    return text + ALPHABET[rest]

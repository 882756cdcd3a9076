"""How dense are reports, apart from where the borders happen to run?

A kernel density on a metric raster: reports are counted in cells of at least 50 m, smoothed with a
Gaussian, and handed out as bands between contour lines, in reports per km² and year.

Edge correction after Diggle (1985, Applied Statistics 34:138-147): each report's kernel is scaled
by the part of it that falls inside the district, so that the surface keeps exactly the number of
reports. Nothing is drawn below the height that three reports in one place would reach: a band
therefore never circles the door of a single person.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import cast

import contourpy
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter

from gis.coords import from_metric, points_to_metric, to_metric

Array = NDArray[np.float64]

MIN_CELL_M = 50.0
MIN_BANDWIDTH_M = 150.0
MIN_REPORTS_SHOWN = 3
_BANDWIDTH_SHARE = 0.04
_CELLS_PER_BANDWIDTH = 4.0
_REACH = 4.0
_BANDS = 7
_READABLE = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)


@dataclass(frozen=True, slots=True)
class Band:
    """The area where the density lies in ``[low, high)``; ``geometry`` in EPSG:4490 degrees."""

    low: float
    high: float
    geometry: shapely.Geometry = field(repr=False)


@dataclass(frozen=True, slots=True)
class Surface:
    """A smooth density in reports per km² and year, as disjoint bands from low to high."""

    bands: tuple[Band, ...]
    bandwidth_m: float
    cell_m: float
    reports: int


@dataclass(frozen=True, slots=True)
class Raster:
    """Cells on a metric lattice: ``values[row, column]`` belongs to (``x[column]``, ``y[row]``)."""

    x: Array
    y: Array
    values: Array = field(repr=False)


def choose_bandwidth_m(area_m2: float) -> float:
    """Choose a bandwidth by the size of the district: 4 % of its side, at least 150 m.

    Examples
    --------
    >>> choose_bandwidth_m(20e6), choose_bandwidth_m(600e6)
    (200.0, 1000.0)
    """
    wanted_m = _BANDWIDTH_SHARE * math.sqrt(area_m2)
    return max(MIN_BANDWIDTH_M, round(wanted_m / 50.0) * 50.0)


def smooth_density(
    lon: ArrayLike,
    lat: ArrayLike,
    *,
    district: shapely.Geometry,
    years: float,
    metric_srid: int,
    bandwidth_m: float | None = None,
    cell_m: float | None = None,
) -> Surface | None:
    """Draw the smooth density of reports inside a district.

    Parameters
    ----------
    lon, lat
        Positions in EPSG:4490 degrees, shape (n,); those outside the district are left out.
    district
        Outline in EPSG:4490 degrees.
    years
        Length of the period.
    metric_srid
        Projected CRS in metres.
    bandwidth_m, cell_m
        Standard deviation of the Gaussian and side of a cell (50 m or more); by default chosen
        by :func:`choose_bandwidth_m`, and a quarter of the bandwidth.

    Returns
    -------
    Surface or None
        None when nowhere are there enough reports together to show anything.
    """
    outline = to_metric(district, srid=metric_srid)
    x, y = points_to_metric(lon, lat, srid=metric_srid)
    bandwidth_m = bandwidth_m or choose_bandwidth_m(outline.area)
    cell_m = max(MIN_CELL_M, cell_m or bandwidth_m / _CELLS_PER_BANDWIDTH)
    raster = estimate_density(x, y, outline=outline, bandwidth_m=bandwidth_m, cell_m=cell_m)
    per_year = raster.values / years
    floor = MIN_REPORTS_SHOWN * 1e6 / (2.0 * math.pi * bandwidth_m**2) / years
    heights = choose_heights(floor, float(per_year.max(initial=0.0)))
    if not heights:
        return None
    lines = contourpy.contour_generator(
        raster.x, raster.y, per_year, fill_type=contourpy.FillType.OuterOffset
    )
    bands = []
    for low, high in zip(heights, [*heights[1:], math.inf], strict=True):
        area = shapely.intersection(_trace(lines, low, high), outline)
        if not area.is_empty:
            bands.append(Band(low, high, from_metric(area.simplify(cell_m / 20), srid=metric_srid)))
    return Surface(tuple(bands), bandwidth_m, cell_m, reports=len(x))


def estimate_density(
    x: Array, y: Array, *, outline: shapely.Geometry, bandwidth_m: float, cell_m: float
) -> Raster:
    """Estimate reports per km² on a lattice of cells; the sum over the outline is their number.

    Parameters
    ----------
    x, y
        Positions in metres, shape (n,).
    outline
        The district in metres.
    """
    margin_m = _REACH * bandwidth_m
    west, south, east, north = shapely.bounds(outline)
    edges_x = np.arange(west - margin_m, east + margin_m + cell_m, cell_m)
    edges_y = np.arange(south - margin_m, north + margin_m + cell_m, cell_m)
    middle_x, middle_y = edges_x[:-1] + cell_m / 2, edges_y[:-1] + cell_m / 2
    shapely.prepare(outline)
    inside = shapely.contains_xy(outline, *np.meshgrid(middle_x, middle_y)).astype(float)
    number, _, _ = np.histogram2d(y, x, bins=[edges_y, edges_x])
    touched = np.maximum(inside, number > 0)
    sigma = bandwidth_m / cell_m
    kept = gaussian_filter(touched, sigma, mode="constant", truncate=_REACH)
    scaled = np.divide(number, kept, out=np.zeros_like(number), where=touched > 0)
    smooth = gaussian_filter(scaled, sigma, mode="constant", truncate=_REACH)
    # Outside, the surface goes on instead of dropping to zero, or every contour line would bend
    # along the district's border; the caller clips it.
    return Raster(middle_x, middle_y, smooth * 1e6 / cell_m**2)


def choose_heights(floor: float, top: float) -> list[float]:
    """Choose contour heights at readable numbers, in equal steps of the square root.

    Equal steps would leave quiet areas empty, equal factors would paint the whole town dark.

    Examples
    --------
    >>> choose_heights(12.0, 4500.0)
    [12.0, 200.0, 500.0, 1000.0, 2000.0, 2500.0, 4000.0]
    >>> choose_heights(12.0, 5.0)
    []
    """
    if not floor < top:
        return []
    roots = np.linspace(math.sqrt(floor), math.sqrt(top), _BANDS, endpoint=False)
    wanted = [_round_up(float(root) ** 2) for root in roots]
    return [height for height in dict.fromkeys(wanted) if height < top]


def _round_up(value: float) -> float:
    power: float = 10.0 ** math.floor(math.log10(value))
    for digit in (*_READABLE, 10.0):
        if value <= digit * power * (1 + 1e-9):
            return round(digit * power, 9)
    raise AssertionError(value)


def _trace(lines: contourpy.ContourGenerator, low: float, high: float) -> shapely.Geometry:
    outer = cast("tuple[list[Array], list[Array]]", lines.filled(low, high))
    polygons = []
    for xy, starts in zip(*outer, strict=True):
        shell, *holes = [xy[a:b] for a, b in itertools.pairwise(starts.tolist())]
        polygons.append(shapely.Polygon(shell, holes))
    return shapely.union_all(shapely.make_valid(np.array(polygons)))

"""What part of each grid, key road section and key place do the cameras watch?

A camera watches a sector: from its place, ``angle_deg`` wide around ``heading_deg`` (clockwise
from true north), as far as ``range_m``. Obstacles are not considered here: the share is what the
cameras could see on open ground, an upper bound.

A camera whose heading is unknown (and that is no dome) is counted in its grid, and its sector is
not: which way it looks is not guessed, so it covers nothing here and is drawn apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.cameras.model import Camera
from gis.coords import from_metric, points_to_metric, to_metric

Array = NDArray[np.float64]

FULL_CIRCLE_DEG = 360.0
_LEAST_SLIT_DEG = 1e-6
_STEP_DEG = 5.0
_NORTHWARD_DEG = 1e-4
PLACE_RADIUS_M = 15.0


class GridLike(Protocol):
    """What is needed to know of a grid: ``gis.plan.model.Grid`` has it."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def geometry(self) -> shapely.Polygon | shapely.MultiPolygon: ...


class FeatureLike(Protocol):
    """What is needed to know of a base feature: ``gis.plan.model.BaseFeature`` has it."""

    @property
    def external_id(self) -> str: ...
    @property
    def layer(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def geometry(self) -> shapely.Geometry: ...
    @property
    def key(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class GridCoverage:
    """How well one grid is watched: ``covered_share`` of its area, from 0 to 1.

    ``unknown`` of its ``cameras`` have no known sector. ``geometry`` in EPSG:4490 degrees.
    """

    code: str
    name: str
    level: str
    geometry: shapely.Polygon | shapely.MultiPolygon
    area_km2: float
    cameras: int
    unknown: int
    covered_share: float


@dataclass(frozen=True, slots=True)
class KeyCoverage:
    """How well one key road section or key place is watched.

    ``covered_share`` is of the length of a line, else of the area; a point counts as an area of
    15 m radius. ``covered`` and ``open`` are the two parts in EPSG:4490 degrees; ``length_m`` is
    None for a place.
    """

    external_id: str
    name: str
    layer: str
    length_m: float | None
    covered_share: float
    covered: shapely.Geometry = field(repr=False)
    open: shapely.Geometry = field(repr=False)


@dataclass(frozen=True, slots=True)
class CoverageView:
    """All that a camera coverage map shows, as values.

    ``sectors[i]`` (EPSG:4490 degrees) belongs to ``cameras[i]`` and is None where it is unknown.
    ``covered_share`` is of the whole district.
    """

    district: str
    zone: str
    levels: tuple[str, ...]
    grids: tuple[GridCoverage, ...] = field(repr=False)
    cameras: tuple[Camera, ...] = field(repr=False)
    sectors: tuple[shapely.Polygon | None, ...] = field(repr=False)
    keys: tuple[KeyCoverage, ...] = field(repr=False)
    covered_share: float
    outside: int
    imported_at: datetime | None
    revision_id: int | None
    effective_from: datetime | None
    effective_to: datetime | None


def has_sector(camera: Camera) -> bool:
    """Tell whether it is known what the camera watches.

    Examples
    --------
    >>> has_sector(Camera("1", "东门", 117.6, 26.2, None, 360, 50))
    True
    >>> has_sector(Camera("2", "西门", 117.6, 26.2, None, 90, 50))
    False
    """
    sized = camera.range_m > 0 and camera.angle_deg > 0
    directed = camera.heading_deg is not None and math.isfinite(camera.heading_deg)
    return sized and (directed or camera.angle_deg >= FULL_CIRCLE_DEG)


def draw_sectors(
    cameras: Sequence[Camera], *, metric_srid: int
) -> tuple[shapely.Polygon | None, ...]:
    """Draw the sector that each camera watches.

    Parameters
    ----------
    cameras
        Any number of cameras, EPSG:4490 degrees.
    metric_srid
        Projected CRS in metres; headings are turned from true north to its grid north.

    Returns
    -------
    tuple
        A polygon in ``metric_srid`` of area ``angle / 360 * pi * range**2``, or None where the
        sector is unknown.
    """
    lon = np.array([camera.lon for camera in cameras], dtype=float)
    lat = np.array([camera.lat for camera in cameras], dtype=float)
    x, y = points_to_metric(lon, lat, srid=metric_srid)
    north_x, north_y = points_to_metric(lon, lat + _NORTHWARD_DEG, srid=metric_srid)
    turn_deg = np.degrees(np.arctan2(north_x - x, north_y - y))
    return tuple(
        trace_sector(float(x[i]), float(y[i]), camera, turn_deg=float(turn_deg[i]))
        if has_sector(camera)
        else None
        for i, camera in enumerate(cameras)
    )


def trace_sector(x: float, y: float, camera: Camera, *, turn_deg: float) -> shapely.Polygon:
    """Trace one sector in metres; ``turn_deg`` is true north as seen from grid north.

    The radius of the chords is a trifle larger than the range, so that the polygon has exactly
    the area of the sector.

    Examples
    --------
    >>> east = Camera("1", "", 0, 0, heading_deg=90, angle_deg=60, range_m=100)
    >>> sector = trace_sector(0.0, 0.0, east, turn_deg=0.0)
    >>> round(sector.area / (60 / 360 * math.pi * 100**2), 9)
    1.0
    >>> bool(sector.contains(shapely.Point(50, 0)))
    True
    """
    # A slit that is thinner than the noise of doubles would make the ring touch itself.
    full = camera.angle_deg >= FULL_CIRCLE_DEG - _LEAST_SLIT_DEG
    angle_deg = FULL_CIRCLE_DEG if full else camera.angle_deg
    chords = max(2, math.ceil(angle_deg / _STEP_DEG))
    middle_deg = (camera.heading_deg or 0.0) + turn_deg
    bearing = np.radians(middle_deg + angle_deg * (np.arange(chords + 1) / chords - 0.5))
    step = math.radians(angle_deg / chords)
    radius_m = camera.range_m * math.sqrt(step / math.sin(step))
    arc = np.column_stack([x + radius_m * np.sin(bearing), y + radius_m * np.cos(bearing)])
    if full:
        return shapely.Polygon(arc[:-1])
    return shapely.Polygon([(x, y), *arc.tolist()])


def view_coverage(
    grids: Iterable[GridLike],
    cameras: Iterable[Camera],
    features: Iterable[FeatureLike] = (),
    *,
    district: str,
    metric_srid: int,
    zone: str = "Asia/Shanghai",
    imported_at: datetime | None = None,
    revision_id: int | None = None,
    effective_from: datetime | None = None,
    effective_to: datetime | None = None,
) -> CoverageView:
    """Gather everything that a camera coverage map shows.

    Parameters
    ----------
    grids
        The grids of one revision, widest level first (``Plan.grids``).
    cameras
        All cameras of the district.
    features
        Base features; only those with ``key`` are judged.
    district
        The name in the title.
    metric_srid
        Projected CRS of the district, in metres.
    imported_at
        When cameras were last imported.
    """
    grids, cameras = tuple(grids), tuple(cameras)
    sectors = draw_sectors(cameras, metric_srid=metric_srid)
    known = np.array([sector for sector in sectors if sector is not None], dtype=object)
    watched = shapely.union_all(known)
    shapes = to_metric(np.array([grid.geometry for grid in grids], dtype=object), srid=metric_srid)
    owners = own_cameras(grids, cameras)
    owned = {camera for owner in owners for camera in owner}
    keys = tuple(feature for feature in features if feature.key)
    return CoverageView(
        district=district,
        zone=zone,
        levels=tuple(dict.fromkeys(str(grid.level) for grid in grids)),
        grids=measure_coverage(grids, shapes, owners, sectors, watched),
        cameras=cameras,
        sectors=tuple(None if s is None else from_metric(s, srid=metric_srid) for s in sectors),
        keys=tuple(judge_key(key, watched, metric_srid=metric_srid) for key in keys),
        covered_share=_share(watched, shapely.union_all(shapes)),
        outside=len(cameras) - len(owned),
        imported_at=imported_at,
        revision_id=revision_id,
        effective_from=effective_from,
        effective_to=effective_to,
    )


def measure_coverage(
    grids: Sequence[GridLike],
    shapes: NDArray[np.object_],
    owners: Sequence[Sequence[int]],
    sectors: Sequence[shapely.Polygon | None],
    watched: shapely.Geometry,
) -> tuple[GridCoverage, ...]:
    """Measure the covered share of each grid.

    Parameters
    ----------
    grids, shapes
        Grids and their geometry in metres, same order.
    owners
        Positions of the cameras in each grid, from :func:`own_cameras`.
    sectors
        Sectors of all cameras in metres, None where unknown.
    watched
        Union of the sectors in metres.
    """
    blind = np.array([sector is None for sector in sectors], dtype=bool)
    shapely.prepare(shapes)
    areas_m2 = shapely.area(shapes)
    covered_m2 = shapely.area(shapely.intersection(shapes, watched))
    return tuple(
        GridCoverage(
            code=grid.code,
            name=grid.name,
            level=str(grid.level),
            geometry=grid.geometry,
            area_km2=float(areas_m2[i]) / 1e6,
            cameras=len(owners[i]),
            unknown=int(blind[owners[i]].sum()),
            covered_share=float(covered_m2[i] / areas_m2[i]) if areas_m2[i] > 0 else 0.0,
        )
        for i, grid in enumerate(grids)
    )


def own_cameras(grids: Sequence[GridLike], cameras: Sequence[Camera]) -> list[list[int]]:
    """List the positions of the cameras in each grid.

    Parameters
    ----------
    grids, cameras
        EPSG:4490 degrees. On a shared border a camera belongs to the lowest code of a level, as
        any point does.
    """
    owners: list[list[int]] = [[] for _ in grids]
    shapes = np.array([grid.geometry for grid in grids], dtype=object)
    places = shapely.points(np.array([(c.lon, c.lat) for c in cameras]).reshape(-1, 2))
    pairs = shapely.STRtree(shapes).query(places, predicate="covered_by").T.tolist()
    taken: set[tuple[int, str]] = set()
    for camera, grid in sorted(pairs, key=lambda pair: (pair[0], grids[pair[1]].code)):
        if (camera, str(grids[grid].level)) not in taken:
            taken.add((camera, str(grids[grid].level)))
            owners[grid].append(camera)
    return owners


def judge_key(feature: FeatureLike, watched: shapely.Geometry, *, metric_srid: int) -> KeyCoverage:
    """Split one key road section or key place into its covered and its open part.

    Parameters
    ----------
    feature
        EPSG:4490 degrees; a point stands for the 15 m around it.
    watched
        Union of the sectors in metres.
    """
    shape = to_metric(feature.geometry, srid=metric_srid)
    is_line = shapely.get_dimensions(shape) == 1
    if shapely.get_dimensions(shape) == 0:
        shape = shape.buffer(PLACE_RADIUS_M)
    return KeyCoverage(
        external_id=feature.external_id,
        name=feature.name,
        layer=str(feature.layer),
        length_m=float(shape.length) if is_line else None,
        covered_share=_share(watched, shape),
        covered=from_metric(shape.intersection(watched), srid=metric_srid),
        open=from_metric(shape.difference(watched), srid=metric_srid),
    )


def _share(watched: shapely.Geometry, shape: shapely.Geometry) -> float:
    is_line = shapely.get_dimensions(shape) == 1
    size = shapely.length if is_line else shapely.area
    whole = float(size(shape))
    return float(size(shapely.intersection(watched, shape))) / whole if whole > 0 else 0.0

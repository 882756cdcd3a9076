"""Along which lines is a narrow piece cut, that no area alone can take?

A gap where several areas meet has arms between different neighbours, and none of them reaches all
of it. Across the piece, from each of its corners to the nearest place of every other neighbour,
it is cut into pieces that can be shared out:

    |   |          |   |
    | a | b        | a | b
    +   +---       +---+---
      x       →    |___|
    +   +---       +---+---
    | c | d        | c | d

A wide gap is not cut, even where a narrow channel leads to it: it may be a lake.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gis import coords
from gis.plan.repair.distance import is_near
from gis.plan.repair.faces import Faces
from gis.plan.repair.holders import Holders

_SLACK_M = 0.001


def find_cuts(faces: Faces, held: Holders, *, metric_srid: int, reach_m: float) -> list[Any]:
    """Find the lines across the narrow pieces that nobody, or several areas, still hold.

    Parameters
    ----------
    faces, held
        The pieces of the ground, and who has each.
    metric_srid
        The projected CRS of ``faces.metric``.
    reach_m
        How long a cut may be.

    Returns
    -------
    list
        Lines, EPSG:4490.
    """
    lines: list[Any] = []
    for face, holders in enumerate(held):
        piece = faces.metric[face]
        if len(holders) != 1 and is_near(piece, shapely.boundary(piece), reach_m):
            lines += _cut(faces, face, reach_m)
    if not lines:
        return []
    return list(coords.from_metric(np.array(lines, dtype=object), srid=metric_srid))


def _cut(faces: Faces, face: int, reach_m: float) -> list[Any]:
    corners = shapely.points(faces.borders[face][:, :2])
    inside = shapely.buffer(faces.metric[face], _SLACK_M)
    found: list[Any] = []
    for other in faces.beside[face]:
        if other < 0:
            continue
        across = np.asarray(shapely.shortest_line(corners, faces.edge(face, [other])))
        length_m = shapely.length(across)
        short = across[(length_m > _SLACK_M) & (length_m <= reach_m)]
        found += short[shapely.covers(inside, short)].tolist()
    return found

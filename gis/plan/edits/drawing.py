"""What does a drawn area mean once its border has met the existing ones?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from gis.errors import Refused
from gis.plan.chains import EMPTY, Chain, add, border_of
from gis.plan.edits.ground import enclose
from gis.plan.edits.model import DrawnArea
from gis.plan.edits.noding import Noded, node
from gis.plan.findings import format_place
from gis.plan.model import Grid


def read_area(drawn: DrawnArea) -> shapely.MultiPolygon:
    """Return a drawn area as a geometry.

    Raises
    ------
    Refused
        Its rings cross or lie in each other.
    """
    area = shapely.MultiPolygon([(rings[0], rings[1:]) for rings in drawn])
    if not area.is_valid:
        reason = shapely.is_valid_reason(area)
        raise Refused(f"the drawn area is not a proper one: {reason}; draw it again", codes=[])
    return area


def node_area(leaves: Sequence[Grid], area: shapely.MultiPolygon) -> tuple[Noded, Chain]:
    """Put corners where the border of a drawn area meets existing ones.

    Returns
    -------
    Noded
        The drawing with the corners that existing edges need for it.
    Chain
        The border of the drawn area with all corners.

    Raises
    ------
    Refused
        Nothing is left of the drawn area: it is narrower than corners can be told apart.
    """
    rings = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(area)))
    borders = [border_of(leaf.geometry) for leaf in leaves]
    noded = node([list(ring.coords) for ring in rings], np.concatenate([EMPTY, *borders]))
    region = add([noded.chain])
    if not len(region):
        place = shapely.point_on_surface(area)
        raise Refused(
            f"the drawn area at {format_place(place.x, place.y)} is narrower than corners can be "
            "told apart; draw it wider",
            codes=[],
            lon=place.x,
            lat=place.y,
        )
    enclose(region, "the drawn area")
    return noded, region

"""What is a camera?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera with the sector that it watches.

    ``lon``/``lat`` in EPSG:4490 degrees; ``heading_deg`` clockwise from true north, None when it
    is unknown; ``angle_deg`` is the horizontal field of view (360 for a dome); ``range_m`` is how
    far it tells what happens.
    """

    external_id: str
    name: str
    lon: float
    lat: float
    heading_deg: float | None
    angle_deg: float
    range_m: float

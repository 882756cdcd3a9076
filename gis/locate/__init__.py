"""Which grid covers a point?"""

from gis.locate.border import Border, Borders
from gis.locate.cells import OUTSIDE
from gis.locate.index import GridIndex
from gis.locate.locator import BorderHit, GridHit, GridMatch, Locator, PlanIndex, RevisionInfo

__all__ = [
    "OUTSIDE",
    "Border",
    "BorderHit",
    "Borders",
    "GridHit",
    "GridIndex",
    "GridMatch",
    "Locator",
    "PlanIndex",
    "RevisionInfo",
]

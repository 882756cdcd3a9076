"""Which grid covers a point?"""

from gis.locate.border import Border, Borders
from gis.locate.index import GridIndex
from gis.locate.locator import Locator
from gis.locate.match import (
    Accuracy,
    AccuracyShare,
    BorderHit,
    GridHit,
    GridMatch,
    RevisionInfo,
)
from gis.locate.plan_index import PlanIndex
from gis.locate.table.layout import OUTSIDE

__all__ = [
    "OUTSIDE",
    "Accuracy",
    "AccuracyShare",
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

"""Can a layer that nearly tiles its ground be made to tile it exactly?

``faces`` cuts the ground along every border, ``holders`` decides who gets each piece, ``coverage``
puts the areas together again, ``plans`` does so for a plan with all its levels.
"""

from __future__ import annotations

from gis.plan.repair.coverage import repair_coverage
from gis.plan.repair.model import DEFAULT_MAX_MOVE_M, Move, Piece, Repair, RepairChoice
from gis.plan.repair.plans import PlanRepair, repair_plan

__all__ = [
    "DEFAULT_MAX_MOVE_M",
    "Move",
    "Piece",
    "PlanRepair",
    "Repair",
    "RepairChoice",
    "repair_coverage",
    "repair_plan",
]

"""What is a plan, and how does it change?"""

from gis.plan.model import (
    BaseFeature,
    BaseLayer,
    Building,
    Finding,
    Grid,
    Level,
    Plan,
    Revision,
    Severity,
)

__all__ = [
    "BaseFeature",
    "BaseLayer",
    "Building",
    "Finding",
    "Grid",
    "Level",
    "Plan",
    "Revision",
    "Severity",
]

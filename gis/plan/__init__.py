"""What is a plan, and how does it change?"""

from gis.plan.model import Building, Finding, Grid, Level, Plan, Revision, Severity

__all__ = ["Building", "Finding", "Grid", "Level", "Plan", "Revision", "Severity"]

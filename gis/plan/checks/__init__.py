"""Is a plan fit to be published?

A check is a function from a :class:`Subject` to findings. The names of what it tells are stable:
they are what ``--accept`` takes. To add one, write a file and a line in ``registry.py``.
"""

from gis.plan.checks.invalid import find_invalid
from gis.plan.checks.limits import Limits
from gis.plan.checks.registry import CHECK_VERSIONS, CHECKS, Check
from gis.plan.checks.run import check_plan, check_touched
from gis.plan.checks.subject import Placed, Subject, choose_metric_srid
from gis.plan.coverage import find_in_layer

__all__ = [
    "CHECKS",
    "CHECK_VERSIONS",
    "Check",
    "Limits",
    "Placed",
    "Subject",
    "check_plan",
    "check_touched",
    "choose_metric_srid",
    "find_in_layer",
    "find_invalid",
]

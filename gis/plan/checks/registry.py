"""Which checks are there?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gis.plan.checks.addresses import check_addresses
from gis.plan.checks.borders import check_borders
from gis.plan.checks.buildings import check_buildings
from gis.plan.checks.codes import check_codes
from gis.plan.checks.contiguity import check_contiguity
from gis.plan.checks.coverage import check_coverage
from gis.plan.checks.households import check_households
from gis.plan.checks.invalid import check_rings
from gis.plan.checks.load import check_load
from gis.plan.checks.nesting import check_nesting
from gis.plan.checks.reuse import check_reuse
from gis.plan.checks.staffed import check_staffed
from gis.plan.checks.subject import Subject
from gis.plan.model import Finding


@dataclass(frozen=True, slots=True)
class Check:
    """A question to a plan.

    ``tells`` are the names of its findings. ``version`` grows when the same plan may get other
    findings than before, so that a stored result says by which rule it was found.
    """

    name: str
    version: int
    find: Callable[[Subject], list[Finding]]
    tells: tuple[str, ...]


_ALL = (
    Check("invalid", 1, check_rings, ("invalid",)),
    Check("coverage", 1, check_coverage, ("overlaps", "gaps")),
    Check("nesting", 1, check_nesting, ("nesting",)),
    Check("contiguity", 1, check_contiguity, ("contiguity",)),
    Check("codes", 1, check_codes, ("codes",)),
    Check("reuse", 1, check_reuse, ("code-reuse",)),
    Check("buildings", 1, check_buildings, ("buildings-cut",)),
    Check("addresses", 1, check_addresses, ("addresses",)),
    Check("load", 1, check_load, ("load",)),
    Check("households", 1, check_households, ("households",)),
    Check("borders", 1, check_borders, ("borders",)),
    Check("staffed", 1, check_staffed, ("staffed",)),
)
CHECKS: Mapping[str, Check] = MappingProxyType({check.name: check for check in _ALL})
"""All checks by name, in the order in which they are asked."""
CHECK_VERSIONS: Mapping[str, int] = MappingProxyType(
    {name: check.version for check in _ALL for name in check.tells}
)
"""By which version of its check a finding was made, by the finding's name (``Finding.check``)."""

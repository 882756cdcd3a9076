"""Do the areas of every level fill the area above, and nothing else?"""

from __future__ import annotations

from gis.plan.checks.subject import Subject
from gis.plan.model import Finding
from gis.plan.nesting import find_misnested


def check_nesting(subject: Subject) -> list[Finding]:
    """Find children that reach out of their parent, and parents not filled by their children."""
    if subject.touched is None:
        return find_misnested(subject.plan, metric_srid=subject.metric_srid)
    looked_at = subject.look_at()
    families = {grid.code for grid in looked_at if subject.plan.children(grid.code)}
    families |= {grid.parent for grid in looked_at if grid.parent is not None}
    return find_misnested(subject.plan, metric_srid=subject.metric_srid, parents=families)

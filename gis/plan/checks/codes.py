"""Is every code well formed?"""

from __future__ import annotations

from gis.plan.checks.subject import Subject
from gis.plan.model import Finding
from gis.plan.numbering import find_odd_codes


def check_codes(subject: Subject) -> list[Finding]:
    """Find codes that break the pattern, in a plan that otherwise follows it."""
    return find_odd_codes(subject.plan, subject.touched)

"""How are findings shown to the person who imports?"""

from __future__ import annotations

from collections.abc import Sequence

from api.commands.output import print_table, say
from gis.plan import Finding
from gis.plan.findings import summarise


def print_findings(findings: Sequence[Finding]) -> None:
    """Print one row for each kind of fault, with the worst of them and its place."""
    if not findings:
        say("no faults found")
        return
    rows = []
    for row in summarise(findings):
        worst = row.worst
        place = "" if worst.lon is None else f"{worst.lon:.7f}, {worst.lat:.7f}"
        rows.append(
            [
                row.check,
                row.severity.value,
                row.count,
                row.slivers,
                "" if row.size_m2 is None else f"{row.size_m2:,.1f}",
                worst.message,
                place,
                worst.remedy,
            ]
        )
    print_table(
        "",
        ["check", "severity", "number", "below 1 m²", "m² in all", "worst", "place", "remedy"],
        rows,
    )

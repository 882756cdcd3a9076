"""How are findings shown to the person who imports?"""

from __future__ import annotations

from collections.abc import Sequence

from api.commands.output import say
from gis.plan import Finding
from gis.plan.findings import describe, summarise


def print_findings(findings: Sequence[Finding]) -> None:
    """Print one line for each kind of fault: how many, how large, the worst and its place."""
    if not findings:
        say("no faults found")
    rows = summarise(findings)
    for row, line in zip(rows, describe(rows), strict=True):
        say(f"{row.severity.value}: {line}")

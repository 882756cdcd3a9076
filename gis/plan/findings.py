"""How are many findings told in few lines, and which of them stop a publish?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from gis.plan.model import Finding, Severity

SLIVER_M2 = 1.0
ACCEPTABLE = frozenset(
    {"invalid", "overlaps", "gaps", "nesting", "not-an-area", "missing-code", "shifted"}
)
"""Names of the checks whose errors may be taken as they are."""


@dataclass(frozen=True, slots=True)
class Summary:
    """All findings of one check in one row, with the worst of them, whose severity is the row's.

    ``slivers`` counts those below 1 m², ``slivers_m2`` is their sum; ``size_m2`` is the sum of all
    sizes, None if none has one.
    """

    check: str
    severity: Severity
    count: int
    slivers: int
    slivers_m2: float
    size_m2: float | None
    worst: Finding


def summarise(findings: Iterable[Finding]) -> list[Summary]:
    """Gather findings into one row a check, errors first.

    Examples
    --------
    >>> gap = Finding("gaps", Severity.ERROR, "a gap", "close it", size_m2=0.25)
    >>> [(row.check, row.count, row.slivers) for row in summarise([gap, gap])]
    [('gaps', 2, 2)]
    """
    grouped: dict[str, list[Finding]] = {}
    for finding in findings:
        grouped.setdefault(finding.check, []).append(finding)
    rows = [_row(check, found) for check, found in grouped.items()]
    return sorted(rows, key=lambda row: row.severity is not Severity.ERROR)


def describe(rows: Iterable[Summary]) -> list[str]:
    """Write one line for each row of a summary: number, sizes, and the worst with its place."""
    return [_line(row) for row in rows]


def find_blocking(findings: Iterable[Finding], accepted: Collection[str] = ()) -> list[Finding]:
    """Return the errors whose check is not among the accepted ones."""
    return [
        finding
        for finding in findings
        if finding.severity is Severity.ERROR and finding.check not in accepted
    ]


def _row(check: str, found: list[Finding]) -> Summary:
    sizes = [finding.size_m2 for finding in found if finding.size_m2 is not None]
    worst = max(found, key=_weight)
    return Summary(
        check=check,
        severity=worst.severity,
        count=len(found),
        slivers=sum(size < SLIVER_M2 for size in sizes),
        slivers_m2=sum(size for size in sizes if size < SLIVER_M2),
        size_m2=sum(sizes) if sizes else None,
        worst=worst,
    )


def _weight(finding: Finding) -> tuple[bool, float]:
    return finding.severity is Severity.ERROR, finding.size_m2 or 0.0


def _line(row: Summary) -> str:
    sizes = f" ({_tell_sizes(row, row.size_m2)})" if row.size_m2 is not None else ""
    leading = "" if row.count == 1 else "the first: " if row.size_m2 is None else "the largest: "
    return f"{row.check}: {row.count:,}{sizes}; {leading}{row.worst.message}; {row.worst.remedy}"


def _tell_sizes(row: Summary, size_m2: float) -> str:
    """Tell slivers apart, that they do not hide the few that matter."""
    large = row.count - row.slivers
    if not row.slivers:
        return f"{format_m2(size_m2)} in all"
    if not large:
        return f"{'all ' if row.count > 1 else ''}below 1 m², {format_m2(size_m2)} in all"
    return (
        f"{large:,} of 1 m² and more, {format_m2(size_m2 - row.slivers_m2)} in all; "
        f"{row.slivers:,} below 1 m², {format_m2(row.slivers_m2)} in all"
    )


def format_m2(size_m2: float) -> str:
    """Write an area with as many digits as it deserves.

    Examples
    --------
    >>> format_m2(78824.3), format_m2(1.749), format_m2(0.00002)
    ('78,824 m²', '1.75 m²', '2.0e-05 m²')
    """
    if size_m2 >= 100.0:
        return f"{size_m2:,.0f} m²"
    if size_m2 >= 0.01 or size_m2 == 0.0:
        return f"{size_m2:.2f} m²"
    return f"{size_m2:.1e} m²"


def format_place(lon: float, lat: float) -> str:
    """Write a place as it is typed into a map: longitude, latitude."""
    return f"{lon:.6f}, {lat:.6f}"

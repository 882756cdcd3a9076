"""Which names did the areas of a plan have before, and until when?

An area is known in the next revision by its code; by the lineage if it got another code, or went
whole into another area. Whoever still writes 梅列区 after it went into 三元区 means a place there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from gis.locate import Locator, PlanIndex
from gis.locate.standard_address import Alias, AliasPart
from gis.plan import Level, Plan
from gis.plan.lineage import LineageRow, trace_lineage
from gis.store.lineage import load_lineage
from gis.store.plans import Series, load_plan

PARTS: Mapping[str, AliasPart] = {
    "district": "county",
    "subdistrict": "subdistrict",
    "community": "community",
}
"""The levels of a plan whose areas an address may name, and as which part."""
WHOLE_SHARE = 0.999
"""Who has this much of an earlier area's ground has the whole of it."""
_LEVELS = tuple(map(Level, PARTS))
_Area = tuple[str, str]


class _Span(NamedTuple):
    """A name with the dates on which it was in force."""

    name: str
    begins: date | None
    ends: date | None


_Line = tuple[_Span, ...]


def plan_aliases(connection: Connection, series: Series, locator: Locator) -> list[Alias]:
    """Return the earlier names of areas, each with the dates on which it was in force.

    Parameters
    ----------
    locator
        All published revisions.
    """
    zone = ZoneInfo(series.time_zone)
    indexes = locator.indexes
    lines = {} if not indexes else _lead_on({}, {}, indexes[0], zone)
    for before, after in pairwise(indexes):
        heirs = _find_heirs(connection, before, after, series.metric_srid)
        lines = _lead_on(lines, heirs, after, zone)
    return [
        Alias(PARTS[level], span.name, line[-1].name, span.begins, span.ends)
        for (level, _), line in lines.items()
        for span in line[:-1]
        if span.name and line[-1].name not in ("", span.name)
    ]


def _find_heirs(
    connection: Connection, before: PlanIndex, after: PlanIndex, metric_srid: int
) -> dict[_Area, list[str]]:
    """Return for each area the earlier codes whose whole ground it has."""
    found: dict[_Area, list[str]] = defaultdict(list)
    if not _areas(before).keys() - _areas(after).keys():
        return found
    for row in _trace(connection, before.revision.id, after.revision.id, metric_srid):
        whole = row.kind in ("renamed", "merged") and row.area_share_from >= WHOLE_SHARE
        if whole and row.from_code is not None and row.to_code is not None:
            found[row.level, row.to_code].append(row.from_code)
    return found


def _trace(
    connection: Connection, before_id: int, after_id: int, metric_srid: int
) -> Sequence[LineageRow]:
    written = load_lineage(connection, after_id, levels=_LEVELS)
    if written:
        return written
    before, after = (
        Plan([grid for level in _LEVELS for grid in load_plan(connection, each).at(level)])
        for each in (before_id, after_id)
    )
    return trace_lineage(before, after, metric_srid=metric_srid)


def _lead_on(
    lines: Mapping[_Area, _Line],
    heirs: Mapping[_Area, Sequence[str]],
    index: PlanIndex,
    zone: ZoneInfo,
) -> dict[_Area, _Line]:
    """Return the line of names of every area of a revision, from those of the one before."""
    begins = _day(index.revision.effective_from, zone)
    ends = _day(index.revision.effective_to, zone)
    following = {}
    for (level, code), name in _areas(index).items():
        before = dict.fromkeys([*heirs.get((level, code), ()), code])
        spans = [span for each in before for span in lines.get((level, each), ())]
        following[level, code] = _join([*spans, _Span(name, begins, ends)])
    return following


def _areas(index: PlanIndex) -> dict[_Area, str]:
    return {
        (level, code): name
        for level in PARTS
        if level in index.levels
        for code, name in zip(index.codes(level), index.names(level), strict=True)
    }


def _join(spans: Sequence[_Span]) -> _Line:
    """Return the spans with those of one name that follow each other made one."""
    joined: list[_Span] = []
    for span in dict.fromkeys(spans):
        goes_on = bool(joined) and (joined[-1].name, joined[-1].ends) == (span.name, span.begins)
        joined.append(_Span(span.name, joined.pop().begins, span.ends) if goes_on else span)
    return tuple(joined)


def _day(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return None if moment is None else moment.astimezone(zone).date()

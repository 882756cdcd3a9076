"""Which two plans are compared, and what does the comparison say?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection

from api.tasks.workshop import Bench, Workshop
from gis.errors import InputError, NotFound
from gis.plan import Level
from gis.plan.impact import Impact, compare
from gis.store.plans import RevisionSummary, Series, load_plan, revision_summaries
from maps.diff import DiffView, Side

Against = Literal["base", "current"] | int


@dataclass(frozen=True, slots=True)
class Compared:
    """Two plans with what says which they are, and all that differs between them."""

    series: Series
    before: Side
    after: Side
    impact: Impact

    def view(self) -> DiffView:
        """Return what the map of the change shows."""
        return DiffView(
            district=self.series.title or self.series.name,
            before=self.before,
            after=self.after,
            impact=self.impact,
            zone=self.series.time_zone,
        )


def compare_draft(bench: Bench, against: Against, level: Level | None) -> Compared:
    """Compare a draft with its base, with the revision in force, or with any other."""
    connection, series = bench.connection, bench.series
    if against == "base":
        number = bench.draft.base
    elif against == "current":
        number = revision_in_force(connection, series).id
    else:
        number = against
    before = side_of(connection, series, number)
    after = Side(bench.plan(), name=bench.draft.name)
    return compare_sides(bench.workshop, connection, series, before, after, level)


def compare_revisions(
    workshop: Workshop,
    connection: Connection,
    series: Series,
    before: int,
    after: int,
    level: Level | None,
) -> Compared:
    """Compare two published revisions of a series."""
    sides = [side_of(connection, series, number) for number in (before, after)]
    return compare_sides(workshop, connection, series, sides[0], sides[1], level)


def side_of(connection: Connection, series: Series, revision_id: int) -> Side:
    """Return a revision of a series, staged or published, as one side of a comparison.

    Raises
    ------
    NotFound
        The series has no such revision.
    """
    summary = find_summary(connection, series, revision_id)
    return Side(
        load_plan(connection, summary.id),
        revision_id=summary.id,
        effective_from=summary.effective_from,
        effective_to=summary.effective_to,
    )


def find_summary(connection: Connection, series: Series, revision_id: int) -> RevisionSummary:
    """Return a revision of a series without its grids, or raise NotFound."""
    for summary in revision_summaries(connection, series):
        if summary.id == revision_id:
            return summary
    raise NotFound(f"plan {series.name!r} has no revision {revision_id}", revision=revision_id)


def revision_in_force(connection: Connection, series: Series) -> RevisionSummary:
    """Return the revision that is in force now, or raise NotFound."""
    now = datetime.now(UTC)
    for summary in reversed(revision_summaries(connection, series)):
        begun = summary.effective_from is None or summary.effective_from <= now
        if begun and not summary.staged:
            return summary
    raise NotFound(f"no revision of plan {series.name!r} is in force now", plan=series.name)


def read_against(text: str) -> Against:
    """Read with what a draft is compared: ``base``, ``current`` or the id of a revision.

    Examples
    --------
    >>> read_against("base"), read_against("7")
    ('base', 7)
    """
    if text == "base":
        return "base"
    if text == "current":
        return "current"
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    raise InputError("compare with base, current, or the id of a revision", against=text[:40])


def compare_sides(
    workshop: Workshop,
    connection: Connection,
    series: Series,
    before: Side,
    after: Side,
    level: Level | None,
) -> Compared:
    """Compare two plans of a series."""
    impact = compare(
        before.plan,
        after.plan,
        metric_srid=series.metric_srid,
        work=workshop.ground(connection, series).work,
        weights=workshop.limits.load_weights,
        level=level,
    )
    return Compared(series, before, after, impact)

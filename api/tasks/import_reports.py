"""How do reports get from a file into their grids?

Read in blocks → locate each block by the revisions in force when its reports occurred → COPY, all
in one transaction. The process never holds more than a few blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection

from api.tasks.agreement import Agreement, AgreementCount
from api.tasks.locating import RevisionLocator
from api.tasks.publishing import locate_in
from gis.errors import Refused
from gis.files.tables import ReportTable
from gis.plan import Revision
from gis.store import audit
from gis.store.database import Database
from gis.store.plans import Series, load_revisions
from gis.store.reports import ImportResult, copy_reports
from gis.store.routing import route_open_reports
from gis.store.sessions import transaction

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class ReportImport:
    """What became of a file of reports."""

    result: ImportResult
    rows: int
    located: int
    outside: int
    unlocated: int
    without_revision: int
    rejected: int
    rejected_file: Path | None
    agreement: Agreement | None


class _Counts:
    def __init__(self) -> None:
        self.rows = self.located = self.outside = self.unlocated = self.without_revision = 0

    def add(self, frame: pd.DataFrame, without_revision: int) -> None:
        by_position = frame["position"].value_counts()
        self.rows += len(frame)
        self.located += int(by_position.get("located", 0))
        self.outside += int(by_position.get("outside", 0))
        self.unlocated += int(by_position.get("unlocated", 0))
        self.without_revision += without_revision


def import_reports(
    database: Database,
    series: Series,
    table: ReportTable,
    *,
    source: str,
    actor: str = "local",
    expect: bool = False,
    advance: Advance = lambda _rows: None,
) -> ReportImport:
    """Locate the reports of a table and keep them, all or none.

    Parameters
    ----------
    series
        The plan by whose revisions the reports are located.
    table
        An opened file; read once, in blocks.
    source
        Name of the system the reports come from; part of each report's identity.
    expect
        Compare with the official area that the table's ``expected`` column names.
    advance
        Called with the number of rows after each block.
    """
    with transaction(database.engine) as connection:
        revisions = load_revisions(connection, series)
        if not revisions:
            raise Refused(
                f"plan {series.name!r} has no published revision; publish its boundaries first"
            )
        locator = RevisionLocator(connection, revisions, series.metric_srid)
        counts = _Counts()
        comparison = AgreementCount(revisions[-1].plan, series.metric_srid) if expect else None

        def located() -> Iterator[pd.DataFrame]:
            for frame in table.frames():
                without_revision = locator.locate(frame)
                if comparison is not None:
                    comparison.add(frame)
                counts.add(frame, without_revision)
                yield frame
                advance(len(frame))

        result = copy_reports(connection, series, source, located())
        _hand_over(connection, series, revisions)
        done = ReportImport(
            result=result,
            rows=counts.rows,
            located=counts.located,
            outside=counts.outside,
            unlocated=counts.unlocated,
            without_revision=counts.without_revision,
            rejected=table.rejected,
            rejected_file=table.rejected_path if table.rejected else None,
            agreement=comparison.result() if comparison else None,
        )
        audit.record(
            connection,
            actor,
            "reports.import",
            series.name,
            {"source": source, "rows": counts.rows, "rejected": table.rejected},
        )
    return done


def _hand_over(connection: Connection, series: Series, revisions: Sequence[Revision]) -> None:
    """Give open reports that occurred under an earlier revision the grid that answers for them."""
    now = datetime.now(UTC)
    current = next((each for each in revisions if each.in_force(now)), None)
    if current is not None and len(revisions) > 1:
        route_open_reports(connection, series, current.id, locate_in(current.plan, series))

"""Which grid answers for a report, and which did before?"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from api.principal import Asker
from api.routes.asked import AskedPlan, OurDatabase
from gis.errors import NotFound
from gis.store.report_history import ReportHistory, find_report
from gis.store.sessions import transaction

router = APIRouter(prefix="/v1/reports", tags=["reports"])
LONGEST_QUERY_S = 10.0


class RouteAnswer(BaseModel):
    """A step in the history of an open report."""

    revision: int
    routed_at: datetime
    from_grid: str | None
    to_grid: str | None


class ReportAnswer(BaseModel):
    """A report without its text and position."""

    source: str
    id: str
    occurred_at: datetime
    kind: str
    category: str
    status: str
    position: str = Field(description="`located`, `outside` or `unlocated`.")
    grid: str | None = Field(description="Where it occurred, on the boundaries of its day.")
    revision: int | None = Field(description="The revision of that day.")
    responsible: str | None = Field(description="The grid that answers for it now.")
    history: list[RouteAnswer] = Field(description="How it got there; empty if it never moved.")


@router.get("/{source}/{external_id:path}", summary="One report and the grids that answered for it")
def show_report(
    source: Annotated[str, Path(max_length=200)],
    external_id: Annotated[str, Path(max_length=500)],
    live: AskedPlan,
    database: OurDatabase,
    _: Asker,
) -> ReportAnswer:
    """Return where a report occurred, and to which grids it was handed while it was open."""
    if "\x00" in source + external_id:
        raise NotFound("no report has a NUL in its name")
    with transaction(database.engine, query_timeout_s=LONGEST_QUERY_S) as connection:
        found = find_report(connection, live.series, source, external_id)
    return _answer(source, external_id, found)


def _answer(source: str, external_id: str, found: ReportHistory) -> ReportAnswer:
    return ReportAnswer(
        source=source,
        id=external_id,
        occurred_at=found.occurred_at,
        kind=found.kind,
        category=found.category,
        status=found.status,
        position=found.position,
        grid=found.grid,
        revision=found.revision_id,
        responsible=found.responsible,
        history=[
            RouteAnswer(
                revision=route.revision_id,
                routed_at=route.routed_at,
                from_grid=route.from_code,
                to_grid=route.to_code,
            )
            for route in found.routes
        ],
    )

"""Which plan does a command mean: a revision, a draft, or the one that is next?"""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy import Connection

from api.tasks.comparing import revision_in_force, side_of
from api.tasks.workshop import Bench, Workshop
from gis.errors import InputError, NotFound
from gis.store import drafts
from gis.store.plans import Series, revision_summaries
from maps.diff import Side

BeforeRevision = Annotated[
    int | None, typer.Option("--before", help="Revision; the one in force if left out.")
]
AfterRevision = Annotated[
    int | None,
    typer.Option("--after", "--revision", help="Revision; the staged, else the latest one."),
]
DraftNumber = Annotated[int | None, typer.Option("--draft", help="Id of a draft instead.")]


def choose_side(
    workshop: Workshop,
    connection: Connection,
    series: Series,
    *,
    revision: int | None,
    draft: int | None,
) -> Side:
    """Return the draft, the revision, or else the staged or the latest revision."""
    if revision is not None and draft is not None:
        raise InputError("name a revision or a draft, not both")
    if draft is not None:
        found = drafts.get(connection, draft)
        return Side(Bench(workshop, connection, series, found).plan(), name=found.name)
    if revision is None:
        summaries = revision_summaries(connection, series)
        if not summaries:
            raise NotFound(f"plan {series.name!r} has no revision; import boundaries first")
        revision = summaries[-1].id
    return side_of(connection, series, revision)


def choose_before(connection: Connection, series: Series, revision: int | None) -> Side:
    """Return a revision, the one in force by default, as what is compared with."""
    number = revision or revision_in_force(connection, series).id
    return side_of(connection, series, number)

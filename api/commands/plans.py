"""``wangge plan``: the revisions of a plan."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.opening import PlanName, connected, find_series
from api.commands.output import AsJson, print_json, print_table, say
from api.dates import parse_instant
from api.settings import Settings
from api.tasks.import_boundaries import choose_start
from gis.errors import NotFound
from gis.store.plans import (
    RevisionSummary,
    Series,
    discard_staged,
    list_series,
    publish,
    revision_summaries,
)

app = typer.Typer(no_args_is_help=True, help="The revisions of a plan.")


@app.command("list")
def list_revisions(as_json: AsJson = False) -> None:
    """List every plan with its revisions, from the first to the staged one."""
    with connected(Settings()) as connection:
        found = [
            (series, summary)
            for series in list_series(connection)
            for summary in revision_summaries(connection, series)
        ]
    if as_json:
        print_json([{"plan": series.name, "revision": summary} for series, summary in found])
        return
    print_table(
        "", ["plan", "revision", "from", "until", "grids", "note"], [_row(*each) for each in found]
    )


@app.command("publish")
def publish_staged(
    plan: PlanName = None,
    since: Annotated[
        str | None, typer.Option("--from", help="Date from which it is in force; now if left out.")
    ] = None,
) -> None:
    """Bring the staged revision into force."""
    settings = Settings()
    with connected(settings) as connection:
        series = find_series(connection, plan, settings)
        staged = [found for found in revision_summaries(connection, series) if found.staged]
        if not staged:
            raise NotFound(f"plan {series.name!r} has no staged revision; import boundaries first")
        wanted = parse_instant(since, settings.zone) if since else None
        start = choose_start(connection, series, wanted)
        publish(connection, series, staged[0].id, effective_from=start, actor="local")
    say(f"revision {staged[0].id} of plan {series.name!r} is in force from {start or 'ever on'}")


@app.command("cancel")
def cancel_staged(plan: PlanName = None) -> None:
    """Discard the staged revision."""
    settings = Settings()
    with connected(settings) as connection:
        series = find_series(connection, plan, settings)
        if not discard_staged(connection, series, actor="local"):
            raise NotFound(f"plan {series.name!r} has no staged revision")
    say(f"the staged revision of plan {series.name!r} is gone")


def _row(series: Series, summary: RevisionSummary) -> list[object]:
    begins = "staged" if summary.staged else summary.effective_from or "ever"
    ends = "" if summary.staged else summary.effective_to or "further notice"
    levels = ", ".join(f"{count} {level.value}" for level, count in summary.grids_by_level.items())
    return [series.name, str(summary.id), begins, ends, levels, summary.note]

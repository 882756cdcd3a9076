"""``wangge plan``: the revisions of a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from api.answers.impact import tell_impact
from api.commands import drafts
from api.commands.choosing import (
    AfterRevision,
    BeforeRevision,
    DraftNumber,
    choose_before,
    choose_side,
)
from api.commands.draft_output import print_impact, tell_published, tell_start
from api.commands.findings import print_findings
from api.commands.opening import (
    Person,
    PlanName,
    at_work,
    connected,
    find_series,
    name_person,
)
from api.commands.output import AsJson, print_json, print_table, say
from api.commands.writing import FILE_HELP, write_comparison, write_plan_file
from api.dates import parse_instant
from api.settings import Settings
from api.tasks import publishing, submitting
from api.tasks.comparing import compare_sides
from gis.errors import Refused
from gis.plan import Level, Severity
from gis.store.plans import (
    RevisionSummary,
    Series,
    discard_staged,
    list_series,
    revision_summaries,
)

app = typer.Typer(no_args_is_help=True, help="The revisions of a plan, and its drafts.")
app.add_typer(drafts.app, name="draft")

Since = Annotated[
    str | None, typer.Option("--from", help="Date from which it is in force; now if left out.")
]
Reason = Annotated[str, typer.Option("--reason", help="Kept with the revision.")]
OnLevel = Annotated[Level | None, typer.Option("--level", help="grid, if there is that level.")]


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


@app.command()
def check(
    revision: AfterRevision = None,
    draft: DraftNumber = None,
    plan: PlanName = None,
    as_json: AsJson = False,
) -> None:
    """Run every check on a draft, on a revision, or on the staged or else the latest one."""
    settings = Settings()
    with at_work(settings) as workshop, workshop.open() as connection:
        series = find_series(connection, plan, settings)
        side = choose_side(workshop, connection, series, revision=revision, draft=draft)
        found = submitting.check(workshop, connection, series, side.plan)
    if as_json:
        print_json(found)
    else:
        print_findings(found)
    errors = sum(each.severity is Severity.ERROR for each in found)
    if errors:
        raise Refused(f"{errors:,} errors would stop this plan from being published")


@app.command()
def diff(
    before: BeforeRevision = None,
    after: AfterRevision = None,
    draft: DraftNumber = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help=FILE_HELP)] = None,
    level: OnLevel = None,
    plan: PlanName = None,
    as_json: AsJson = False,
) -> None:
    """Tell who and what changes hands between two revisions, or from one to a draft."""
    settings = Settings()
    with at_work(settings) as workshop, workshop.open() as connection:
        series = find_series(connection, plan, settings)
        compared = compare_sides(
            workshop,
            connection,
            series,
            choose_before(connection, series, before),
            choose_side(workshop, connection, series, revision=after, draft=draft),
            level,
        )
    if output:
        write_comparison(compared, output, settings.language)
        say(f"written: {output}")
    elif as_json:
        print_json(tell_impact(compared))
    else:
        print_impact(compared)


@app.command("publish")
def publish_staged(plan: PlanName = None, since: Since = None, person: Person = None) -> None:
    """Bring the staged revision into force; a draft is published by `draft publish`."""
    settings = Settings()
    with connected(settings) as connection:
        series = find_series(connection, plan, settings)
        wanted = parse_instant(since, settings.zone) if since else None
        done = publishing.publish_staged(
            connection, series, effective_from=wanted, actor=name_person(person)
        )
    say(f"revision {done.id} of plan {series.name!r} {tell_start(done.effective_from)}")


@app.command()
def cancel(
    revision: Annotated[
        int | None, typer.Option("--revision", help="A scheduled one; the staged if left out.")
    ] = None,
    plan: PlanName = None,
    person: Person = None,
) -> None:
    """Discard the staged revision, or take back a scheduled one before its date."""
    settings, actor = Settings(), name_person(person)
    with at_work(settings) as workshop:
        with workshop.open() as connection:
            series = find_series(connection, plan, settings)
            if revision is None:
                revision = _scheduled(connection, series)
            if revision is None and discard_staged(connection, series, actor=actor):
                say(f"the staged revision of plan {series.name!r} is gone")
                return
        if revision is None:
            raise Refused(f"plan {series.name!r} has no staged revision and no scheduled one")
        publishing.cancel_scheduled(workshop, series, revision, actor=actor)
    say(f"revision {revision} of plan {series.name!r} will not come into force")


@app.command()
def rollback(
    to: Annotated[int, typer.Option("--to", help="Revision whose boundaries come back.")],
    since: Since = None,
    reason: Reason = "",
    plan: PlanName = None,
    person: Person = None,
    as_json: AsJson = False,
) -> None:
    """Publish the boundaries of an earlier revision again, as a new one."""
    settings = Settings()
    with at_work(settings) as workshop:
        with workshop.open() as connection:
            series = find_series(connection, plan, settings)
        wanted = parse_instant(since, settings.zone) if since else None
        done = publishing.roll_back(
            workshop,
            series,
            to,
            actor=name_person(person),
            effective_from=wanted,
            reason=reason,
        )
    tell_published(done, series.name, as_json=as_json)


@app.command()
def export(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Ending .geojson .topojson .gpkg .zip .kml.")
    ],
    revision: AfterRevision = None,
    draft: DraftNumber = None,
    crs: Annotated[str | None, typer.Option("--crs", help="EPSG:4490 if left out.")] = None,
    encoding: Annotated[str, typer.Option("--encoding", help="Of a shapefile.")] = "UTF-8",
    plan: PlanName = None,
) -> None:
    """Write a revision or a draft as a file that other programs read."""
    settings = Settings()
    with at_work(settings) as workshop, workshop.open() as connection:
        series = find_series(connection, plan, settings)
        side = choose_side(workshop, connection, series, revision=revision, draft=draft)
    for note in write_plan_file(side.plan, output, crs=crs, encoding=encoding):
        say(f"note: {note}")
    say(f"written: {output} ({len(side.plan)} grids)")


def _scheduled(connection: Connection, series: Series) -> int | None:
    """Return the scheduled revision, if nothing is staged."""
    found = revision_summaries(connection, series)
    if not found or found[-1].staged or publishing.is_in_force(found[-1]):
        return None
    return found[-1].id


def _row(series: Series, summary: RevisionSummary) -> list[object]:
    begins = "staged" if summary.staged else summary.effective_from or "ever"
    ends = "" if summary.staged else summary.effective_to or "further notice"
    levels = ", ".join(f"{count} {level.value}" for level, count in summary.grids_by_level.items())
    return [series.name, str(summary.id), begins, ends, levels, summary.note]

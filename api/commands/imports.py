"""``wangge import``: what people have, into the database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.draft_output import tell_start
from api.commands.findings import print_findings
from api.commands.opening import PlanName, find_series, open_from_settings
from api.commands.output import AsJson, print_json, print_table, progress_rows, say
from api.commands.repairs import as_json as repair_as_json
from api.commands.repairs import print_repair, read_choice, write_pieces
from api.dates import parse_instant
from api.settings import Settings
from api.tasks.import_boundaries import (
    BoundaryChoices,
    BoundaryImport,
    check_boundaries,
    keep_boundaries,
)
from api.tasks.import_reports import ReportImport
from api.tasks.import_reports import import_reports as run_import_reports
from gis.errors import InputError
from gis.files.columns import ColumnChoice
from gis.files.tables import ReportTable, read_reports
from gis.plan import Level, Plan
from gis.plan.findings import ACCEPTABLE
from gis.store.sessions import transaction

app = typer.Typer(no_args_is_help=True, help="Bring files into the database.")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file to read.")]
Crs = Annotated[
    str | None,
    typer.Option("--crs", help="wgs84, cgcs2000, gcj02, bd09 or EPSG:n, if the file names none."),
]
Encoding = Annotated[
    str | None, typer.Option("--encoding", help="Text encoding, if guessing fails (gb18030, big5).")
]


@app.command()
def boundaries(
    file: File,
    code: Annotated[str | None, typer.Option("--code", help="Field with the code.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Field with the name.")] = None,
    level: Annotated[
        str,
        typer.Option(
            "--level",
            help="district, subdistrict, community, grid, subgrid; or the field that says so.",
        ),
    ] = "grid",
    parent: Annotated[
        str | None, typer.Option("--parent", help="Field with the parent's code.")
    ] = None,
    crs: Crs = None,
    encoding: Encoding = None,
    layer: Annotated[
        str | None, typer.Option("--layer", help="Layer, if the file holds several.")
    ] = None,
    plan: Annotated[
        str | None, typer.Option("--plan", help="Name of the plan; the file's name if left out.")
    ] = None,
    title: Annotated[str, typer.Option("--title", help="Title of a new plan, for pages.")] = "",
    metric_crs: Annotated[
        str | None,
        typer.Option("--metric-crs", help="Projected CRS in metres of a new plan; UTM otherwise."),
    ] = None,
    dissolve: Annotated[
        bool, typer.Option("--dissolve", help="Merge the parts that share a code.")
    ] = False,
    accept: Annotated[
        str,
        typer.Option("--accept", help="Faults to take as they are: overlaps,gaps,invalid,…"),
    ] = "",
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Close slivers between the areas, and show what moved."),
    ] = False,
    max_move_m: Annotated[
        float | None,
        typer.Option("--max-move-m", help="How far a repair may move a border; 1 m if left out."),
    ] = None,
    fill_gaps: Annotated[
        bool,
        typer.Option(
            "--fill-gaps", help="Also give wider gaps to the neighbour with the longest border."
        ),
    ] = False,
    settle_overlaps: Annotated[
        bool,
        typer.Option(
            "--settle-overlaps", help="Also give wider overlaps to the one with the longest border."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show everything, keep nothing.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="GeoJSON for the ground that a repair moves."),
    ] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Bring the plan into force; else it is staged.")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(
            "--from", help="Date from which it is in force. First revision: since ever; else now."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read boundaries, report every fault with its place, and stage or publish the plan."""
    settings = Settings()
    choices = BoundaryChoices(
        code=code,
        name=name,
        level=_read_level(level),
        level_field=None if _read_level(level) else level,
        parent=parent,
        crs=crs,
        encoding=encoding,
        layer=layer,
        dissolve=dissolve,
        accepted=_read_accepted(accept),
        repair=read_choice(
            repair=repair,
            max_move_m=max_move_m,
            fill_gaps=fill_gaps,
            settle_overlaps=settle_overlaps,
        ),
        plan=plan or settings.plan or file.name.split(".")[0],
        title=title,
        metric_crs=metric_crs,
        time_zone=settings.time_zone,
    )
    effective_from = parse_instant(since, settings.zone) if since else None
    if effective_from and not publish:
        raise InputError("--from says when the plan comes into force; it needs --publish")
    if out is not None and not repair:
        raise InputError("-o takes the ground that a repair moves; it needs --repair")
    database = open_from_settings(settings)
    with transaction(database.engine) as connection:
        checked = check_boundaries(connection, file, choices)
        if not as_json:
            for note in checked.notes:
                say(f"note: {note}")
            print_findings(checked.findings)
            print_repair(checked)
        if out is not None:
            write_pieces(checked.repair, out)
        if dry_run:
            checked.check()
            _tell_dry_run(checked, as_json=as_json)
            return
        kept = keep_boundaries(
            connection,
            checked,
            choices,
            actor="local",
            publish_now=publish,
            effective_from=effective_from,
        )
    assert kept.plan is not None  # noqa: S101 (keep_boundaries refuses a missing plan)
    if as_json:
        print_json(_describe(kept))
        return
    listed = _list_levels(kept.plan)
    state = "published" if kept.published else "staged (publish it with `wangge plan publish`)"
    say(f"plan {kept.series!r}: revision {kept.revision_id} {state}: {listed}")
    if kept.published:
        say(f"it {tell_start(kept.effective_from)}")


def _describe(kept: BoundaryImport) -> dict[str, object]:
    plan = kept.plan or Plan([])
    return {
        "plan": kept.series,
        "revision": kept.revision_id,
        "published": kept.published,
        "effective_from": kept.effective_from,
        "grids": {level.value: len(plan.at(level)) for level in plan.levels},
        "findings": kept.findings,
        "repair": repair_as_json(kept),
    }


def _list_levels(plan: Plan) -> str:
    return ", ".join(f"{len(plan.at(level)):,} {level.value}" for level in plan.levels)


def _tell_dry_run(checked: BoundaryImport, *, as_json: bool) -> None:
    if as_json:
        print_json(_describe(checked))
        return
    assert checked.plan is not None  # noqa: S101 (a missing plan has been refused)
    say(
        f"dry run: plan {checked.series!r} would have {_list_levels(checked.plan)}; "
        "nothing was kept"
    )


@app.command()
def reports(
    file: File,
    lon: Annotated[str | None, typer.Option("--lon", help="Column with the longitude.")] = None,
    lat: Annotated[str | None, typer.Option("--lat", help="Column with the latitude.")] = None,
    date: Annotated[str | None, typer.Option("--date", help="Column with the date.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Column with the kind.")] = None,
    category: Annotated[
        str | None, typer.Option("--category", help="Column with the category.")
    ] = None,
    external_id: Annotated[
        str | None, typer.Option("--id", help="Column with the source's own id.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="Column with the title.")] = None,
    status: Annotated[str | None, typer.Option("--status", help="Column with the status.")] = None,
    address: Annotated[
        str | None, typer.Option("--address", help="Column with the address.")
    ] = None,
    expect: Annotated[
        str | None,
        typer.Option("--expect", help="Column with the official area, to compare with."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", help="Name of the source system; the file's name if left out."),
    ] = None,
    crs: Crs = None,
    encoding: Encoding = None,
    time_zone: Annotated[
        str | None, typer.Option("--time-zone", help="Time zone of dates without an offset.")
    ] = None,
    plan: PlanName = None,
    as_json: AsJson = False,
) -> None:
    """Read reports, locate each by the boundaries in force when it occurred, and keep them.

    The same file may be imported again: a report is known by its source and id, or without an id
    by its content. Rejected rows go to a file beside the input, with the reason.
    """
    settings = Settings()
    database = open_from_settings(settings)
    with transaction(database.engine) as connection:
        series = find_series(connection, plan, settings)
    table = read_reports(
        file,
        columns=ColumnChoice(
            lon=lon,
            lat=lat,
            occurred_at=date,
            kind=kind,
            category=category,
            external_id=external_id,
            title=title,
            status=status,
            address=address,
            expected=expect,
        ),
        crs=crs,
        encoding=encoding,
        time_zone=time_zone or series.time_zone,
    )
    if not as_json:
        used = ", ".join(f"{name} ← {column}" for name, column in table.columns_used.items())
        say(f"columns: {used}")
        for note in table.notes:
            say(f"note: {note}")
    with progress_rows("Importing reports", None) as advance:
        done = run_import_reports(
            database,
            series,
            table,
            source=source or file.name.split(".")[0],
            expect=expect is not None,
            advance=advance,
        )
    if as_json:
        print_json(done)
    else:
        _tell(done, table)


def _tell(done: ReportImport, table: ReportTable) -> None:
    result = done.result
    print_table(
        "",
        ["reports", "number"],
        [
            ["read", done.rows],
            ["located in a grid", done.located],
            ["outside every grid", done.outside],
            ["unlocated (no usable position)", done.unlocated],
            ["rejected", done.rejected],
            ["new", result.inserted],
            ["changed", result.updated],
            ["already there", result.unchanged],
        ],
    )
    if done.without_revision:
        say(f"{done.without_revision:,} occurred when no revision was in force; they are outside")
    if done.rejected:
        say(f"rejected rows, with their reasons: {done.rejected_file}")
    if done.agreement:
        found = done.agreement
        say(
            f"agreement with {table.columns_used['expected']!r}: {found.agree:,} of "
            f"{found.named:,} ({100 * found.rate:.3f} %); {found.in_none:,} in no grid; "
            f"largest distance from the official area {found.largest_distance_m:.1f} m"
        )
        if found.unknown:
            examples = ", ".join(found.unknown_examples)
            say(f"{found.unknown:,} name an area that the plan does not have: {examples}")


def _read_accepted(text: str) -> frozenset[str]:
    named = frozenset(part.strip() for part in text.split(",") if part.strip())
    if unknown := sorted(named - ACCEPTABLE):
        raise InputError(
            f"--accept {unknown[0][:40]!r} is no fault that can be accepted; "
            f"there are: {', '.join(sorted(ACCEPTABLE))}"
        )
    return named


def _read_level(text: str) -> Level | None:
    return Level(text) if text in set(Level) else None

"""``wangge locate``: in which grids do the rows of a file lie?"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.opening import PlanName, connected, find_series
from api.commands.output import AsJson, print_json, print_table, progress_rows, say
from api.guards.logs import configure_logs
from api.settings import Settings
from api.tasks.locate_cluster import (
    PartResult,
    digest_question,
    find_done,
    list_parts,
    locate_parts,
    remove_leftovers,
)
from api.tasks.locate_rows import STATUSES, RowLocator
from api.tasks.locate_tables import (
    TableSummary,
    choose_parts,
    locate_table,
    read_common_date,
    refuse_same,
)
from api.tasks.row_locators import load_row_locator
from api.tasks.table_sources import Source, TableChoice, open_source
from gis.errors import InputError, Refused
from gis.files.row_writers import check_ending

_SHOWN = 5


def locate(
    file: Annotated[
        Path,
        typer.Argument(exists=True, help="CSV, XLSX, Parquet or GeoParquet; with --dask a folder."),
    ],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", help="Ending .csv .xlsx .parquet; with --dask a folder."),
    ],
    lon: Annotated[str | None, typer.Option("--lon", help="Column with the longitude.")] = None,
    lat: Annotated[str | None, typer.Option("--lat", help="Column with the latitude.")] = None,
    address: Annotated[
        str | None, typer.Option("--address", help="Column with the address.")
    ] = None,
    crs: Annotated[
        str | None,
        typer.Option(
            "--crs", help="wgs84, cgcs2000, gcj02, bd09 or EPSG:n, if the file names none."
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", help="Date of the boundaries, or the column with it; now if left out."
        ),
    ] = None,
    near: Annotated[
        float | None,
        typer.Option("--near", help="Metres outside that still count as near."),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="Text encoding, if guessing fails.")
    ] = None,
    layer: Annotated[
        str | None, typer.Option("--layer", help="Sheet or layer, if the file holds several.")
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option("--dask", help="Address of a Dask scheduler, such as tcp://10.0.0.1:8786."),
    ] = None,
    plan: PlanName = None,
    as_json: AsJson = False,
) -> None:
    """Add to each row of a file the grids that cover its point or its address."""
    settings = Settings()
    configure_logs(settings)  # to standard error: standard output is the answer's
    if (file.is_dir()) != (dask is not None):
        raise InputError(
            f"{file} is a folder: name the scheduler of a cluster with --dask"
            if dask is None
            else f"{file} is a file: --dask takes a folder of Parquet files"
        )
    choice = TableChoice(lon, lat, address, crs, at, encoding, layer, settings.zone)
    if dask is not None:
        _locate_folder(file, output, choice, settings, dask, plan, near, as_json=as_json)
        return
    check_ending(output)
    refuse_same(file, output)
    source = open_source(file, choice)
    locator, _, choice = _prepare(source, choice, file, settings, plan, near)
    with progress_rows("Locating", source.rows) as advance:
        summary = locate_table(source, locator, choice, file=file, output=output, advance=advance)
    if as_json:
        print_json(_describe(summary, output))
    else:
        _tell(summary, output)


def _prepare(
    source: Source,
    choice: TableChoice,
    file: Path,
    settings: Settings,
    plan: str | None,
    near_m: float | None,
) -> tuple[RowLocator, str, TableChoice]:
    """Load what the table needs; the choice comes back without a date that is no column."""
    at = read_common_date(choice.at, source.headings, settings.zone)
    if at is not None:
        choice = replace(choice, at=None)
    used = choose_parts(source, choice, file=file.name)
    with connected(settings) as connection:
        series = find_series(connection, plan, settings)
        locator, digest = load_row_locator(
            connection,
            series,
            settings,
            at=at,
            near_m=near_m,
            with_addresses="address" in used,
            with_dates="at" in used,
        )
    return locator, digest, choice


def _locate_folder(
    folder: Path,
    output: Path,
    choice: TableChoice,
    settings: Settings,
    dask: str,
    plan: str | None,
    near_m: float | None,
    *,
    as_json: bool,
) -> None:
    first = list_parts(folder, output, "")[0].source
    locator, digest, choice = _prepare(
        open_source(first, choice), choice, first, settings, plan, near_m
    )
    parts = list_parts(folder, output, digest_question(digest, choice))
    summary, failures, waiting = TableSummary(), list[str](), []
    for part in parts:
        known = find_done(part)
        if known is None:
            waiting.append(part)
        else:
            summary.merge(known)

    def add(result: PartResult) -> None:
        if result.summary is None:
            failures.append(result.failure)
        else:
            summary.merge(result.summary)
        advance(1)

    try:
        with progress_rows("Locating parts", len(parts)) as advance:
            advance(len(parts) - len(waiting))
            if waiting:
                locate_parts(dask, waiting, locator, choice, output=output, tell=add)
    finally:
        remove_leftovers(output)
    done = {"parts": len(parts), "already_there": len(parts) - len(waiting), "failed": failures}
    if as_json:
        print_json(_describe(summary, output) | done)
    else:
        _tell(summary, output)
        say(f"parts: {len(parts):,}, of which {done['already_there']:,} were already there")
    if failures:
        raise Refused(f"{len(failures):,} parts could not be located; first: {failures[0]}")


def _describe(summary: TableSummary, output: Path) -> dict[str, Any]:
    return {
        "output": str(output),
        "rows": summary.rows,
        "statuses": dict(summary.statuses),
        "first_error": summary.first_error or None,
        "columns": dict(summary.columns_used),
        "notes": summary.notes,
    }


def _tell(summary: TableSummary, output: Path) -> None:
    if summary.columns_used:
        used = ", ".join(f"{name} ← {column}" for name, column in summary.columns_used.items())
        say(f"columns: {used}")
    for note in summary.notes[:_SHOWN]:
        say(f"note: {note}")
    counts: Counter[str] = summary.statuses
    rows = [[name, counts[name]] for name in (*STATUSES, "error") if counts[name]]
    print_table("", ["rows", "number"], [["located", summary.rows], *rows])
    if summary.first_error:
        say(f"first of the errors: {summary.first_error}; all are in the column wangge_error")
    say(f"written: {output}")

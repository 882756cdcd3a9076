"""``wangge import cameras|buildings``: lists that are small enough to be read whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy import Connection

from api.commands.imports import Crs, Encoding, File, app
from api.commands.opening import PlanName, connected, find_series
from api.commands.output import AsJson, print_json, say
from api.settings import Settings
from gis.files.buildings import BuildingList, read_buildings
from gis.files.cameras import CameraList, read_cameras
from gis.store import audit
from gis.store.buildings import save_buildings
from gis.store.cameras import save_cameras
from gis.store.plans import Series
from gis.store.upserting import UpsertResult

Layer = Annotated[str | None, typer.Option("--layer", help="Layer or sheet, if there are several.")]
Item = TypeVar("Item")
_SHOWN = 5


@app.command()
def cameras(
    file: File,
    lon: Annotated[str | None, typer.Option("--lon", help="Column with the longitude.")] = None,
    lat: Annotated[str | None, typer.Option("--lat", help="Column with the latitude.")] = None,
    external_id: Annotated[str | None, typer.Option("--id", help="Column with the id.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Column with the name.")] = None,
    heading: Annotated[
        str | None, typer.Option("--heading", help="Column with the direction: 135, SE, 90-180 …")
    ] = None,
    angle: Annotated[
        str | None, typer.Option("--angle", help="Column with the field of view in degrees.")
    ] = None,
    reach: Annotated[
        str | None, typer.Option("--range", help="Column with the range in metres.")
    ] = None,
    default_angle: Annotated[
        float, typer.Option("--default-angle", min=1, max=360, help="Degrees, if not said.")
    ] = 90.0,
    default_range: Annotated[
        float, typer.Option("--default-range", min=1, max=5000, help="Metres, if not said.")
    ] = 50.0,
    crs: Crs = None,
    encoding: Encoding = None,
    layer: Layer = None,
    plan: PlanName = None,
    as_json: AsJson = False,
) -> None:
    """Read cameras from CSV, XLSX, GeoJSON or GeoPackage; known ones are brought up to date."""
    read = read_cameras(
        file,
        columns={
            "lon": lon,
            "lat": lat,
            "external_id": external_id,
            "name": name,
            "heading": heading,
            "angle": angle,
            "range": reach,
        },
        crs=crs,
        encoding=encoding,
        layer=layer,
        default_angle_deg=default_angle,
        default_range_m=default_range,
    )
    done = _keep("cameras", read.cameras, save_cameras, file=file, plan=plan)
    unknown = sum(camera.heading_deg is None and camera.angle_deg < 360 for camera in read.cameras)
    _tell("cameras", read, done, as_json=as_json)
    if unknown and not as_json:
        say(f"{unknown:,} have no direction that could be read; they count as covering nothing")


@app.command()
def buildings(
    file: File,
    external_id: Annotated[str | None, typer.Option("--id", help="Field with the id.")] = None,
    height: Annotated[
        str | None, typer.Option("--height", help="Field with the height in metres.")
    ] = None,
    levels: Annotated[
        str | None, typer.Option("--levels", help="Field with the number of storeys.")
    ] = None,
    households: Annotated[
        str | None, typer.Option("--households", help="Field with the number of households.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Field with the name.")] = None,
    address: Annotated[
        str | None, typer.Option("--address", help="Field with the standard address.")
    ] = None,
    crs: Crs = None,
    encoding: Encoding = None,
    layer: Layer = None,
    plan: PlanName = None,
    as_json: AsJson = False,
) -> None:
    """Read footprints with heights and households from any boundary format."""
    read = read_buildings(
        file,
        columns={
            "external_id": external_id,
            "height": height,
            "levels": levels,
            "households": households,
            "name": name,
            "address": address,
        },
        crs=crs,
        encoding=encoding,
        layer=layer,
    )
    done = _keep("buildings", read.buildings, save_buildings, file=file, plan=plan)
    _tell("buildings", read, done, as_json=as_json)


def _keep(
    what: str,
    items: list[Item],
    save: Callable[[Connection, Series, list[Item]], UpsertResult],
    *,
    file: Path,
    plan: str | None,
) -> UpsertResult:
    settings = Settings()
    with connected(settings) as connection:
        series = find_series(connection, plan, settings)
        done = save(connection, series, items)
        detail = {"file": file.name, what: len(items)}
        audit.record(connection, "local", f"{what}.import", series.name, detail)
    return done


def _tell(what: str, read: CameraList | BuildingList, done: UpsertResult, *, as_json: bool) -> None:
    if as_json:
        print_json({"result": done, "rejected": len(read.rejected), "columns": read.columns_used})
        return
    say("columns: " + ", ".join(f"{name} ← {column}" for name, column in read.columns_used.items()))
    for note in read.notes[:_SHOWN]:
        say(f"note: {note}")
    _tell_more("notes", read.notes)
    say(
        f"{what}: {done.inserted:,} new, {done.updated:,} changed, "
        f"{done.unchanged:,} already there, {len(read.rejected):,} rejected"
    )
    for row in read.rejected[:_SHOWN]:
        say(f"rejected: row {row.row}: {row.reason}")
    _tell_more("rejected rows", read.rejected)


def _tell_more(what: str, items: Sequence[object]) -> None:
    if len(items) > _SHOWN:
        say(f"… and {len(items) - _SHOWN:,} more {what}")

"""``wangge import addresses|aliases``: the address book of a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from api.commands.import_lists import Layer
from api.commands.imports import Crs, Encoding, File, app
from api.commands.opening import PlanName, connected, find_series
from api.commands.output import AsJson, print_json, progress_rows, say
from api.settings import Settings
from api.tasks.import_addresses import (
    AddressChoices,
    AddressImport,
    import_addresses,
    import_aliases,
)
from gis.files.aliases import read_aliases
from gis.files.records import Rejected

_SHOWN = 5


def _column(name: str, what: str) -> Any:
    return typer.Option(f"--{name}", help=f"Column with {what}.")


@app.command()
def addresses(
    file: File,
    address: Annotated[str | None, _column("address", "the whole address")] = None,
    lon: Annotated[str | None, _column("lon", "the longitude")] = None,
    lat: Annotated[str | None, _column("lat", "the latitude")] = None,
    external_id: Annotated[str | None, _column("id", "the id")] = None,
    building_id: Annotated[
        str | None, _column("building-id", "the id of the building, whose place counts")
    ] = None,
    province: Annotated[str | None, _column("province", "the province")] = None,
    city: Annotated[str | None, _column("city", "the city")] = None,
    county: Annotated[str | None, _column("county", "the county or district")] = None,
    subdistrict: Annotated[str | None, _column("subdistrict", "the subdistrict")] = None,
    community: Annotated[str | None, _column("community", "the community")] = None,
    road: Annotated[str | None, _column("road", "the street")] = None,
    lane: Annotated[str | None, _column("lane", "the lane")] = None,
    number: Annotated[str | None, _column("number", "the street number")] = None,
    estate: Annotated[str | None, _column("estate", "the estate")] = None,
    building: Annotated[str | None, _column("building", "the number of the building")] = None,
    unit: Annotated[str | None, _column("unit", "the entrance")] = None,
    floor: Annotated[str | None, _column("floor", "the floor")] = None,
    room: Annotated[str | None, _column("room", "the room")] = None,
    place: Annotated[str | None, _column("place", "the name of a place")] = None,
    crs: Crs = None,
    encoding: Encoding = None,
    layer: Layer = None,
    plan: PlanName = None,
    as_json: AsJson = False,
) -> None:
    """Read standard addresses from CSV, XLSX, any boundary format, or OpenStreetMap."""
    named = {
        "text": address,
        "lon": lon,
        "lat": lat,
        "external_id": external_id,
        "building_id": building_id,
        "province": province,
        "city": city,
        "county": county,
        "subdistrict": subdistrict,
        "community": community,
        "road": road,
        "lane": lane,
        "number": number,
        "estate": estate,
        "building": building,
        "unit": unit,
        "floor": floor,
        "room": room,
        "place": place,
    }
    settings = Settings()
    choices = AddressChoices(named, crs, encoding, layer)
    with connected(settings) as connection, progress_rows("addresses", None) as advance:
        series = find_series(connection, plan, settings)
        done = import_addresses(connection, series, file, choices, advance=advance)
    if as_json:
        print_json(_describe(done))
    else:
        _tell(done)


@app.command()
def aliases(
    file: File,
    part: Annotated[str | None, _column("part", "the part of an address: county, road …")] = None,
    alias: Annotated[str | None, _column("alias", "the other name")] = None,
    name: Annotated[str | None, _column("name", "the name in the address book")] = None,
    since: Annotated[str | None, _column("from", "the first day of the other name")] = None,
    until: Annotated[str | None, _column("to", "the day after its last")] = None,
    encoding: Encoding = None,
    layer: Layer = None,
    plan: PlanName = None,
    as_json: AsJson = False,
) -> None:
    """Read other names of districts, streets, estates and places, with their dates."""
    columns = {"part": part, "alias": alias, "name": name, "from": since, "to": until}
    read = read_aliases(file, columns=columns, encoding=encoding, layer=layer)
    settings = Settings()
    with connected(settings) as connection:
        series = find_series(connection, plan, settings)
        done = import_aliases(connection, series, file, read)
    if as_json:
        rejected = _list_rejected(read.rejected)
        columns_used = read.columns_used
        print_json({"result": done, "rejected": rejected, "columns": columns_used})
        return
    _tell_columns(read.columns_used, read.notes)
    say(
        f"aliases: {done.inserted:,} new, {done.updated:,} changed, "
        f"{done.unchanged:,} already there, {len(read.rejected):,} rejected"
    )
    _tell_rejected(read.rejected, len(read.rejected))


def _describe(done: AddressImport) -> dict[str, object]:
    return {
        "result": done.result,
        "rows": done.table.rows,
        "repeated": done.repeated,
        "outside": done.outside,
        "rejections": done.table.rejections,
        "rejected": _list_rejected(done.table.rejected),
        "columns": done.table.columns_used,
    }


def _list_rejected(rejected: Sequence[Rejected]) -> list[dict[str, object]]:
    return [{"row": each.row, "reason": each.reason} for each in rejected]


def _tell(done: AddressImport) -> None:
    table, result = done.table, done.result
    _tell_columns(table.columns_used, table.notes)
    say(
        f"addresses: {result.inserted:,} new, {result.updated:,} changed, "
        f"{result.unchanged:,} already there, {table.rejections:,} rejected"
    )
    if done.repeated:
        say(f"{done.repeated:,} have the id of a later row, which counts")
    if done.outside is None:
        say("no plan is in force, so that it is not known in which grids they lie")
    elif done.outside:
        say(f"{done.outside:,} of {done.usable:,} lie in no grid of the plan in force")
    _tell_rejected(table.rejected, table.rejections)


def _tell_columns(used: Mapping[str, str], notes: Sequence[str]) -> None:
    say("columns: " + ", ".join(f"{part} ← {column}" for part, column in used.items()))
    for note in notes[:_SHOWN]:
        say(f"note: {note}")


def _tell_rejected(rejected: Sequence[Rejected], count: int) -> None:
    for row in rejected[:_SHOWN]:
        say(f"rejected: row {row.row}: {row.reason}")
    if count > _SHOWN:
        say(f"… and {count - _SHOWN:,} more rejected rows")

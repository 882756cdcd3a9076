"""What is the standard address of every building, entrance and home?

An estate has one street number and numbers its buildings (幢); every other building has a street
number of its own. Street numbers grow northwards, or away from the river; odd ones are left.
Rooms are listed for 翁墩 only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gis.demo import names
from gis.demo.buildings import Filled
from gis.demo.doors import name_estates, number_doors
from gis.demo.layout import Layout
from gis.demo.roads import Roads
from gis.demo.terrain import draw, geometry_to_degrees
from gis.demo.uses import STOREY_M, Footprint
from gis.plan import Building

_REGION = "福建省三明市"


@dataclass(frozen=True, slots=True)
class StandardAddress:
    """One address of the standard address book, with its parts and its place (EPSG:4490).

    Parts that do not apply are empty. ``building_id`` is the ``external_id`` of the building.
    """

    text: str
    subdistrict: str
    community: str
    road: str
    number: str
    estate: str
    building: str
    unit: str
    room: str
    lon: float
    lat: float
    building_id: str


@dataclass(frozen=True)
class House:
    """A building with its address, the block it stands in and its outline in metres."""

    building: Building
    address: StandardAddress
    filled: Filled
    footprint: Footprint


def address_houses(
    layout: Layout, filled: tuple[Filled, ...], roads: Roads, seed: int
) -> tuple[House, ...]:
    """Number all buildings along their streets and inside their estates."""
    estates = name_estates(filled, draw(seed, "estates"))
    numbered = number_doors(layout, filled, roads, estates)
    houses = []
    counts: dict[str, int] = {}
    serial = 0
    for i, block in enumerate(filled):
        for j, footprint in enumerate(block.footprints):
            serial += 1
            road, number = numbered[i, j]
            estate = estates.get(i, "")
            if estate:
                counts[estate] = counts.get(estate, 0) + 1
            label = f"{counts[estate]}幢" if estate else ""
            houses.append(_house(f"B{serial:05d}", block, footprint, (road, number, estate, label)))
    return tuple(houses)


def _house(
    identity: str, block: Filled, footprint: Footprint, parts: tuple[str, str, str, str]
) -> House:
    road, number, estate, label = parts
    community = block.block.community
    subdistrict = names.SUBDISTRICTS[community.code[:9]]
    head = f"{_REGION}{names.DISTRICT[1]}{subdistrict}{community.name}"
    text = f"{head}{road}{number}号{estate}{label}"
    outline = geometry_to_degrees(footprint.outline)
    place = geometry_to_degrees(footprint.outline.representative_point())
    address = StandardAddress(
        text, subdistrict, community.name, road, f"{number}号", estate, label, "", "",
        place.x, place.y, identity,
    )  # fmt: skip
    height = round(footprint.storeys * STOREY_M + 1.0, 1)
    building = Building(identity, outline, height, footprint.households, f"{estate}{label}", text)
    return House(building, address, block, footprint)


def list_addresses(houses: tuple[House, ...]) -> tuple[StandardAddress, ...]:
    """List the addresses of buildings, of entrances, and in 翁墩 of rooms."""
    return tuple(address for house in houses for address in _house_addresses(house))


def _house_addresses(house: House) -> Iterator[StandardAddress]:
    yield house.address
    if not house.address.estate:
        return
    rooms = house.filled.block.community.code == names.WENGDUN
    flats = 4 if house.filled.use == "tower" else 2
    for unit in range(1, house.footprint.units + 1):
        yield _part(house, f"{unit}单元", "")
        if rooms:
            for storey in range(1, house.footprint.storeys + 1):
                for flat in range(1, flats + 1):
                    yield _part(house, f"{unit}单元", f"{storey}{flat:02d}室")


def _part(house: House, unit: str, room: str) -> StandardAddress:
    a = house.address
    return StandardAddress(
        f"{a.text}{unit}{room}", a.subdistrict, a.community, a.road, a.number, a.estate,
        a.building, unit, room, a.lon, a.lat, a.building_id,
    )  # fmt: skip

"""Do all standard addresses of the demonstration fall into the parts of which they were made?"""

from __future__ import annotations

import re

import pytest

from gis.demo import build_district
from gis.demo.addresses import StandardAddress
from gis.locate.address import Address, parse_address

UPPER = {"province": "福建省", "city": "三明市", "county": "梅列区"}


@pytest.fixture(scope="module")
def book() -> tuple[StandardAddress, ...]:
    return build_district().addresses


def _parts(entry: StandardAddress, **others: str) -> Address:
    lane = re.fullmatch(r"(\D+)(\d+)巷", entry.road)
    return Address(
        road=lane[1] if lane else entry.road,
        lane=lane[2] if lane else "",
        number=entry.number.removesuffix("号"),
        estate=entry.estate,
        building=entry.building.removesuffix("幢"),
        unit=entry.unit.removesuffix("单元"),
        room=entry.room.removesuffix("室"),
        **others,
    )


def _tail(entry: StandardAddress) -> str:
    home = f"{entry.estate}{entry.building}{entry.unit}{entry.room}"
    return f"{entry.road}{entry.number}{home}"


def test_whole_addresses(book: tuple[StandardAddress, ...]) -> None:
    areas = [{"subdistrict": a.subdistrict, "community": a.community, **UPPER} for a in book]
    parts = [_parts(a, **area) for a, area in zip(book, areas, strict=True)]
    assert [parse_address(a.text) for a in book] == parts


def test_without_beginning(book: tuple[StandardAddress, ...]) -> None:
    assert [parse_address(_tail(a)) for a in book] == [_parts(a) for a in book]
    short = [parse_address(f"{a.community}{_tail(a)}") for a in book]
    assert short == [_parts(a, community=a.community) for a in book]


def test_home_before_street_and_subdistrict(book: tuple[StandardAddress, ...]) -> None:
    texts = [
        f"{a.estate}{a.building}{a.unit}{a.room}{a.road}{a.number}{a.subdistrict}" for a in book
    ]
    parts = [_parts(a, subdistrict=a.subdistrict) for a in book]
    assert [parse_address(text) for text in texts] == parts

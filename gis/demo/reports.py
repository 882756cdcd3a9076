"""What was reported in three years, where and when?

Sixty thousand located matters without any personal data. They gather where people live, and
around markets, schools and the station; 翁墩 has the known 153 suggestions and 112 disputes.
"""

from __future__ import annotations

import math
import random
from bisect import bisect
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

import numpy as np
import pandas as pd

from gis.demo import names
from gis.demo.addresses import House
from gis.demo.base import Place
from gis.demo.layout import Layout
from gis.demo.rhythms import HOURS, MATTERS, MONTHS, YEARS, Matter
from gis.demo.roads import Roads
from gis.demo.spots import Spot, find_spots
from gis.demo.terrain import draw, to_degrees
from gis.reports.model import REPORT_COLUMNS, Kind, Status

TOTAL, WENGDUN_TOTAL = 60_000, 2_180
WENGDUN_KINDS = {Kind.SUGGESTION: 153, Kind.DISPUTE: 112}
FIRST_DAY, DAYS = date(2023, 1, 1), 1096
_HOURS_EAST = 8
_UNLOCATED_SHARE = 0.025


class _Wheel:
    """Draws positions with given weights."""

    def __init__(self, weights: list[float]) -> None:
        self._sums = list(accumulate(weights))

    def draw(self, chance: random.Random) -> int:
        return min(bisect(self._sums, chance.random() * self._sums[-1]), len(self._sums) - 1)


def make_reports(
    layout: Layout,
    houses: tuple[House, ...],
    roads: Roads,
    places: tuple[Place, ...],
    seed: int,
) -> pd.DataFrame:
    """Make the table of reports of 2023 to 2025.

    Returns
    -------
    DataFrame
        Columns as in :data:`gis.reports.model.REPORT_COLUMNS`, ordered by time.
    """
    chance = draw(seed, "reports")
    spots = find_spots(layout, houses, roads, places)
    home = [spot for spot, code in spots if code == names.WENGDUN]
    away = [spot for spot, code in spots if code != names.WENGDUN]
    days = _day_wheels()
    rows = _draw_rows(away, _all_cases(), TOTAL - WENGDUN_TOTAL, days, chance, located=False)
    rest = WENGDUN_TOTAL
    for kind, count in WENGDUN_KINDS.items():
        cases = [case for case in _all_cases() if case[1] is kind]
        rows += _draw_rows(home, cases, count, days, chance, located=True)
        rest -= count
    cases = [case for case in _all_cases() if case[1] not in WENGDUN_KINDS]
    rows += _draw_rows(home, cases, rest, days, chance, located=False)
    return _frame(sorted(rows))


Case = tuple[Matter, Kind, float]
Row = tuple[int, str, str, str, str, float, float, str]


def _all_cases() -> list[Case]:
    return [(matter, kind, weight) for matter in MATTERS for kind, weight in matter.kinds]


def _draw_rows(
    spots: list[Spot],
    cases: list[Case],
    count: int,
    days: dict[str, _Wheel],
    chance: random.Random,
    *,
    located: bool,
) -> list[Row]:
    case_wheel = _Wheel([case[2] for case in cases])
    hours = {name: _Wheel([float(w) for w in row]) for name, row in HOURS.items()}
    wheels = {
        matter.category: _Wheel([_weight(spot, matter) for spot in spots]) for matter, _, _ in cases
    }
    rows = []
    for _ in range(count):
        matter, kind, _ = cases[case_wheel.draw(chance)]
        spot = spots[wheels[matter.category].draw(chance)]
        moment = _moment(days[matter.category], hours[matter.hours], chance)
        lost = chance.random() < _UNLOCATED_SHARE and not located
        rows.append(_row(matter, kind, spot, moment, chance, lost=lost))
    return rows


def _weight(spot: Spot, matter: Matter) -> float:
    base = 3.0 if matter.street else spot.homes
    return base * (1.0 + matter.pull * spot.heat)


def _row(
    matter: Matter, kind: Kind, spot: Spot, moment: int, chance: random.Random, *, lost: bool
) -> Row:
    x, y = _position(spot, chance, street=matter.street)
    lon, lat = to_degrees(round(x, 1), round(y, 1))
    where = f"{spot.road}路段" if matter.street else spot.label
    address = f"{spot.address}附近" if matter.street else spot.address
    if lost:
        lon = lat = math.nan
        address = f"{spot.road}附近" if chance.random() < 0.7 else ""
    status = Status.OPEN if chance.random() < _open_share(moment) else Status.CLOSED
    return (
        moment,
        kind.value,
        matter.category,
        f"{where}{matter.category}",
        status,
        lon,
        lat,
        address,
    )


def _position(spot: Spot, chance: random.Random, *, street: bool) -> tuple[float, float]:
    """Somewhere on a pavement near the house, or inside the house."""
    points = spot.kerbs if street else spot.corners
    x, y = points[int(chance.random() * len(points))]
    if street:
        return x + chance.uniform(-1.5, 1.5), y + chance.uniform(-1.5, 1.5)
    share = chance.uniform(0.0, 0.6)
    return spot.middle[0] + share * (x - spot.middle[0]), spot.middle[1] + share * (
        y - spot.middle[1]
    )


def _open_share(moment: int) -> float:
    """The younger a report, the likelier is it still open."""
    age = (_epoch(DAYS) - moment) / 86_400.0
    if age < 45.0:
        return 0.75 * (1.0 - age / 45.0) + 0.01
    return 0.008 if age < 200.0 else 0.001


def _moment(days: _Wheel, hours: _Wheel, chance: random.Random) -> int:
    """Seconds since 1970 of a day and time in China."""
    second = int(chance.random() * 3600.0)
    return _epoch(days.draw(chance)) + hours.draw(chance) * 3600 + second


def _epoch(day: int) -> int:
    first = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC)
    return int(first.timestamp()) - _HOURS_EAST * 3600 + day * 86_400


def _day_wheels() -> dict[str, _Wheel]:
    found = {}
    for matter in MATTERS:
        weights = []
        for offset in range(DAYS):
            day = FIRST_DAY + timedelta(days=offset)
            weekend = matter.weekend if day.weekday() >= 5 else 1.0
            weights.append(YEARS[day.year] * MONTHS[matter.months][day.month - 1] * weekend)
        found[matter.category] = _Wheel(weights)
    return found


def _frame(rows: list[Row]) -> pd.DataFrame:
    moments = np.array([row[0] for row in rows], dtype="int64") * 1_000_000
    times = pd.to_datetime(moments, unit="us", utc=True).tz_convert("Asia/Shanghai").as_unit("us")
    columns = list(zip(*rows, strict=True))
    table = pd.DataFrame(
        {
            "external_id": [f"R{number:06d}" for number in range(1, len(rows) + 1)],
            "occurred_at": times,
            "kind": columns[1],
            "category": columns[2],
            "title": columns[3],
            "status": [str(status.value) for status in columns[4]],
            "lon": np.array(columns[5], dtype="float64"),
            "lat": np.array(columns[6], dtype="float64"),
            "address": columns[7],
        }
    )
    return table[list(REPORT_COLUMNS)]

r"""Does ``locate`` at any instant answer as the revision in force then, across publishes?

Each example publishes a line of revisions through the store: a community of 3 × 3 squares that are
put together to grids by chance, in force from instants by chance, some of them to come, and some of
those cancelled again. The answer of the plans in memory at any instant and place is compared with
one that is computed anew from the stored revisions with GEOS. Places lie on a lattice of half
squares: inside, on borders, on corners and outside::

    +---+---+---+
    | A | A | B |     one revision: A, B and C are grids
    +---+---+---+
    | C | A | B |
    +---+---+---+
    | C | C | B |
    +---+---+---+
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from api.live_plans import LivePlan, LivePlans
from api.settings import Settings
from gis.errors import NotFound
from gis.plan import Grid, Level, Plan, Revision
from gis.store import plans, publishing
from gis.store.database import Database, open_database
from gis.store.plans import Series
from gis.store.sessions import transaction

STEP_DEG = 0.01
WEST, SOUTH = 117.6, 26.2
COMMUNITY = "350402002003"
START = datetime(2020, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
FUTURE = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Step:
    """A publish: the grid of each square, and how long after the one before it is in force.

    One that is still to come may be cancelled; ``seen`` ones are loaded before what comes next.
    """

    grids: tuple[int, ...]
    after: timedelta
    to_come: bool
    cancelled: bool
    seen: bool


steps = some.builds(
    Step,
    some.tuples(*[some.integers(1, 4)] * 9),
    some.timedeltas(TICK, timedelta(days=400)),
    some.booleans(),
    some.booleans(),
    some.booleans(),
)
places = some.tuples(some.integers(-1, 7), some.integers(-1, 7))
distances = some.timedeltas(timedelta(days=-500), timedelta(days=2000))


def draw(step: Step) -> Plan:
    """Put the squares together."""
    squares = [shapely.box(*(_at(n % 3, n // 3) + _at(n % 3 + 1, n // 3 + 1))) for n in range(9)]
    grids = [
        Grid(f"{COMMUNITY}{number:03d}", f"{number}", Level.GRID, shapely.union_all(own), COMMUNITY)
        for number in sorted(set(step.grids))
        if (own := [square for square, of in zip(squares, step.grids, strict=True) if of == number])
    ]
    whole = shapely.union_all(squares)
    return Plan([Grid(COMMUNITY, "翁墩社区", Level.COMMUNITY, whole), *grids])


def _at(column: float, row: float) -> tuple[float, float]:
    return round(WEST + column * STEP_DEG, 7), round(SOUTH + row * STEP_DEG, 7)


@pytest.fixture(scope="module")
def live(module_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePlans]:
    """The plans of a database of this file, with a folder of its own for indexes."""
    database = open_database(module_url, Path())
    yield LivePlans(database, Settings(data_folder=tmp_path_factory.mktemp("data")))
    database.engine.dispose()


@pytest.fixture(scope="module")
def module_url(cluster) -> Iterator[str]:
    """URL of a database for all examples of this file."""
    from tests.api.conftest import empty_database

    with empty_database(cluster) as url:
        yield url


_numbers = count(1)


def publish_line(live: LivePlans, database: Database, line: list[Step]) -> Series:
    """Publish a line of revisions as a new series."""
    with transaction(database.engine) as connection:
        series = plans.ensure_series(
            connection, f"s{next(_numbers)}", title="", metric_srid=4548, time_zone="Asia/Shanghai"
        )
    moment, to_come = None, False
    for step in line:
        to_come = to_come or (step.to_come and moment is not None)
        moment = _next(moment, step, to_come=to_come)
        with transaction(database.engine) as connection:
            staged = plans.stage(connection, series, draw(step))
            publishing.publish(connection, series, staged, effective_from=moment)
        if step.seen:
            live.reload()
        if step.cancelled and to_come:
            with transaction(database.engine) as connection:
                publishing.cancel_scheduled(connection, series, staged, actor="lin")
    return series


def _next(moment: datetime | None, step: Step, *, to_come: bool) -> datetime:
    if moment is None:
        return START
    later = moment + step.after
    return FUTURE + step.after if to_come and later < FUTURE else later


def load(database: Database, series: Series) -> list[Revision]:
    with transaction(database.engine) as connection:
        return plans.load_revisions(connection, series)


def compute_anew(revisions: list[Revision], point: shapely.Point, at: datetime) -> object:
    """Return id and codes by the revision in force, from nothing but its geometry."""
    for revision in revisions:
        start, end = revision.effective_from, revision.effective_to
        if (start is None or start <= at) and (end is None or at < end):
            covering = [grid for grid in revision.plan if grid.geometry.covers(point)]
            lowest: dict[Level, str] = {}
            for grid in sorted(covering, key=lambda each: (each.level.rank, each.code)):
                lowest.setdefault(grid.level, grid.code)
            return revision.id, list(lowest.values())
    return None


def answer(live: LivePlan, point: shapely.Point, at: datetime) -> object:
    try:
        match = live.locator.locate(lon=point.x, lat=point.y, at=at)
    except NotFound:
        return None
    return match.revision.id, [hit.code for hit in match.grids]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    line=some.lists(steps, min_size=1, max_size=5),
    asked=some.lists(some.tuples(places, distances), min_size=1, max_size=12),
)
def test_every_answer_is_that_of_the_revision_in_force_then(
    live: LivePlans, line: list[Step], asked: list[tuple[tuple[int, int], timedelta]]
) -> None:
    database = live._database
    series = publish_line(live, database, line)
    live.reload()
    plan, revisions = live.choose(series.name), load(database, series)
    starts = [each.effective_from for each in revisions if each.effective_from is not None]
    moments = [start + step for start in starts for step in (-TICK, timedelta(0), TICK)]
    for (column, row), distance in asked:
        point = shapely.Point(_at(column / 2, row / 2))
        for at in (START + distance, FUTURE + distance, *moments):
            assert answer(plan, point, at) == compute_anew(revisions, point, at)

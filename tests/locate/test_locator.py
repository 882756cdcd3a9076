"""Which grids cover a place on a date?"""

import pickle
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
import shapely

from gis.errors import InputError, NotFound
from gis.locate import GridHit, GridIndex, Locator, PlanIndex

NEW_YEAR = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=8)))
SUMMER = datetime(2026, 7, 1, tzinfo=UTC)


def square(x: int, y: int, size: int = 1) -> shapely.Polygon:
    step = 0.01
    west, south = 117.6 + x * step, 26.2 + y * step
    return shapely.box(west, south, west + size * step, south + size * step)


def plan(
    number: int, start: datetime | None = None, end: datetime | None = None, prefix: str = "g"
) -> PlanIndex:
    """One community of four grids; only grid 1 has subgrids, and they come in no order.

    ::

        +-------+-------+
        |  g3   |  g4   |
        +---+---+-------+
        |s1 |s2 |  g2   |
        +---+---+-------+
    """
    grids = [("4", square(1, 1)), ("2", square(1, 0)), ("1", square(0, 0)), ("3", square(0, 1))]
    west, south, east, north = square(0, 0).bounds
    middle = (west + east) / 2
    return PlanIndex(
        number,
        start,
        end,
        {
            "community": [("c", "翁墩社区", square(0, 0, 2))],
            "grid": [(prefix + code, f"网格{code}", geometry) for code, geometry in grids],
            "subgrid": [
                ("s2", "二", shapely.box(middle, south, east, north)),
                ("s1", "一", shapely.box(west, south, middle, north)),
            ],
        },
        metric_srid=4548,
    )


def test_grids_run_from_the_widest_to_the_narrowest() -> None:
    match = Locator([plan(1)]).locate(lon=117.602, lat=26.205)
    assert match.status == "inside"
    assert match.grids == (
        GridHit("community", "c", "翁墩社区"),
        GridHit("grid", "g1", "网格1"),
        GridHit("subgrid", "s1", "一"),
    )
    assert match.revision.id == 1


def test_border_is_that_of_the_grid_not_of_the_subgrid() -> None:
    match = Locator([plan(1)]).locate(lon=117.609, lat=26.205)
    assert match.border is not None
    assert match.border.neighbour == "g2"
    assert match.border.distance_m == pytest.approx(99.9, abs=0.5)
    on = Locator([plan(1)]).locate(lon=117.61, lat=26.205)
    assert on.grids[1].code == "g1"
    assert on.border is not None
    assert (on.border.distance_m, on.border.neighbour, on.border.on_border) == (0.0, "g2", True)


def test_a_grid_without_subgrids_ends_at_the_grid() -> None:
    match = Locator([plan(1)]).locate(lon=117.615, lat=26.215, with_border=False)
    assert [hit.code for hit in match.grids] == ["c", "g4"]
    assert match.border is None


def test_outside_has_no_grids_and_no_border() -> None:
    for lon in (117.7, float("nan")):
        match = Locator([plan(1)]).locate(lon=lon, lat=26.205)
        assert (match.status, match.grids, match.border) == ("outside", (), None)


def test_the_finest_level_stands_in_where_there_is_no_level_grid() -> None:
    wards = {"ward": [("b", "B", square(1, 0)), ("a", "A", square(0, 0))]}
    match = PlanIndex(1, None, None, wards, metric_srid=4548).locate(lon=117.6098, lat=26.205)
    assert match.border is not None
    assert match.border.neighbour == "b"


def test_many_points_in_any_level() -> None:
    index = plan(1)
    lon, lat = [117.602, 117.612, 117.602, 117.7], [26.205, 26.205, 26.215, 26.2]
    assert index.levels == ("community", "grid", "subgrid")
    assert index.codes("grid") == ("g1", "g2", "g3", "g4")
    assert index.locate_many(lon, lat).tolist() == [0, -1, -1, -1]
    assert index.locate_many(lon, lat, level="grid").tolist() == [0, 1, 2, -1]
    assert {level: found.tolist() for level, found in index.locate_levels(lon, lat).items()} == {
        "community": [0, 0, 0, -1],
        "grid": [0, 1, 2, -1],
        "subgrid": [0, -1, -1, -1],
    }
    with pytest.raises(NotFound, match="revision 1 has no level 'ward'; it has community, grid"):
        index.locate_many(lon, lat, level="ward")


def test_date_picks_the_revision_by_half_open_validity() -> None:
    locator = Locator([plan(2, NEW_YEAR, SUMMER), plan(3, SUMMER), plan(1, None, NEW_YEAR)])
    assert [index.revision.id for index in locator.indexes] == [1, 2, 3]
    instant = timedelta(microseconds=1)
    for moment, expected in (
        (datetime(1999, 1, 1, tzinfo=UTC), 1),
        (NEW_YEAR - instant, 1),
        (NEW_YEAR, 2),
        (NEW_YEAR.astimezone(UTC), 2),
        (SUMMER - instant, 2),
        (SUMMER, 3),
        (None, 3),
    ):
        assert locator.locate(lon=117.6, lat=26.2, at=moment).revision.id == expected


def test_no_revision_in_force_is_said_with_what_there_is() -> None:
    with pytest.raises(NotFound, match="no revision is published yet"):
        Locator().locate(lon=117.6, lat=26.2)
    locator = Locator([plan(4, NEW_YEAR, SUMMER)])
    with pytest.raises(
        NotFound, match=r"in force at 2020-05-04.*the first, revision 4, .* from 2026-01-01"
    ) as caught:
        locator.locate(lon=117.6, lat=26.2, at=datetime(2020, 5, 4, tzinfo=UTC))
    assert caught.value.data == {"at": "2020-05-04T00:00:00+00:00"}
    with pytest.raises(NotFound, match=r"the latest are revision 4 from 2026-01-01"):
        locator.locate(lon=117.6, lat=26.2, at=SUMMER)


def test_dates_without_offset_are_refused() -> None:
    naive = datetime(2026, 1, 1)
    with pytest.raises(InputError, match="has no offset from UTC"):
        Locator([plan(1)]).locate(lon=117.6, lat=26.2, at=naive)
    with pytest.raises(InputError, match="has no offset from UTC"):
        plan(1, naive)


def test_two_revisions_in_force_at_once_are_refused() -> None:
    locator = Locator([plan(1)])
    for pair in (
        [plan(1, None, SUMMER), plan(2, NEW_YEAR)],
        [plan(1, NEW_YEAR), plan(2, SUMMER)],
        [plan(1, None, SUMMER), plan(2, None, None)],
    ):
        with pytest.raises(InputError, match="would be in force at once"):
            locator.replace(pair)
    assert [index.revision.id for index in locator.indexes] == [1]


def test_a_plan_without_levels_is_refused() -> None:
    with pytest.raises(InputError, match="no level"):
        PlanIndex(1, None, None, {}, metric_srid=4548)


def test_replace_never_shows_a_mixture() -> None:
    """Readers in threads see all of one set of revisions or all of the other."""
    before = [plan(1, None, SUMMER, "a"), plan(2, SUMMER, None, "a")]
    after = [plan(3, None, SUMMER, "b"), plan(4, SUMMER, None, "b")]
    locator = Locator(before)
    seen: set[tuple[int, ...]] = set()
    answers: set[tuple[int, str]] = set()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.add(tuple(index.revision.id for index in locator.indexes))
            match = locator.locate(lon=117.602, lat=26.205, at=SUMMER)
            answers.add((match.revision.id, match.grids[1].code))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(200):
        locator.replace(after)
        locator.replace(before)
    stop.set()
    for reader in readers:
        reader.join()
    assert seen <= {(1, 2), (3, 4)}
    assert answers <= {(2, "a1"), (4, "b1")}


def test_ready_made_indexes_are_taken_and_wrong_ones_refused() -> None:
    squares = [("b", "", square(1, 0)), ("a", "", square(0, 0))]
    ready = GridIndex([square(0, 0), square(1, 0)])
    made = PlanIndex(1, None, None, {"grid": squares}, metric_srid=4548, indexes={"grid": ready})
    assert made.locate(lon=117.615, lat=26.205).grids == (GridHit("grid", "b", ""),)
    with pytest.raises(InputError, match=r"over 1 grids, and there are 2"):
        PlanIndex(
            1,
            None,
            None,
            {"grid": squares},
            metric_srid=4548,
            indexes={"grid": GridIndex([square(0, 0)])},
        )


def test_a_plan_index_can_be_sent_to_another_process() -> None:
    index = plan(3, NEW_YEAR)
    place = {"lon": 117.609, "lat": 26.205}
    before = index.locate(**place, accuracy_m=100.0)
    again = pickle.loads(pickle.dumps(index))  # noqa: S301
    assert again.locate(**place, accuracy_m=100.0) == before
    assert again.revision == index.revision


def test_the_extent_is_that_of_the_widest_level() -> None:
    assert plan(1).extent == square(0, 0, 2).bounds
    assert plan(1).names("grid") == ("网格1", "网格2", "网格3", "网格4")

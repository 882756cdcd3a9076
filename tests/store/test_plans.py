"""Plans are staged, published and loaded as they were; published history never changes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import psycopg
import pytest
import shapely
from sqlalchemy import Engine, text

from gis.errors import Conflict, InputError, NotFound, Refused, WanggeError
from gis.plan.model import Grid, Level, Plan
from gis.store import audit, plans, publishing
from gis.store.sessions import open_engine, transaction
from tests.store.drawn import YEAR_2026, make_series, nine_grids, publish_nine_grids


def test_published_plan_comes_back_to_the_last_bit(database: Engine) -> None:
    ring = shapely.Polygon(
        [(117.6000001, 26.2), (117.7, 26.2), (117.7, 26.3)],
        [[(117.69, 26.21), (117.695, 26.21), (117.695, 26.22)]],
    )
    exclave = shapely.MultiPolygon([ring, shapely.box(118.0, 26.0, 118.1, 26.1)])
    plan = Plan(
        [Grid("a\\N", "行\n\t一", Level.SUBDISTRICT, exclave), Grid("b", "", Level.GRID, ring)]
    )
    with transaction(database) as connection:
        series = make_series(connection)
        publishing.publish(connection, series, plans.stage(connection, series, plan))
    with transaction(database) as connection:
        [revision] = plans.load_revisions(connection, series)
    assert revision.plan.grids == plan.grids
    assert revision.plan.fingerprint == plan.fingerprint
    assert (revision.series, revision.effective_from, revision.effective_to) == (
        "meilie", None, None,
    )  # fmt: skip


def test_second_revision_ends_the_first(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        staged = plans.stage(connection, series, nine_grids("新"), note="2026", actor="chen")
        summary = publishing.publish(
            connection, series, staged, effective_from=YEAR_2026, actor="chen"
        )
    assert summary.effective_from == YEAR_2026
    with transaction(database) as connection:
        first, second = plans.load_revisions(connection, series)
        assert plans.load_revision(connection, second.id).plan.grids == second.plan.grids
        newest, *_ = audit.entries(connection, subject="meilie")
    assert (first.effective_to, second.effective_from) == (YEAR_2026, YEAR_2026)
    assert first.in_force(YEAR_2026 - timedelta(microseconds=1))
    assert not first.in_force(YEAR_2026)
    assert second.in_force(YEAR_2026)
    assert (newest.actor, newest.action) == ("chen", "plan.publish")
    assert newest.detail["revision"] == second.id


def test_staging_again_replaces_what_was_staged(database: Engine) -> None:
    with transaction(database) as connection:
        series = make_series(connection)
        first = plans.stage(connection, series, nine_grids("一"))
        second = plans.stage(connection, series, nine_grids("二"), note="again")
    with transaction(database) as connection:
        [summary] = plans.revision_summaries(connection, series)
        assert plans.load_plan(connection, second).fingerprint == summary.fingerprint
        assert plans.load_revisions(connection, series) == []
        with pytest.raises(NotFound):
            plans.load_revision(connection, second)
        with pytest.raises(Conflict, match="not staged any more"):
            publishing.publish(connection, series, first)
    assert summary.staged
    assert summary.note == "again"
    assert summary.grids_by_level == {Level.COMMUNITY: 1, Level.GRID: 9}


def test_staged_plan_can_be_discarded(database: Engine) -> None:
    with transaction(database) as connection:
        series = make_series(connection)
        plans.stage(connection, series, nine_grids())
        assert plans.discard_staged(connection, series)
        assert not plans.discard_staged(connection, series)
        assert plans.revision_summaries(connection, series) == []


@pytest.mark.parametrize("effective_from", [None, YEAR_2026, YEAR_2026 - timedelta(days=1)])
def test_publish_must_be_after_the_latest(
    database: Engine, effective_from: datetime | None
) -> None:
    with transaction(database) as connection:
        series = make_series(connection)
        first = plans.stage(connection, series, nine_grids())
        publishing.publish(connection, series, first, effective_from=YEAR_2026)
        second = plans.stage(connection, series, nine_grids("新"))
        with pytest.raises(Refused, match="after that"):
            publishing.publish(connection, series, second, effective_from=effective_from)


def test_date_without_time_zone_is_refused(database: Engine) -> None:
    with transaction(database) as connection:
        series = make_series(connection)
        staged = plans.stage(connection, series, nine_grids())
        with pytest.raises(InputError, match="time zone"):
            publishing.publish(connection, series, staged, effective_from=datetime(2026, 1, 1))  # noqa: DTZ001, RUF100


def test_unknown_series_names_the_known(database: Engine) -> None:
    with transaction(database) as connection:
        make_series(connection)
        with pytest.raises(NotFound, match="meilie"):
            plans.get_series(connection, "sanyuan")
        with pytest.raises(InputError, match="Asia/Shanghai"):
            plans.ensure_series(
                connection, "x", title="", metric_srid=4548, time_zone="Fujian/Sanming"
            )
        assert [each.name for each in plans.list_series(connection)] == ["meilie"]


def test_of_sixteen_publishes_at_once_one_succeeds(database_url: str) -> None:
    engine = open_engine(database_url, pool_size=16)
    with transaction(engine) as connection:
        series = make_series(connection)
        staged = plans.stage(connection, series, nine_grids())

    def publish(_: int) -> str:
        try:
            with transaction(engine) as connection:
                publishing.publish(connection, series, staged, effective_from=YEAR_2026)
        except Conflict as error:
            return error.code
        return "published"

    with ThreadPoolExecutor(16) as pool:
        outcomes = sorted(pool.map(publish, range(16)))
    engine.dispose()
    assert outcomes == ["conflict"] * 15 + ["published"]


def test_stage_and_publish_of_many_leave_one_line_without_overlap(database_url: str) -> None:
    engine = open_engine(database_url, pool_size=8)
    with transaction(engine) as connection:
        series = make_series(connection)

    def change(day: int) -> bool:
        try:
            with transaction(engine) as connection:
                staged = plans.stage(connection, series, nine_grids(str(day)))
            with transaction(engine) as connection:
                start = YEAR_2026 + timedelta(days=day)
                publishing.publish(connection, series, staged, effective_from=start)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        published = sum(pool.map(change, range(24)))
    with transaction(engine) as connection:
        revisions = plans.load_revisions(connection, series)
    engine.dispose()
    assert 1 <= published == len(revisions)
    for earlier, later in pairwise(revisions):
        assert earlier.effective_to == later.effective_from
    assert revisions[-1].effective_to is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE grid SET name = 'x'",
        "UPDATE grid SET geom = ST_Translate(geom, 1, 0)",
        "DELETE FROM grid WHERE level = 'grid'",
        "INSERT INTO grid (revision_id, level, code, geom)"
        " SELECT revision_id, level, 'new', geom FROM grid LIMIT 1",
        "TRUNCATE grid CASCADE",
        "UPDATE revision SET note = 'x'",
        "UPDATE revision SET valid = NULL",
        "UPDATE revision SET valid = tstzrange('2020-01-01Z', '2021-01-01Z')",
        "DELETE FROM revision",
        "TRUNCATE series CASCADE",
        "DELETE FROM series",
    ],
)
def test_published_history_never_changes(database: Engine, statement: str) -> None:
    with transaction(database) as connection:
        publish_nine_grids(connection)
    with pytest.raises(Refused) as refusal, transaction(database) as connection:
        connection.execute(text(statement))
    assert refusal.value.data["sqlstate"] == "WG001"


def test_end_of_a_revision_is_set_once(database: Engine) -> None:
    close = text("UPDATE revision SET valid = tstzrange(lower(valid), :until)")
    with transaction(database) as connection:
        publish_nine_grids(connection)
        connection.execute(close, {"until": YEAR_2026})
    with pytest.raises(Refused), transaction(database) as connection:
        connection.execute(close, {"until": datetime(2027, 1, 1, tzinfo=UTC)})


def test_database_never_takes_two_revisions_in_force(database: Engine) -> None:
    with transaction(database) as connection:
        publish_nine_grids(connection)
    insert = text(
        "INSERT INTO revision (series_id, valid, fingerprint)"
        " SELECT id, tstzrange('2026-01-01Z', NULL), '' FROM series"
    )
    with pytest.raises(Conflict), transaction(database) as connection:
        connection.execute(insert)


def test_publish_is_announced_when_it_commits(
    database: Engine, postgis: psycopg.Connection
) -> None:
    postgis.autocommit = True
    postgis.execute(f"LISTEN {plans.REVISION_CHANNEL}")
    with transaction(database) as connection:
        publish_nine_grids(connection)
        assert list(postgis.notifies(timeout=0.2)) == []
    assert [each.payload for each in postgis.notifies(timeout=5, stop_after=1)] == ["meilie"]


def test_failed_publish_leaves_everything_as_it_was(database: Engine) -> None:
    with transaction(database) as connection:
        series, _ = publish_nine_grids(connection)
        staged = plans.stage(connection, series, nine_grids("新"))
    with pytest.raises(WanggeError), transaction(database) as connection:
        publishing.publish(connection, series, staged, effective_from=YEAR_2026)
        raise WanggeError("something later fails")
    with transaction(database) as connection:
        first, second = plans.revision_summaries(connection, series)
    assert first.effective_to is None
    assert second.staged


@pytest.mark.parametrize("name", ["", "x" * 201, "a\nb", "a\x00b"])
def test_a_name_that_nobody_could_type_is_refused(database: Engine, name: str) -> None:
    with transaction(database) as connection, pytest.raises(InputError, match="printable"):
        plans.ensure_series(
            connection, name, title="", metric_srid=32650, time_zone="Asia/Shanghai"
        )


def test_a_name_that_holds_nul_is_told(database: Engine) -> None:
    plan = Plan([Grid("1", "网格\x00一", Level.GRID, shapely.box(117.6, 26.2, 117.7, 26.3))])
    with (
        pytest.raises(InputError, match="NUL character after"),
        transaction(database) as connection,
    ):
        plans.stage(connection, make_series(connection), plan)

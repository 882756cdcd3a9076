"""Open reports get the grid that answers for them now; closed ones keep theirs, and all history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from shapely.affinity import translate
from sqlalchemy import Connection, Engine, text

from gis.plan.edits.model import Edit, Merge
from gis.plan.model import Grid, Plan
from gis.store import plans, publishing, routing
from gis.store.plans import Series
from gis.store.reports import copy_reports
from gis.store.sessions import transaction
from tests.store.drawn import publish_nine_grids, reports
from tests.store.editing import code, locate_in, make_approved, renumber

# Number of the grid → the place of its report; 0 is outside the plan.
PLACES = {1: (117.605, 26.205), 2: (117.615, 26.205), 5: (117.615, 26.215), 0: (118.0, 26.0)}


def add_reports(connection: Connection, series: Series, ids: dict[str, int]) -> dict[str, int]:
    """Add an open and a closed report in each place; return their ids by name."""
    rows = []
    for number, (lon, lat) in PLACES.items():
        for status in ("open", "closed"):
            row = {"external_id": f"{status}{number}", "status": status, "lon": lon, "lat": lat}
            if number:
                row |= {"grid_id": ids[code(number)], "position": "located"}
            rows.append(row)
    copy_reports(connection, series, "x", [reports(rows)])
    return dict(connection.execute(text("SELECT external_id, id FROM report")).all())


def publish_edit(connection: Connection, series: Series, *edits: Edit, **options: object) -> int:
    """Publish a draft and route by its plan; return the revision."""
    draft, plan = make_approved(connection, series, *edits)
    options = {"locate": locate_in(plan)} | options
    return publishing.publish_draft(connection, draft.id, plan, actor="lin", **options).id


def as_it_was(connection: Connection) -> list[tuple[object, ...]]:
    """Return what a publish must never change of reports."""
    return [tuple(row) for row in connection.execute(text("SELECT * FROM report ORDER BY id"))]


def test_open_reports_are_routed_and_closed_ones_are_not(database: Engine) -> None:
    with transaction(database) as connection:
        series, ids = publish_nine_grids(connection)
        names = add_reports(connection, series, ids)
        before = as_it_was(connection)
        revision_id = publish_edit(connection, series, Merge(codes=(code(1), code(2))))
        assert as_it_was(connection) == before
        now = routing.responsible_codes(connection, list(names.values()))
        history = routing.report_history(connection, names["open2"])
        routes = connection.execute(text("SELECT count(*) FROM report_route")).scalar_one()
        [summary] = [e for e in plans.revision_summaries(connection, series) if e.draft_id]
    assert {name: now[number] for name, number in names.items()} == {
        "open1": code(1), "closed1": code(1),
        "open2": code(1), "closed2": code(2),
        "open5": code(5), "closed5": code(5),
        "open0": None, "closed0": None,
    }  # fmt: skip
    assert routes == 1
    assert [(r.revision_id, r.from_code, r.to_code) for r in history] == [
        (revision_id, code(2), code(1))
    ]
    assert summary.routed_at is not None


def test_history_grows_by_one_row_a_revision_and_routing_is_repeatable(database: Engine) -> None:
    with transaction(database) as connection:
        series, ids = publish_nine_grids(connection)
        names = add_reports(connection, series, ids)
        publish_edit(connection, series, renumber(1, 71))
        latest = publish_edit(connection, series, renumber(71, 72))
        history = routing.report_history(connection, names["open1"])
        plan = plans.load_plan(connection, latest)
        again = routing.route_open_reports(connection, series, latest, locate_in(plan))
        assert (again.looked_at, again.routed) == (4, 0)
        first = plans.load_revisions(connection, series)[0].id
        publishing.roll_back(
            connection, series, first, actor="lin",
            locate=locate_in(plans.load_plan(connection, first)),
        )  # fmt: skip
        assert len(routing.report_history(connection, names["open1"])) == 3
        assert routing.responsible_codes(connection, [names["open1"]]) == {names["open1"]: code(1)}
    assert [(r.from_code, r.to_code) for r in history] == [
        (code(1), code(71)), (code(71), code(72)),
    ]  # fmt: skip


def test_ground_given_up_leaves_nobody_and_ground_won_gets_someone(database: Engine) -> None:
    with transaction(database) as connection:
        series, ids = publish_nine_grids(connection)
        names = add_reports(connection, series, ids)
        shifted = Plan(
            Grid(g.code, g.name, g.level, _shift(g), g.parent)
            for g in plans.load_revisions(connection, series)[0].plan
        )
        staged = plans.stage(connection, series, shifted)
        publishing.publish(
            connection, series, staged, effective_from=datetime.now(UTC), locate=locate_in(shifted)
        )
        now = routing.responsible_codes(connection, [names["open1"], names["open0"]])
        [lost] = routing.report_history(connection, names["open1"])
        [won] = routing.report_history(connection, names["open0"])
    assert (lost.from_code, lost.to_code) == (code(1), None)
    assert (won.from_code, won.to_code) == (None, code(1))
    assert now == {names["open1"]: None, names["open0"]: code(1)}


def _shift(grid: Grid):
    return translate(grid.geometry, 0.395, -0.205)


def test_what_was_not_routed_at_its_publish_is_routed_once_it_is_in_force(
    database: Engine,
) -> None:
    with transaction(database) as connection:
        series, ids = publish_nine_grids(connection)
        names = add_reports(connection, series, ids)
        connection.execute(text("UPDATE revision SET routed_at = now()"))
        revision_id = publish_edit(connection, series, renumber(1, 71), locate=None)
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        publish_edit(connection, series, renumber(71, 72), effective_from=tomorrow)

    def locator(found: Series, revision):
        assert (found, revision.id) == (series, revision_id)
        return locate_in(revision.plan)

    with transaction(database) as connection:
        [routed] = routing.reroute_due(connection, locator)
        assert routing.reroute_due(connection, locator) == []
        assert routing.responsible_codes(connection, [names["open1"]]) == {names["open1"]: code(71)}
    assert (routed.revision_id, routed.looked_at, routed.routed) == (revision_id, 4, 1)


def test_a_report_that_comes_late_or_moves_is_routed_too(database: Engine) -> None:
    with transaction(database) as connection:
        series, ids = publish_nine_grids(connection)
        revision_id = publish_edit(connection, series, renumber(1, 71))
        names = add_reports(connection, series, ids)
        locate = locate_in(plans.load_plan(connection, revision_id))
        assert routing.route_open_reports(connection, series, revision_id, locate).routed == 1
        lon, lat = PLACES[5]
        moved = {"external_id": "open1", "status": "open", "lon": lon, "lat": lat}
        moved |= {"grid_id": ids[code(5)], "position": "located"}
        copy_reports(connection, series, "x", [reports([moved])])
        assert routing.route_open_reports(connection, series, revision_id, locate).routed == 1
        assert routing.responsible_codes(connection, [names["open1"]]) == {names["open1"]: code(5)}


def test_a_route_leads_to_a_grid_of_its_revision(database: Engine) -> None:
    with transaction(database) as connection:
        series, ids = publish_nine_grids(connection)
        names = add_reports(connection, series, ids)
        revision_id = publish_edit(connection, series, renumber(1, 71))
    wrong = [
        (names["open1"], revision_id, ids[code(1)]),
        (names["open1"], 999, ids[code(1)]),
        (999, revision_id, None),
    ]
    for row in wrong:
        insert = "INSERT INTO report_route (report_id, revision_id, grid_id) VALUES (:a, :b, :c)"
        try:
            with transaction(database) as connection:
                connection.execute(text(insert), dict(zip("abc", row, strict=True)))
        except Exception as error:
            assert "not in the revision" in str(error)
        else:
            raise AssertionError(row)

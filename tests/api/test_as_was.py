"""Do figures come out on both bases: in the grid of the day, and located again?"""

import numpy as np
import shapely
from sqlalchemy import Engine

from api.tasks.figures import ReportFilter, gather_density
from gis.plan.model import Building, Grid, Level
from gis.reports.trend import Basis
from gis.store import plans, publishing
from gis.store.reports import copy_reports
from gis.store.sessions import transaction
from maps.density import draw_density
from maps.layers import BaseMap
from maps.offline import ServedAssets
from tests.store.drawn import YEAR_2026, nine_grids, publish_nine_grids, reports

C = "35040200200300"
PARENT = "350402002003"


def cut_in_two():
    """
    Grid 1 is retired: its west, a quarter, goes to the new grid x, its east to 2.

    1 1 1 1 | 2      x 2 2 2 | 2
    """
    plan = nine_grids()
    one, two = plan[f"{C}1"].geometry, plan[f"{C}2"].geometry
    west = shapely.box(117.6, 26.2, 117.6025, 26.21)
    east = shapely.difference(one, west)
    return plan.replacing(
        [f"{C}1", f"{C}2"],
        [
            Grid(f"{PARENT}010", "x", Level.GRID, west, PARENT),
            Grid(f"{C}2", "二", Level.GRID, shapely.union(east, two), PARENT),
        ],
    )


def house(lon: float, households: int) -> Building:
    return Building(str(lon), shapely.Point(lon, 26.205).buffer(1e-5), households=households)


def test_reports_of_a_retired_grid_count_on_both_bases(database: Engine):
    with transaction(database) as connection:
        series, ids = publish_nine_grids(connection)
        rows = [
            {"external_id": "a", "lon": 117.601, "grid_id": ids[f"{C}1"], "position": "located"},
            {"external_id": "b", "lon": 117.608, "grid_id": ids[f"{C}1"], "position": "located"},
            {"external_id": "c", "lon": 117.615, "grid_id": ids[f"{C}2"], "position": "located"},
            {"external_id": "d", "lon": 99.0, "position": "outside"},
            {"external_id": "e", "lon": np.nan, "lat": np.nan, "position": "unlocated"},
        ]
        copy_reports(connection, series, "s", [reports(rows)])
        second = plans.stage(connection, series, cut_in_two())
        publishing.publish(connection, series, second, effective_from=YEAR_2026)
        revision = plans.load_revision(connection, second)

        def count(basis: Basis, *buildings: Building):
            view = gather_density(
                connection, series, revision, ReportFilter(), BaseMap((), buildings), basis=basis
            )
            assert (view.counts.outside, view.counts.unlocated) == (1, 1)
            return view, {f.code[-3:]: f.reports for f in view.figures if f.reports}

        again, counts = count(Basis.REVISION)
        assert counts == {"003": 3, "010": 1, "002": 2}
        assert (again.as_was, again.carried) == (False, 0)
        # By area the heir of 1 is 2; by households it is x.
        was, counts = count(Basis.AS_WAS)
        assert counts == {"003": 3, "002": 3}
        assert (was.as_was, was.carried) == (True, 2)
        _, counts = count(Basis.AS_WAS, house(117.601, 50), house(117.608, 10))
        assert counts == {"003": 3, "010": 2, "002": 1}
    page = draw_density(was, BaseMap(), "en", ServedAssets())
    assert "in the grid of the day; 2 reports of grids that are gone" in page
    assert (
        "of the day" not in draw_density(again, BaseMap(), "en", ServedAssets()).split("<script")[0]
    )

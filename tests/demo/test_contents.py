"""Are the reports, cameras, addresses and base features of the district believable?"""

import numpy as np
import pandas as pd
import pytest
import shapely

from gis.demo import District
from gis.plan import Level
from gis.reports.model import REPORT_COLUMNS, Kind, Status

WENGDUN = "350402002003"


@pytest.fixture(scope="module")
def located(district: District) -> pd.DataFrame:
    """Reports with a position, with the code of their grid."""
    table = district.reports[district.reports["lon"].notna()].reset_index(drop=True)
    grids = district.plan.at(Level.GRID)
    tree = shapely.STRtree([grid.geometry for grid in grids])
    points = shapely.points(table["lon"].to_numpy(), table["lat"].to_numpy())
    report, grid = tree.query(points, predicate="intersects")
    assert sorted(report.tolist()) == list(range(len(table)))
    codes = pd.Series([grids[i].code for i in grid.tolist()], index=report)
    return table.assign(grid=codes)


def test_the_table_of_reports_has_the_agreed_form(district: District) -> None:
    table = district.reports
    assert tuple(table.columns) == REPORT_COLUMNS
    assert len(table) == 60_000
    assert table["external_id"].is_unique
    assert table["occurred_at"].is_monotonic_increasing
    assert str(table["occurred_at"].dt.tz) == "Asia/Shanghai"
    assert table["occurred_at"].dt.year.unique().tolist() == [2023, 2024, 2025]
    assert set(table["kind"]) == {kind.value for kind in Kind}
    assert set(table["status"]) == {status.value for status in Status}
    assert table["category"].nunique() == 13
    assert 0.01 < table["lon"].isna().mean() < 0.04


def test_wengdun_has_the_known_suggestions_and_disputes(located: pd.DataFrame) -> None:
    kinds = located[located["grid"].str.startswith(WENGDUN)]["kind"].value_counts()
    assert kinds["suggestion"] == 153
    assert kinds["dispute"] == 112


def test_addresses_name_the_community_of_the_position(
    district: District, located: pd.DataFrame
) -> None:
    names = {grid.code: grid.name for grid in district.plan.at(Level.COMMUNITY)}
    expected = located["grid"].str[:12].map(names)
    assert all(name in text for name, text in zip(expected, located["address"], strict=True))


def test_open_reports_are_young(district: District) -> None:
    table = district.reports
    still_open = table["status"] == "open"
    assert 0.01 < still_open.mean() < 0.05
    young = table["occurred_at"] >= pd.Timestamp("2025-11-16", tz="Asia/Shanghai")
    assert young[still_open].mean() > 0.6


def test_reports_follow_the_hours_and_the_seasons(district: District) -> None:
    table = district.reports
    noise = table[table["category"] == "噪音扰民"]["occurred_at"].dt.hour
    office = table[table["category"] == "物业纠纷"]["occurred_at"].dt.hour
    assert (noise >= 20).mean() > 2 * (office >= 20).mean()
    stalls = table[table["category"] == "占道经营"]["occurred_at"].dt.month
    assert stalls.isin([6, 7, 8]).sum() > 1.5 * stalls.isin([12, 1, 2]).sum()


def test_cameras_stand_outdoors_and_leave_some_grids_dark(district: District) -> None:
    cameras = district.cameras
    assert len(cameras) == 300
    assert len({camera.external_id for camera in cameras}) == 300
    spots = shapely.points([c.lon for c in cameras], [c.lat for c in cameras])
    houses = shapely.STRtree([building.geometry for building in district.buildings])
    assert not houses.query(spots, predicate="intersects").size
    grids = shapely.STRtree([grid.geometry for grid in district.plan.at(Level.GRID)])
    camera, grid = grids.query(spots, predicate="intersects")
    assert set(camera.tolist()) == set(range(300))
    assert 90 <= len(set(grid.tolist())) <= 140
    for item in cameras:
        assert (item.heading_deg is None) == (item.angle_deg == 360.0)
        assert item.heading_deg is None or 0.0 <= item.heading_deg < 360.0
        assert 30.0 <= item.range_m <= 150.0


def test_addresses_are_unique_and_lie_in_their_building(district: District) -> None:
    addresses = district.addresses
    assert len({address.text for address in addresses}) == len(addresses)
    houses = {building.external_id: building.geometry for building in district.buildings}
    spots = shapely.points([a.lon for a in addresses], [a.lat for a in addresses])
    outlines = np.array([houses[address.building_id] for address in addresses])
    assert shapely.intersects(outlines, spots).all()
    for address in addresses:
        parts = (address.road, address.number, address.estate, address.building)
        assert address.text.endswith("".join((*parts, address.unit, address.room)))
    rooms = [address for address in addresses if address.room]
    assert {address.community for address in rooms} == {"翁墩社区"}


def test_the_base_map_has_every_layer_and_key_features(district: District) -> None:
    layers = {feature.layer.value for feature in district.base}
    assert layers == {"water", "green", "rail", "road", "place"}
    assert all(feature.geometry.is_valid for feature in district.base)
    assert len({feature.external_id for feature in district.base}) == len(district.base)
    key = {feature.layer.value for feature in district.base if feature.key}
    assert key == {"road", "place"}

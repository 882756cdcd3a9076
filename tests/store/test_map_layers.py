"""Cameras, buildings and base features are known by their external id."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from sqlalchemy import Engine

from gis.cameras.model import Camera
from gis.plan.model import BaseFeature, BaseLayer, Building
from gis.store.base_features import load_base_features, save_base_features
from gis.store.buildings import load_buildings, save_buildings
from gis.store.cameras import load_cameras, save_cameras
from gis.store.sessions import transaction
from gis.store.upserting import UpsertResult
from tests.store.drawn import make_series

SQUARE = shapely.box(117.6, 26.2, 117.6000001, 26.2000001)


def test_cameras_come_back_and_are_updated(database: Engine) -> None:
    cameras = [
        Camera("1", "东门\t一", 117.6, float(np.nextafter(26.2, 27)), None, 360.0, 50.0),
        Camera("2", "", 117.61, 26.21, 1 / 3, 90.0, 1e-3),
    ]
    with transaction(database) as connection:
        series, other = make_series(connection), make_series(connection, "sanyuan")
        assert save_cameras(connection, series, cameras) == UpsertResult(2, 0, 0)
        assert load_cameras(connection, series) == cameras
        turned = [cameras[0], replace(cameras[1], heading_deg=None)]
        assert save_cameras(connection, series, turned) == UpsertResult(0, 1, 1)
        assert load_cameras(connection, series) == turned
        assert load_cameras(connection, other) == []


def test_buildings_come_back_and_are_updated(database: Engine) -> None:
    both = shapely.MultiPolygon([SQUARE, shapely.box(118.0, 26.0, 118.1, 26.1)])
    buildings = [
        Building("a", SQUARE),
        Building("b", both, 17.5, 24, "三元\\大厦", "列西街道1号"),
    ]
    with transaction(database) as connection:
        series = make_series(connection)
        assert save_buildings(connection, series, buildings) == UpsertResult(2, 0, 0)
        assert load_buildings(connection, series) == buildings
        grown = replace(buildings[0], households=1)
        assert save_buildings(connection, series, [*buildings, grown]) == UpsertResult(0, 1, 1)
        assert load_buildings(connection, series) == [grown, buildings[1]]
        assert save_buildings(connection, series, []) == UpsertResult(0, 0, 0)


def test_base_features_come_back_by_layer(database: Engine) -> None:
    features = [
        BaseFeature("p", BaseLayer.PLACE, "学校", shapely.Point(117.6, 26.2), 2, True),
        BaseFeature("r", BaseLayer.ROAD, "", shapely.LineString([(117.6, 26.2), (117.7, 26.2)])),
    ]
    with transaction(database) as connection:
        series = make_series(connection)
        assert save_base_features(connection, series, features) == UpsertResult(2, 0, 0)
        assert load_base_features(connection, series) == features
        assert load_base_features(connection, series, layer=BaseLayer.ROAD) == features[1:]
        assert save_base_features(connection, series, features) == UpsertResult(0, 0, 2)

"""Are positions brought to one system exactly, and are harmful names of systems refused?"""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gis.coords import (
    bd09_to_gcj02,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    parse_crs,
    to_storage,
    wgs84_to_gcj02,
)
from gis.errors import InputError

IN_CHINA = (st.floats(75, 134), st.floats(4, 53))


@given(*IN_CHINA)
def test_gcj02_there_and_back_is_within_a_hundredth_of_a_millimetre(lon: float, lat: float) -> None:
    there = wgs84_to_gcj02(lon, lat)
    back = gcj02_to_wgs84(*there)
    assert np.abs(np.array(back) - (lon, lat)).max() * 111_320 < 1e-5


@given(*IN_CHINA)
@example(131.25, 52.1875)
def test_bd09_there_and_back_is_within_a_hundredth_of_a_millimetre(lon: float, lat: float) -> None:
    back = bd09_to_gcj02(*gcj02_to_bd09(lon, lat))
    assert np.abs(np.array(back) - (lon, lat)).max() * 111_320 < 1e-5


def test_outside_china_gcj02_is_the_identity() -> None:
    assert [float(value) for value in wgs84_to_gcj02(-87.6, 41.8)] == [-87.6, 41.8]


def test_a_datum_far_from_wgs84_is_shifted() -> None:
    """The Airy transit circle of Greenwich is 0.0015 degrees west of the WGS84 meridian."""
    lon, lat = to_storage(538_880, 177_322, crs="EPSG:27700")
    assert lon == pytest.approx(-0.0015, abs=1e-4)
    assert lat == pytest.approx(51.4778, abs=1e-4)


@pytest.mark.parametrize(
    "name", ["moon", "", "²", "9" * 50, "+proj=longlat +nadgrids=/etc/passwd", "EPSG:5773"]
)
def test_what_is_no_system_of_positions_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="wgs84"):
        parse_crs(name)

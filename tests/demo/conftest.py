"""The district is built once for all tests of this folder."""

import pytest

from gis.demo import District, build_district


@pytest.fixture(scope="session")
def district() -> District:
    return build_district()

"""Are the committed boundaries what the code makes, to the byte?"""

import json
from pathlib import Path

import shapely

from gis.coords import SANMING_METRIC_SRID
from gis.demo import District, write_boundaries
from gis.plan import Level

COMMITTED = Path(__file__).parents[2] / "data" / "boundaries" / "meilie_demo"


def test_the_committed_files_are_made_again_to_the_byte(district: District, tmp_path: Path) -> None:
    """After a change that is meant, run ``python -m gis.demo`` and commit its files."""
    written = write_boundaries(district, tmp_path / "new")
    assert sorted(p.name for p in written) == sorted(p.name for p in COMMITTED.iterdir())
    for path in written:
        assert path.read_bytes() == (COMMITTED / path.name).read_bytes(), path.name


def test_the_digest_of_every_part_is_the_committed_one(district: District) -> None:
    expected = json.loads((COMMITTED / "digests.json").read_text(encoding="utf-8"))
    assert expected == {"seed": district.seed, **district.digests()}


def test_the_files_hold_the_plan(district: District) -> None:
    for level in Level:
        text = (COMMITTED / f"{level.value}.geojson").read_text(encoding="utf-8")
        features = json.loads(text)["features"]
        grids = district.plan.at(level)
        assert [f["properties"]["code"] for f in features] == [grid.code for grid in grids]
        for feature, grid in zip(features, grids, strict=True):
            assert shapely.equals_exact(shapely.from_geojson(json.dumps(feature)), grid.geometry)
            assert feature["properties"]["parent"] == grid.parent


def test_the_district_names_its_series(district: District) -> None:
    assert district.series == "meilie"
    assert district.title == "三明市梅列区（演示）"
    assert district.metric_srid == SANMING_METRIC_SRID

"""Do boundaries get in whole, or not at all?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine

from api.tasks.import_boundaries import BoundaryChoices, import_boundaries
from gis.errors import InputError, Refused
from gis.plan import Level
from gis.plan.repair import RepairChoice
from gis.plan.repair.coverage import is_exact
from gis.store.database import Database
from gis.store.lineage import load_lineage, successors
from gis.store.plans import list_series, load_revisions, revision_summaries
from gis.store.sessions import transaction

STEP = 0.01


def square(column: float, row: float, width: float = 1.0) -> list[Any]:
    west, south = 117.60 + column * STEP, 26.20 + row * STEP
    east, north = 117.60 + (column + width) * STEP, 26.20 + (row + 1) * STEP
    west, south, east, north = (round(value, 7) for value in (west, south, east, north))
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def write_layer(folder: Path, squares: dict[str, list[Any]], name: str = "grids") -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": f"网格{code}"},
            "geometry": {"type": "Polygon", "coordinates": rings},
        }
        for code, rings in squares.items()
    ]
    file = folder / f"{name}.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return file


def nine(folder: Path) -> Path:
    """Write the plan.

    7 8 9
    4 5 6
    1 2 3
    """
    codes = {
        str(1 + column + 3 * row): square(column, row) for row in range(3) for column in range(3)
    }
    return write_layer(folder, codes)


CHOICES = BoundaryChoices(code="code", name="name", level=Level.GRID, plan="nine")


@pytest.fixture
def opened(database: Engine) -> Database:
    return Database(database, str(database.url), is_private=False)


def test_a_sound_layer_is_published_since_ever(opened: Database, tmp_path: Path) -> None:
    done = import_boundaries(opened, nine(tmp_path), CHOICES, publish_now=True)
    assert done.findings == []
    with transaction(opened.engine) as connection:
        (series,) = list_series(connection)
        (revision,) = load_revisions(connection, series)
    assert [grid.code for grid in revision.plan] == list("123456789")
    assert (revision.effective_from, revision.effective_to) == (None, None)
    assert series.metric_srid == 32650


def test_without_publish_it_is_staged_and_levels_gather(opened: Database, tmp_path: Path) -> None:
    import_boundaries(opened, nine(tmp_path), CHOICES)
    whole = write_layer(tmp_path, {"C": square(0, 0, 3)}, "low")
    wide = BoundaryChoices(code="code", name="name", level=Level.COMMUNITY, plan="nine")
    with pytest.raises(Refused, match="nesting"):
        import_boundaries(opened, whole, wide)
    rings = [[[117.6, 26.2], [117.63, 26.2], [117.63, 26.23], [117.6, 26.23], [117.6, 26.2]]]
    done = import_boundaries(opened, write_layer(tmp_path, {"C": rings}, "all"), wide)
    assert done.plan is not None
    assert {grid.parent for grid in done.plan.at(Level.GRID)} == {"C"}
    with transaction(opened.engine) as connection:
        (series,) = list_series(connection)
        (only,) = revision_summaries(connection, series)
    assert only.staged


def test_an_overlap_is_refused_with_its_place_and_nothing_is_kept(
    opened: Database, tmp_path: Path
) -> None:
    """1 and 2 overlap by a tenth of a square at 117.61, 26.205."""
    file = write_layer(tmp_path, {"1": square(0, 0, 1.1), "2": square(1, 0)})
    with pytest.raises(Refused, match=r"overlaps.*--accept overlaps"):
        import_boundaries(opened, file, CHOICES, publish_now=True)
    with transaction(opened.engine) as connection:
        assert list_series(connection) == []
    done = import_boundaries(
        opened,
        file,
        BoundaryChoices(code="code", level=Level.GRID, plan="nine", accepted={"overlaps"}),
        publish_now=True,
    )
    (overlap,) = done.findings
    assert overlap.codes == ("1", "2")
    assert overlap.lon == pytest.approx(117.6105, abs=0.0006)
    assert overlap.size_m2 == pytest.approx(0.1 * STEP * STEP * 99_900 * 110_800, rel=0.02)


def test_codes_that_occur_twice_need_dissolve(opened: Database, tmp_path: Path) -> None:
    layer = json.loads(nine(tmp_path).read_text())
    layer["features"][1]["properties"]["code"] = "1"
    file = tmp_path / "twice.geojson"
    file.write_text(json.dumps(layer))
    with pytest.raises(Refused, match="dissolve"):
        import_boundaries(opened, file, CHOICES)
    dissolving = BoundaryChoices(code="code", level=Level.GRID, plan="nine", dissolve=True)
    done = import_boundaries(opened, file, dissolving)
    assert done.plan is not None
    assert len(done.plan) == 8


def test_a_second_revision_ends_the_first_at_its_date(opened: Database, tmp_path: Path) -> None:
    import_boundaries(opened, nine(tmp_path), CHOICES, publish_now=True)
    start = datetime(2027, 1, 1, tzinfo=UTC)
    import_boundaries(opened, nine(tmp_path), CHOICES, publish_now=True, effective_from=start)
    with transaction(opened.engine) as connection:
        (series,) = list_series(connection)
        first, second = load_revisions(connection, series)
    assert (first.effective_to, second.effective_from) == (start, start)


def test_an_import_tells_what_became_of_the_grids(opened: Database, tmp_path: Path) -> None:
    """Publish the nine squares, then the same with 2 and 3 as one.

    7 8 9      7 8 9
    4 5 6  →   4 5 6
    1 2 3      1  23
    """
    import_boundaries(opened, nine(tmp_path), CHOICES, publish_now=True)
    codes = {
        str(1 + c + 3 * r): square(c, r) for r in range(3) for c in range(3) if (c, r) != (2, 0)
    }
    west, south = codes["2"][0][0]
    east = codes["6"][0][1][0]
    middle, north = codes["6"][0][0]
    codes["2"] = [[[west, south], [east, south], [east, north], [middle, north], [west, north]]]
    codes["2"][0].append([west, south])
    import_boundaries(opened, write_layer(tmp_path, codes, "eight"), CHOICES, publish_now=True)
    with transaction(opened.engine) as connection:
        (series,) = list_series(connection)
        revisions = load_revisions(connection, series)
        (heir,) = successors(connection, series, "3")
        told = load_lineage(connection, revisions[-1].id)
    assert (heir.kind, heir.to_code, heir.area_share_from) == ("merged", "2", 1.0)
    assert {row.kind for row in told} == {"same", "merged"}


def test_a_layer_that_lies_elsewhere_is_refused(opened: Database, tmp_path: Path) -> None:
    import_boundaries(opened, nine(tmp_path), CHOICES)
    far = write_layer(tmp_path, {"1": square(500, 500)}, "far")
    with pytest.raises(InputError, match="outside plan 'nine'"):
        import_boundaries(opened, far, CHOICES)


@pytest.mark.parametrize("geometry", [None, "tiny"])
def test_a_layer_without_any_area_is_refused(
    opened: Database, tmp_path: Path, geometry: str | None
) -> None:
    speck = [[[117.6, 26.2], [117.6 + 1e-9, 26.2], [117.6, 26.2 + 1e-9], [117.6, 26.2]]]
    shape = {"type": "Polygon", "coordinates": speck} if geometry else None
    feature = {"type": "Feature", "properties": {"code": "1"}, "geometry": shape}
    for features in ([feature], []):
        file = tmp_path / "grids.geojson"
        file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        with pytest.raises(InputError, match="no area in it"):
            import_boundaries(opened, file, CHOICES)


def slivered(folder: Path) -> Path:
    """Write two squares that overlap by 0.3 m, and a third that misses the second in the middle.

    +---+---+---+
    | 1 ▒ 2 ( 3 |
    +---+---+---+
    """
    third = square(2, 0)
    third[0].insert(4, [117.620003, 26.205])
    return write_layer(folder, {"1": square(0, 0, 1.0003), "2": square(1, 0), "3": third})


def test_a_refusal_says_what_a_repair_would_do(opened: Database, tmp_path: Path) -> None:
    with pytest.raises(
        Refused,
        match=r"With --repair: 1 overlaps and 1 gaps closed, nothing moves more than 0\.\d+ m, "
        r"\d+ m² change hands\. Mend the file",
    ):
        import_boundaries(opened, slivered(tmp_path), CHOICES)
    wide = write_layer(tmp_path, {"1": square(0, 0, 1.1), "2": square(1, 0)}, "wide")
    with pytest.raises(Refused) as refusal:
        import_boundaries(opened, wide, CHOICES)
    assert "With --repair:" not in str(refusal.value)


def test_a_repair_is_kept_whole_and_noted(opened: Database, tmp_path: Path) -> None:
    agreed = BoundaryChoices(code="code", level=Level.GRID, plan="nine", repair=RepairChoice())
    done = import_boundaries(opened, slivered(tmp_path), agreed, publish_now=True)
    assert done.repair is not None
    assert {finding.check for finding in done.before} >= {"overlaps", "gaps"}
    assert done.findings == []
    with transaction(opened.engine) as connection:
        (series,) = list_series(connection)
        (revision,) = load_revisions(connection, series)
        (summary,) = revision_summaries(connection, series)
    assert is_exact(np.array([grid.geometry for grid in revision.plan]))
    assert "repaired" in summary.note


def test_what_is_wider_than_agreed_stays_an_error(opened: Database, tmp_path: Path) -> None:
    narrow = BoundaryChoices(code="code", level=Level.GRID, plan="nine", repair=RepairChoice(0.1))
    with pytest.raises(Refused, match=r"overlaps.*--settle-overlaps"):
        import_boundaries(opened, slivered(tmp_path), narrow)
    with transaction(opened.engine) as connection:
        assert list_series(connection) == []

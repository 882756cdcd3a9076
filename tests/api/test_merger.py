"""Does the merger of 2021, in which every code changed, leave history comparable?

350402 梅列区 became part of 350404 三元区: all codes below it begin with other digits since then.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from api.settings import Settings
from api.tasks.demo import standard_address
from api.tasks.locating import RevisionLocator
from api.tasks.publishing import publish_staged
from api.tasks.workshop import make_workshop
from gis.demo import District
from gis.plan import Level, Plan
from gis.plan.edits import Rename, Renumber, apply_edit
from gis.store.addresses import save_addresses
from gis.store.buildings import save_buildings
from gis.store.cluster import Cluster
from gis.store.database import open_database
from gis.store.plans import ensure_series, load_revisions, stage
from gis.store.reports import copy_reports
from tests.api.conftest import empty_database, serving
from tests.api.planning import locate

MERGED = datetime.fromisoformat("2021-04-13T00:00:00+08:00")
OLD, NEW = "350402", "350404"


def merge_into_sanyuan(plan: Plan) -> Plan:
    codes = {grid.code: NEW + grid.code.removeprefix(OLD) for grid in plan}
    renumbered = apply_edit(plan, Renumber(codes=codes)).plan
    return apply_edit(renumbered, Rename(code=NEW, name="三元区")).plan


def reports_of_five_years(district: District) -> pd.DataFrame:
    """Return every twentieth report of the demonstration, of 2023 to 2025, four years earlier,
    and again two years earlier: 2019 to 2023."""
    few = district.reports.iloc[::20]
    parts = []
    for years in (4, 2):
        part = few.copy()
        part["occurred_at"] = part["occurred_at"] - pd.DateOffset(years=years)
        part["external_id"] = part["external_id"] + f"-{years}"
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def merged(cluster: Cluster, district: District) -> Iterator[TestClient]:
    """A server on a district that was merged, with reports from before and after."""
    with empty_database(cluster) as url:
        workshop = make_workshop(open_database(url, Path()), Settings())
        with workshop.open() as connection:
            series = ensure_series(
                connection, "sanyuan", title="三元区", metric_srid=4548, time_zone="Asia/Shanghai"
            )
            save_buildings(connection, series, district.buildings)
            save_addresses(connection, series, map(standard_address, district.addresses[::50]))
            for plan, start in ((district.plan, None), (merge_into_sanyuan(district.plan), MERGED)):
                stage(connection, series, plan, actor="test")
                publish_staged(connection, series, effective_from=start, actor="test")
            frame = reports_of_five_years(district)
            revisions = load_revisions(connection, series)
            RevisionLocator(connection, revisions, 4548).locate(frame)
            copy_reports(connection, series, "test", [frame])
        workshop.database.engine.dispose()
        with serving(url) as client:
            yield client


def test_an_old_code_leads_to_the_new_one_and_still_answers_for_its_time(
    merged: TestClient, district: District
) -> None:
    for grid in district.plan.grids[::20]:
        moved = merged.get(f"/v1/grids/{grid.code}", follow_redirects=False)
        assert moved.status_code == 308
        assert moved.headers["location"] == f"/v1/grids/{NEW}{grid.code[6:]}"
        then = merged.get(f"/v1/grids/{grid.code}", params={"at": "2020-06-01"})
        assert (then.status_code, then.json()["properties"]["name"]) == (200, grid.name)
    early = merged.get(f"/v1/grids/{NEW}", params={"at": "2020-06-01"})
    assert early.status_code == 404
    assert "in use from" in early.json()["detail"]


def test_a_place_has_the_codes_of_the_day(merged: TestClient, district: District) -> None:
    for grid in district.plan.at(Level.GRID)[::40]:
        then = locate(merged, grid, at="2020-06-01")
        last = locate(merged, grid, at="2021-04-12T23:59:59")
        first = locate(merged, grid, at=MERGED.isoformat())
        now = locate(merged, grid)
        assert then["grid"] == last["grid"] == grid.code
        assert first == now == {level: NEW + code[6:] for level, code in then.items()}


def test_addresses_with_either_name_of_the_district_lead_to_the_same_grid(
    merged: TestClient, district: District
) -> None:
    for entry in district.addresses[::500]:
        old, new = entry.text, entry.text.replace("梅列区", "三元区")
        assert old != new
        for text, at, code in (
            (old, "2020-06-01", OLD),
            (old, "2026-01-01", NEW),
            (new, "2026-01-01", NEW),
        ):
            answer = merged.get("/v1/locate", params={"address": text, "at": at}).json()
            assert answer["status"] == "inside", (text, at, answer["address"]["reasons"])
            assert answer["grids"][0]["code"] == code
            point = merged.get("/v1/locate", params={"lon": entry.lon, "lat": entry.lat, "at": at})
            assert answer["grids"] == point.json()["grids"]
            county = next(each for each in answer["address"]["reasons"] if each["part"] == "county")
            assert county["given"] == text[6:9]
            assert county["verdict"] in ("matched", "alias")


def test_an_address_of_another_district_is_not_taken_for_one_of_ours(
    merged: TestClient, district: District
) -> None:
    text = district.addresses[0].text.replace("梅列区", "沙县区")
    answer = merged.get("/v1/locate", params={"address": text, "at": "2026-01-01"}).json()
    assert answer["status"] != "inside"
    verdicts = {each["part"]: each["verdict"] for each in answer["address"]["reasons"]}
    assert verdicts["county"] == "contradicted"


def test_the_lineage_says_that_everything_was_renamed(merged: TestClient) -> None:
    latest = merged.get("/v1/revisions").json()[-1]["id"]
    rows = merged.get(f"/v1/revisions/{latest}/lineage").json()["lineage"]
    assert {row["kind"] for row in rows} == {"renamed"}
    assert len(rows) == 202
    impact = merged.get("/v1/revisions/compare", params={"before": 1, "after": latest}).json()
    assert all(total["moved"] == 0 for total in impact["totals"])


def test_a_trend_over_five_years_is_the_same_in_sum_on_both_bases(
    merged: TestClient, district: District
) -> None:
    query = {"by": "year", "since": "2019-01-01", "until": "2024-01-01"}
    was, today = (
        merged.get("/v1/trend", params=query | {"basis": basis}).json()
        for basis in ("as_was", "today")
    )
    assert was["periods"] == ["2019", "2020", "2021", "2022", "2023"]
    for sums in ("located", "outside", "unlocated", "total"):
        assert was[sums] == today[sums]
    assert was["total"] == len(reports_of_five_years(district))
    assert all(count > 0 for count in was["located"])
    counts = {row["code"]: row["counts"] for row in was["grids"]}
    on_today = {row["code"]: row["counts"] for row in today["grids"]}
    assert len(counts) == 2 * len(on_today) == 2 * 145
    for code, one_line in on_today.items():
        old, new = counts[OLD + code[6:]], counts[code]
        assert old[3:] == new[:2] == [None, None]  # one ends in 2021, the other begins then
        assert [(a or 0) + (b or 0) for a, b in zip(old, new, strict=True)] == one_line
    on_old = merged.get("/v1/trend", params=query | {"basis": "revision:1"}).json()
    assert [row["counts"] for row in on_old["grids"]] == list(on_today.values())


@pytest.mark.parametrize("basis", ["yesterday", "revision:x", "revision:", "revision:²"])
def test_a_basis_that_is_none_is_refused(merged: TestClient, basis: str) -> None:
    assert merged.get("/v1/trend", params={"basis": basis}).status_code == 422


def test_a_trend_goes_out_as_tables(merged: TestClient) -> None:
    for form in ("csv", "xlsx"):
        answer = merged.get("/v1/trend", params={"by": "year", "format": form})
        assert answer.status_code == 200
        assert "trend." in answer.headers["content-disposition"]
    assert merged.get("/v1/trend", params={"basis": "revision:99"}).status_code == 404

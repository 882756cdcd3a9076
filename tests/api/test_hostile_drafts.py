"""Is what no planner would send refused, without harm?"""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient

from api.guards.size import LARGEST_BODY_BYTES
from gis.demo import District
from gis.plan import Level
from tests.api.planning import begin

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    "name",
    ["<img src=x onerror=alert(1)>", "'; DROP TABLE draft; --", "${7*7}{{7*7}}", "👩𠮷 翁墩"],
)
def test_any_words_are_a_name(shared: TestClient, district: District, name: str) -> None:
    grid = district.plan.at(Level.SUBGRID)[0]
    planner = begin(shared, name=name)
    planner.edit(kind="rename", code=grid.code, name=name)
    features = planner.get("/grids", level="subgrid")["features"]
    assert next(f for f in features if f["id"] == grid.code)["properties"]["name"] == name
    page = shared.get(f"/v1/drafts/{planner.id}/impact", params={"format": "html"})
    assert page.status_code == 200
    assert "<img src=x" not in page.text
    sheet = shared.get(f"/v1/drafts/{planner.id}/impact", params={"format": "csv"})
    assert sheet.status_code == 200


@pytest.mark.parametrize("name", ["a\x00b", "\ud800", "", " ", "x" * 201])
def test_a_name_that_cannot_be_stored_is_refused(shared: TestClient, name: str) -> None:
    body = json.dumps({"name": name})
    answer = shared.post("/v1/drafts", content=body, headers=JSON)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "line",
    [
        "[[NaN, 26.2], [117.6, 26.3]]",
        "[[1e400, 26.2], [117.6, 26.3]]",
        "[[-Infinity, 26.2], [117.6, 26.3]]",
        "[[117.6, 260], [117.6, 26.3]]",
        "[[117.6, 26.2]]",
        '[["a", "b"], ["c", "d"]]',
        "[" * 5000 + "]" * 5000,
    ],
)
def test_a_line_that_is_none_is_refused(shared: TestClient, line: str) -> None:
    planner = begin(shared)
    edit = f'{{"kind": "split", "code": "350402", "line": {line}}}'
    body = f'{{"seen_version": 1, "edit": {edit}}}'
    answer = shared.post(f"/v1/drafts/{planner.id}/edits", content=body, headers=JSON)
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_that_is_too_large_is_refused(client: TestClient) -> None:
    large = b'{"name": "' + b"x" * LARGEST_BODY_BYTES + b'"}'
    assert client.post("/v1/drafts", content=large, headers=JSON).status_code == 413

    def pieces():
        for _ in range(12):
            yield b" " * 1_000_000

    unannounced = client.post("/v1/drafts", content=pieces(), headers=JSON)
    assert unannounced.status_code == 413
    assert unannounced.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "edit",
    [
        {"kind": "explode", "code": "350402"},
        {"kind": "rename", "code": "nowhere", "name": "x"},
        {"kind": "rename", "code": "350402", "name": "x", "extra": 1},
        {"kind": "merge", "codes": ["350402", "350402"]},
        {"kind": "split", "code": "350402", "line": [[1, 1], [2, 2]]},
    ],
)
def test_an_edit_that_cannot_be_made_is_refused_and_leaves_nothing(
    shared: TestClient, edit: dict[str, object]
) -> None:
    planner = begin(shared)
    answer = planner.try_edit(edit)
    assert answer.status_code in (404, 409, 422), answer.text
    assert planner.get()["version"] == planner.version
    assert planner.get("/log")["entries"] == []

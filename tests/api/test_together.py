"""Can several people draft and publish at once, and is nobody's work lost?"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
import shapely
from fastapi.testclient import TestClient

from gis.demo import District
from gis.plan import Grid, Level
from tests.api.conftest import said_by, serving
from tests.api.planning import CHEN, LIN, Planner, begin, cut_through, locate, wait_for


def undivided(district: District) -> list[Grid]:
    return [g for g in district.plan.at(Level.GRID) if not district.plan.children(g.code)]


def test_disjoint_edits_of_two_clients_merge_and_overlapping_ones_conflict(
    own: TestClient, own_url: str, district: District
) -> None:
    one, *_, far = undivided(district)
    chen = begin(own)
    with serving(own_url) as elsewhere:
        lin = Planner(elsewhere, LIN, {"id": chen.id, "version": chen.version})
        chen.edit(kind="split", code=one.code, line=cut_through(one))
        merged = lin.edit(kind="rename", code=far.code, name="远处网格")
        assert merged["version"] == chen.version + 1
        late = Planner(elsewhere, LIN, {"id": chen.id, "version": 1})
        refused = late.try_edit({"kind": "rename", "code": one.code, "name": "近处网格"})
        assert refused.status_code == 409
        problem = refused.json()
        for word in (CHEN, one.code, "split"):
            assert word in problem["detail"]
        assert problem["data"]["persons"] == [CHEN]
        assert one.code in problem["data"]["grids"]
        assert problem["data"]["version"] == merged["version"]
        assert refused.headers["content-type"] == "application/problem+json"
        stale = chen.post("/undo", {"seen_version": 1})
        assert stale.status_code == 409
        # What one process has seen, the other sees as well.
        shown = [planner.get("/grids") for planner in (chen, lin)]
        assert shown[0] == shown[1]
        lin.look().step("undo")
        assert chen.get("/log")["entries"][-1]["state"] == "undone"


def test_of_two_drafts_on_one_base_the_second_is_rebased(
    own: TestClient, district: District
) -> None:
    one, two, *_ = undivided(district)
    first, second = begin(own, CHEN), begin(own, LIN)
    clashing = begin(own, LIN)
    first.edit(kind="rename", code=one.code, name="甲")
    second.edit(kind="rename", code=two.code, name="乙")
    clashing.edit(kind="rename", code=one.code, name="丙")
    first.get_approved(by=LIN).publish()
    second.get_approved(by=CHEN)
    refused = second.post("/publish")
    assert refused.status_code == 409
    assert "rebase" in refused.json()["detail"]
    assert second.get()["superseded"] is True
    assert second.post("/withdraw").status_code == 200
    second.look().step("rebase")
    second.get_approved(by=CHEN).publish()
    names = {
        each["id"]: each["properties"]["name"]
        for each in wait_for(
            lambda: [
                feature
                for feature in own.get("/v1/grids").json()["features"]
                if feature["properties"]["name"] in ("甲", "乙")
            ]
        )
    }
    assert names[one.code] == "甲"
    conflict = clashing.post("/rebase", {"seen_version": clashing.version})
    assert conflict.status_code == 409
    assert one.code in conflict.json()["detail"]
    dropped = clashing.step("rebase", drop_conflicts=True)["dropped"]
    assert [entry["edit"]["name"] for entry in dropped] == ["丙"]


def test_a_scheduled_revision_begins_at_its_date_and_may_be_cancelled(
    own: TestClient, district: District
) -> None:
    one = undivided(district)[0]
    chen = begin(own)
    chen.edit(kind="renumber", codes={one.code: "350402002003099"})
    begins = datetime.now(UTC) + timedelta(days=30)
    chen.get_approved(by=LIN)
    past = chen.post("/publish", {"effective_from": "2020-01-01"})
    assert past.status_code == 409, past.text
    assert past.json()["data"]["effective_from"].startswith("2020-01-01T00:00:00")
    done = chen.publish(effective_from=begins.isoformat())
    assert done["status"] == chen.get()["status"] == "scheduled"
    later = (begins + timedelta(seconds=1)).isoformat()
    wait_for(lambda: locate(own, one, at=later)["grid"] != one.code)
    just_before = (begins - timedelta(seconds=1)).isoformat()
    assert locate(own, one, at=just_before)["grid"] == one.code
    assert locate(own, one)["grid"] == one.code
    assert own.get(f"/v1/grids/{one.code}").status_code == 200
    sooner = own.post("/v1/revisions/roll-back", json={"to": 1}, headers=said_by(CHEN))
    assert sooner.status_code == 409, sooner.text
    moved = own.get(f"/v1/grids/{one.code}", params={"at": later}, follow_redirects=False)
    assert moved.status_code == 308
    assert moved.headers["location"].startswith("/v1/grids/350402002003099?at=")
    goes_on = own.post(f"/v1/revisions/{done['id']}/cancel", headers=said_by(CHEN))
    assert goes_on.status_code == 200, goes_on.text
    assert goes_on.json()["effective_to"] is None
    wait_for(lambda: locate(own, one, at=later)["grid"] == one.code)
    assert chen.get()["status"] == "approved"
    assert own.post("/v1/revisions/1/cancel").status_code == 409


def test_a_code_with_whatever_marks_has_an_address(own: TestClient, district: District) -> None:
    one, code = undivided(district)[0], "A/1 ?#网"
    chen = begin(own)
    chen.edit(kind="renumber", codes={one.code: code})
    chen.get_approved(by=LIN).publish()
    wait_for(lambda: own.get(f"/v1/grids/{one.code}", follow_redirects=False).is_redirect)
    assert own.get(f"/v1/grids/{one.code}").json()["id"] == code


def test_of_sixteen_publishes_one_succeeds(own: TestClient, district: District) -> None:
    grids = undivided(district)
    planners = []
    for number in range(16):
        planner = begin(own, CHEN, f"draft {number}")
        planner.edit(kind="rename", code=grids[number].code, name=f"网格{number}")
        planners.append(planner.get_approved(by=LIN))
    barrier = threading.Barrier(16)

    def publish(planner: Planner) -> httpx2.Response:
        barrier.wait()
        return planner.post("/publish")

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(publish, planners))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 15
    assert len(own.get("/v1/revisions").json()) == 2
    for answer in answers:
        if answer.status_code == 409:
            assert "rebase" in answer.json()["detail"]


def test_a_reader_never_sees_a_mixture(own: TestClient, district: District) -> None:
    """Every revision gives all grids of a community one name; no answer has two."""
    community = district.plan.at(Level.COMMUNITY)[0]
    grids = list(district.plan.children(community.code))[:4]
    points = shapely.point_on_surface([grid.geometry for grid in grids])
    faults: list[object] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            body = own.get("/v1/grids", params={"level": "grid"}).json()
            names = {f["id"]: f["properties"]["name"] for f in body["features"]}
            found = {names[grid.code] for grid in grids}
            if body["revision"]["id"] != 1 and len(found) != 1:
                faults.append(found)
            for point in points:
                answer = own.get("/v1/locate", params={"lon": point.x, "lat": point.y}).json()
                name = next(g["name"] for g in answer["grids"] if g["level"] == "grid")
                known.setdefault(answer["revision"]["id"], set()).add(name)

    known: dict[int, set[str]] = {}
    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for number in range(4):
            planner = begin(own)
            for grid in grids:
                planner.edit(kind="rename", code=grid.code, name=f"第{number}版")
            revision = planner.get_approved(by=LIN).publish()
            wait_for(
                lambda wanted=revision["id"]: (
                    own.get("/v1/levels").json()["revision"]["id"] == wanted
                )
            )
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert faults == []
    assert len(known) >= 3
    assert all(len(names) == 1 for revision, names in known.items() if revision != 1)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/edits", {"seen_version": 1, "edit": {"kind": "rename", "code": "x", "name": "y"}}),
        ("/undo", {"seen_version": 1}),
        ("/submit", {"seen_version": 1}),
        ("/approve", {}),
        ("/publish", {}),
        ("/clone", {"name": "x"}),
        ("/balance", {"floor": 1, "ceiling": 2, "parent": "1"}),
    ],
)
def test_an_unknown_draft_is_404(client: TestClient, path: str, body: object) -> None:
    assert client.post(f"/v1/drafts/999999{path}", json=body).status_code == 404
    assert client.post(f"/v1/drafts/{2**70}{path}", json=body).status_code == 422

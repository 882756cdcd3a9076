"""Does a draft go from its first edit into force, and back, over HTTP?"""

from __future__ import annotations

from fastapi.testclient import TestClient

from gis.demo import District
from gis.plan import Level
from tests.api.planning import CHEN, LIN, Planner, begin, cut_through, locate, wait_for


def test_the_whole_story(own: TestClient, district: District) -> None:
    old = next(g for g in district.plan.at(Level.GRID) if not district.plan.children(g.code))
    neighbours = district.plan.children(old.parent or "")
    chen = begin(own)

    split = chen.edit(kind="split", code=old.code, line=cut_through(old))
    codes = {feature["id"] for feature in split["grids"]["features"]}
    (new,) = [row["code"] for row in split["measures"] if row["before"] is None]
    assert {old.code, new} <= codes
    assert split["gone"] == []
    halves = [row for row in split["measures"] if row["code"] in {old.code, new}]
    before = next(row["before"] for row in halves if row["before"])
    for kind in ("area_m2", "households", "buildings"):
        assert abs(sum(row["after"][kind] for row in halves) - before[kind]) < 1

    other = next(g for g in neighbours if g.code != old.code and g.geometry.touches(old.geometry))
    merged = chen.edit(kind="merge", codes=[old.code, other.code], into=other.code)
    assert merged["gone"] == [old.code]
    undone = chen.step("undo")
    assert old.code in {feature["id"] for feature in undone["grids"]["features"]}
    assert chen.step("redo")["gone"] == [old.code]
    log = chen.get("/log")["entries"]
    assert [(entry["state"], entry["actor"]) for entry in log] == [("applied", CHEN)] * 2

    impact = chen.get("/impact", level="grid")
    moved = next(t for t in impact["totals"] if t["kind"] == "households")
    assert 0 < moved["moved"] <= before["households"]
    assert {row["from"]["code"] for row in impact["handovers"]} == {old.code}

    chen.submit()
    refused = chen.post("/approve")
    assert refused.status_code == 409
    assert CHEN in refused.json()["detail"] or "another person" in refused.json()["detail"]
    assert chen.post("/publish").status_code == 409
    lin = Planner(own, LIN, {"id": chen.id, "version": 0})
    assert lin.post("/approve").json()["status"] == "approved"
    assert chen.try_edit({"kind": "rename", "code": new, "name": "北"}).status_code == 409

    revision = chen.publish(reason="two grids are too small")
    assert revision["status"] == "in_force"
    assert chen.get()["status"] == "in_force"
    wait_for(lambda: locate(own, old)["grid"] != old.code)
    assert locate(own, old)["grid"] in {new, other.code}
    assert locate(own, old, at="2025-01-01")["grid"] == old.code

    answer = own.get(f"/v1/grids/{old.code}", follow_redirects=False)
    assert answer.status_code == 300
    heirs = {each["code"]: each["area_share"] for each in answer.json()["successors"]}
    assert set(heirs) == {new, other.code}
    assert abs(sum(heirs.values()) - 1) < 0.01
    before_that = own.get(f"/v1/grids/{old.code}", params={"at": "2025-01-01"})
    assert (before_that.status_code, before_that.json()["id"]) == (200, old.code)
    assert own.get("/v1/grids/999").status_code == 404

    lineage = own.get(f"/v1/revisions/{revision['id']}/lineage").json()["lineage"]
    assert {row["to_code"] for row in lineage if row["from_code"] == old.code} == set(heirs)
    handed = own.get("/v1/reports/demo/R000001").json()
    assert handed["grid"]
    assert own.get("/v1/reports/demo/R999999").status_code == 404
    back = own.post("/v1/revisions/roll-back", json={"to": 1, "reason": "too soon"})
    assert back.status_code == 201, back.text
    wait_for(lambda: locate(own, old)["grid"] == old.code)
    assert own.get(f"/v1/grids/{old.code}").json()["id"] == old.code
    lonely = own.get(f"/v1/grids/{new}", follow_redirects=False)
    assert lonely.status_code == 308
    assert lonely.headers["location"] == f"/v1/grids/{old.code}"
    prints = [each["fingerprint"] for each in own.get("/v1/revisions").json()]
    assert prints[0] == prints[2] != prints[1]


def test_transfer_units_and_balance_come_back_as_edits(own: TestClient, district: District) -> None:
    chen = begin(own)
    community = next(
        area
        for area in district.plan.at(Level.COMMUNITY)
        if not any(district.plan.children(g.code) for g in district.plan.children(area.code))
    )
    grids = district.plan.children(community.code)
    giver = grids[0]
    taker = next(g for g in grids[1:] if g.geometry.touches(giver.geometry))
    near = min(
        (b for b in district.buildings if giver.geometry.contains(b.geometry)),
        key=lambda b: b.geometry.distance(taker.geometry),
    )
    chosen = chen.post("/units", {"buildings": [near.external_id], "to": taker.code})
    assert chosen.status_code == 200, chosen.text
    done = chen.edit(**chosen.json()["edit"])
    changed = {feature["id"] for feature in done["grids"]["features"]}
    assert {giver.code, taker.code} <= changed

    rows = chen.get("/measures", level="grid")["measures"]
    loads = [row["load"] for row in rows if row["parent"] == community.code]
    mean = sum(loads) / len(loads)
    wish = {"floor": 0.8 * mean, "ceiling": 1.2 * mean, "parent": community.code, "seed": 1}
    proposal = chen.post("/balance", wish)
    assert proposal.status_code == 200, proposal.text
    for move in proposal.json()["moves"]:
        chen.edit(**move["edit"])
    after = {row["code"]: row["load"] for row in chen.get("/measures", level="grid")["measures"]}
    for code, load in proposal.json()["after"].items():
        assert abs(after[code] - load) < 1e-6


def test_a_repeated_request_has_one_effect(own: TestClient, district: District) -> None:
    grid = district.plan.at(Level.SUBGRID)[0]
    chen = begin(own)
    edit = {"kind": "rename", "code": grid.code, "name": "新名"}
    first = chen.try_edit(edit, **{"Idempotency-Key": "abc"})
    again = chen.try_edit(edit, **{"Idempotency-Key": "abc"})
    assert first.status_code == again.status_code == 200
    assert first.json()["version"] == again.json()["version"]
    assert first.json()["entry"] == again.json()["entry"]
    assert len(chen.get("/log")["entries"]) == 1
    other = chen.try_edit(edit | {"name": "别名"}, **{"Idempotency-Key": "abc"})
    assert other.status_code == 422, other.text
    assert "Idempotency-Key" in other.json()["detail"]
    chen.get_approved(by=LIN)
    key = {"Idempotency-Key": "publish-1"}
    once = chen.post("/publish", **key)
    twice = chen.post("/publish", **key)
    assert (once.status_code, twice.status_code) == (200, 200)
    assert once.json()["id"] == twice.json()["id"]
    assert chen.post("/publish").status_code == 409
    assert chen.try_edit(edit, **key).status_code == 422
    assert len(own.get("/v1/revisions").json()) == 2


def test_versions_clones_locks_and_cancelling(own: TestClient, district: District) -> None:
    grid, other = district.plan.at(Level.SUBGRID)[:2]
    chen = begin(own)
    chen.edit(kind="rename", code=grid.code, name="甲")
    named = chen.post("/versions", {"name": "A"})
    assert named.status_code == 201, named.text
    chen.look().edit(kind="rename", code=grid.code, name="乙")
    assert chen.post("/versions", {"name": "A"}).status_code == 409
    copy = chen.post("/clone", {"name": "copy", "version": "A"}).json()
    features = own.get(f"/v1/drafts/{copy['id']}/grids", params={"level": "subgrid"}).json()
    names = {feature["id"]: feature["properties"]["name"] for feature in features["features"]}
    assert names[grid.code] == "甲"
    assert chen.post("/locks", {"lock": [other.code]}).json()["locked"] == [other.code]
    locked = chen.look().try_edit({"kind": "rename", "code": other.code, "name": "丙"})
    assert locked.status_code == 409
    assert other.code in locked.json()["detail"]
    assert chen.client.delete(f"/v1/drafts/{chen.id}").json()["status"] == "cancelled"
    listed = own.get("/v1/drafts", params={"status": "open"}).json()
    assert [draft["id"] for draft in listed] == [copy["id"]]


def test_a_draft_goes_out_as_files(own: TestClient) -> None:
    chen = begin(own, name='翁墩 "调整"')
    for form in ("geojson", "topojson", "gpkg", "shp", "kml"):
        answer = own.get(f"/v1/drafts/{chen.id}/export", params={"format": form})
        assert answer.status_code == 200, answer.text
        header = answer.headers["content-disposition"]
        assert "filename*=UTF-8''%E7%BF%81%E5%A2%A9" in header
        assert header.count('"') == 2
    assert len(chen.get("/topology")["arcs"]) > 100
    for form in ("csv", "xlsx", "geojson", "html"):
        answer = own.get(f"/v1/drafts/{chen.id}/impact", params={"format": form})
        assert answer.status_code == 200, answer.text
    compared = own.get("/v1/revisions/compare", params={"before": 1, "after": 1}).json()
    assert compared["handovers"] == []

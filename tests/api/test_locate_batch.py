"""Are many rows answered as one row is, while they are still being sent, whatever is in them?"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import shapely
from fastapi.testclient import TestClient

from gis.coords import wgs84_to_gcj02
from gis.demo import District
from gis.plan import Level
from tests.api.test_locate import inner_point

LINES, TABLE, ARRAY = "application/x-ndjson", "text/csv", "application/json"


def send(client: TestClient, body: Any, kind: str, **query: Any) -> Any:
    text = body.encode() if isinstance(body, str) else body
    return client.post("/v1/locate", content=text, headers={"Content-Type": kind}, params=query)


def send_rows(client: TestClient, rows: list[Any], **query: Any) -> list[dict[str, Any]]:
    reply = send(client, json.dumps(rows), ARRAY, **query)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == ARRAY
    return reply.json()


@pytest.fixture(scope="module")
def points(district: District) -> list[dict[str, Any]]:
    """Points in every grid, and as many anywhere around the district."""
    inner = [inner_point(district, grid.code) for grid in district.plan.at(Level.GRID)]
    west, south, east, north = shapely.total_bounds(
        [grid.geometry for grid in district.plan.at(Level.GRID)]
    )
    random = np.random.default_rng(7)
    anywhere = zip(
        random.uniform(west, east, len(inner)).round(7).tolist(),
        random.uniform(south, north, len(inner)).round(7).tolist(),
        strict=True,
    )
    return [{"id": k, "lon": lon, "lat": lat} for k, (lon, lat) in enumerate([*inner, *anywhere])]


def test_every_row_is_answered_as_it_would_be_alone(
    client: TestClient, points: list[dict[str, Any]]
) -> None:
    answers = send_rows(client, points)
    assert len(answers) == len(points)
    assert {answer["status"] for answer in answers} == {"inside", "outside"}
    for point, answer in list(zip(points, answers, strict=True))[::17]:
        alone = client.get("/v1/locate", params={"lon": point["lon"], "lat": point["lat"]}).json()
        assert answer["id"] == point["id"]
        for part in ("status", "grids", "revision", "point"):
            assert answer[part] == alone[part]


@pytest.mark.parametrize("piece", [1, 7, 1000])
@pytest.mark.parametrize("kind", [ARRAY, LINES, TABLE])
def test_pieces_may_end_anywhere(
    client: TestClient, points: list[dict[str, Any]], kind: str, piece: int
) -> None:
    """No byte is a place where a stream may not be cut, not even within a Chinese character."""
    few = [row | {"备注": f'翁墩, "{k}"\n新村'} for k, row in enumerate(points[:8])]
    body = {
        ARRAY: json.dumps(few, ensure_ascii=False, indent=1),
        LINES: "\n".join(json.dumps(row, ensure_ascii=False) for row in few),
        TABLE: write_table(few),
    }[kind].encode()

    def pieces() -> Iterator[bytes]:
        yield from (body[start : start + piece] for start in range(0, len(body), piece))

    whole = send(client, body, kind)
    parts = send(client, pieces(), kind)
    assert whole.status_code == parts.status_code == 200
    assert read(parts) == read(whole)
    assert [row["备注"] for row in read(parts)] == [row["备注"] for row in few]


def write_table(rows: list[dict[str, Any]]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def read(reply: Any) -> list[dict[str, Any]]:
    kind = reply.headers["content-type"].partition(";")[0]
    if kind == ARRAY:
        return reply.json()
    if kind == LINES:
        return [json.loads(line) for line in reply.text.splitlines()]
    return list(csv.DictReader(io.StringIO(reply.text, newline="")))


def test_a_table_gets_columns_for_every_level(
    client: TestClient, district: District, points: list[dict[str, Any]]
) -> None:
    rows = read(send(client, write_table(points[:3]), TABLE))
    grid = district.plan.at(Level.GRID)[0]
    assert rows[0]["id"] == "0"
    assert rows[0]["wangge_status"] == "inside"
    assert (rows[0]["wangge_grid"], rows[0]["wangge_grid_name"]) == (grid.code, grid.name)
    assert rows[0]["wangge_district"] == "350402"
    assert rows[0]["wangge_revision"].isdigit()
    assert rows[0]["wangge_error"] == ""


def test_the_answer_has_the_form_that_is_asked_for(
    client: TestClient, points: list[dict[str, Any]]
) -> None:
    headers = {"Content-Type": TABLE, "Accept": f"text/html, {LINES}"}
    reply = client.post("/v1/locate", content=write_table(points[:2]), headers=headers)
    assert [row["status"] for row in read(reply)] == ["inside", "inside"]
    headers = {"Content-Type": LINES, "Accept": TABLE}
    reply = client.post("/v1/locate", content=json.dumps(points[0]), headers=headers)
    assert read(reply)[0]["wangge_status"] == "inside"
    refused = client.post("/v1/locate", content="[]", headers=headers | {"Accept": "image/png"})
    assert refused.status_code == 415


def test_each_row_may_have_its_own_system_and_date(client: TestClient, district: District) -> None:
    grid = district.plan.at(Level.GRID)[5]
    lon, lat = inner_point(district, grid.code)
    moved = [float(part) for part in wgs84_to_gcj02(lon, lat)]
    answers = send_rows(
        client,
        [
            {"lon": moved[0], "lat": moved[1], "crs": "gcj02"},
            {"lon": lon, "lat": lat, "at": "2023-05-01"},
            {"lon": lon, "lat": lat, "at": "2021-12-31T23:59:59+08:00"},
            {"lon": lon, "lat": lat, "at": "soon"},
            {"lon": lon, "lat": lat, "at": "0001-01-01T00:00:00+14:00"},
            {"lon": lon, "lat": lat, "crs": "+proj=longlat +nadgrids=/etc/passwd"},
            {"lon": lon, "lat": lat, "crs": ["gcj02"]},
        ],
    )
    for answer in answers[:2]:
        assert grid.code in [hit["code"] for hit in answer["grids"]]
    assert answers[0]["point"] == pytest.approx({"lon": lon, "lat": lat}, abs=2e-7)
    words = ("in force", "soon", "is no date", "nadgrids", "gcj02")
    for answer, word in zip(answers[2:], words, strict=True):
        assert word in answer["error"]
        assert "status" not in answer


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"lon": 26.27, "lat": 117.63}, "swapped"),
        ({"lon": 200.0, "lat": 26.0}, "-180"),
        ({"lon": "east", "lat": 26.0}, "'east' is no number"),
        ({"lon": 117.6}, "lat is missing"),
        ({"lon": 0, "lat": 0}, "no position"),
        ({}, "no position"),
        ({"lon": True, "lat": 26.0}, "no number"),
        ({"lon": [117.6], "lat": {"a": 1}}, "no number"),
        ({"lon": 10**400, "lat": 26.0}, "lon"),
        (5, "write an object"),
        (None, "write an object"),
        ([[1]], "write an object"),
    ],
)
def test_a_row_that_cannot_be_used_says_so_and_the_rest_goes_on(
    client: TestClient, points: list[dict[str, Any]], row: Any, word: str
) -> None:
    answers = send_rows(client, [points[0], row, points[1]])
    assert [answer.get("status") for answer in answers] == ["inside", None, "inside"]
    assert word in answers[1]["error"]


def test_numbers_beyond_all_bounds_stay_in_their_row(client: TestClient) -> None:
    good = '{"lon": 117.63, "lat": 26.27, "x": 1e999}'
    body = '{"lon": 1e400, "lat": 26}\n{"lon": NaN, "lat": 26}\n' + good
    answers = read(send(client, body, LINES))
    assert "error" in answers[0]
    assert "error" in answers[1]
    assert (answers[2]["status"], answers[2]["x"]) == ("inside", "inf")


def test_own_cells_are_kept_even_if_they_have_our_names(client: TestClient) -> None:
    row = {"lon": 117.63, "lat": 26.27, "status": "open", "nested": {"a": [1, 2]}, "half": "\ud800"}
    (answer,) = send_rows(client, [row])
    assert answer["status"] in ("inside", "outside")
    assert answer["given"] == {"status": "open"}
    assert answer["nested"] == {"a": [1, 2]}


@pytest.mark.parametrize(
    ("body", "kind", "status", "word"),
    [
        ("[]", "text/plain", 415, "Content-Type"),
        ("[]", "", 415, "Content-Type"),
        ('{"lon": 1}', ARRAY, 422, "no JSON array"),
        ("", ARRAY, 422, "not closed"),
        ('[{"lon": 1, "lat": 2}', ARRAY, 422, "after item 1"),
        ('[{"lon": 1, "lat": 2} {}]', ARRAY, 422, "comma"),
        ('[{"lon": 1, "lat": 2},]', ARRAY, 422, "item 2"),
        ("[] []", ARRAY, 422, "end of the array"),
        (b'[{"a": "\xff"}]', ARRAY, 422, "UTF-8"),
        ("[" + "[" * 60_000, ARRAY, 422, "nested too deeply"),
        ('[{"a": "' + "x" * 200_000, ARRAY, 413, "longer than"),
        ("[" + "1" * 6000 + "]", ARRAY, 422, "item 1"),
        ("", TABLE, 422, "empty"),
        ("name,age\nx,1\n", TABLE, 422, "columns are: name, age"),
        ("lon,lon\n1,2\n", TABLE, 422, "twice"),
        ('lon,lat\n"' + "1\n" * 60_000, TABLE, 413, "quote"),
        ("lon,lat\n1,2\n", f"{TABLE}; charset=klingon", 422, "klingon"),
        ("lon,lat,名\n1,2,翁墩\n".encode("gbk"), f"{TABLE}; charset=utf-8", 422, "charset"),
    ],
)
def test_what_cannot_be_read_at_all_is_refused_before_anything_is_answered(
    client: TestClient, body: str | bytes, kind: str, status: int, word: str
) -> None:
    reply = send(client, body, kind)
    assert (reply.status_code, reply.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    assert word in reply.json()["detail"]


@pytest.mark.parametrize("kind", [ARRAY, TABLE])
def test_a_fault_late_in_the_stream_ends_it_with_a_last_row_that_says_so(
    client: TestClient, kind: str
) -> None:
    rows = [{"id": k, "lon": 117.63, "lat": 26.27} for k in range(5000)]
    if kind == ARRAY:
        body = json.dumps(rows)[:-1] + ', {"lon": oops}, {"lon": 1}]'
    else:
        body = write_table(rows) + 'x,"' + "y" * 100_000
    reply = send(client, body, kind)
    assert reply.status_code == 200
    answers = read(reply)
    assert len(answers) == 5001
    if kind == ARRAY:
        assert answers[-1]["stopped"] is True
        assert "item 5001" in answers[-1]["error"]
    else:
        assert answers[-1]["wangge_error"].startswith("stopped: row 5002")


def test_a_bad_line_does_not_end_json_lines(client: TestClient) -> None:
    good = '{"lon": 117.63, "lat": 26.27}'
    long = '{"a": "' + "x" * 300_000 + '"}'
    deep = '{"a": ' + "[" * 30 + "]" * 30 + "}"
    body = "\n".join(["", good, "oops", long, deep, "[" * 60_000, "", good])
    answers = read(send(client, b"\xef\xbb\xbf" + body.encode(), LINES))
    said = [answer.get("error", answer.get("status")) for answer in answers]
    assert said[0] == said[-1] == "inside"
    for text, word in zip(
        said[1:-1], ("line 3", "longer", "nested too deeply", "nested too deeply"), strict=True
    ):
        assert word in text


def test_tables_come_in_the_encodings_that_people_have(client: TestClient) -> None:
    text = "经度;纬度;地址名\n117.63;26.27;ascii\n117.63;26.27;翁墩新村\n"
    for encoding, charset in (
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("gb18030", ""),
        ("gb18030", "; charset=GBK"),
        ("utf-16", ""),
        ("big5", "; charset=big5"),
    ):
        if encoding == "big5":  # which has no simplified characters
            text = "lon;lat;地址名\n117.63;26.27;翁墩新村\n"
        rows = read(send(client, text.encode(encoding, "replace"), TABLE + charset))
        assert rows[-1]["地址名"] == "翁墩新村", encoding
        assert rows[-1]["wangge_status"] == "inside", encoding


@pytest.mark.parametrize(
    "charset", ["punycode", "idna", "unicode_escape", "undefined", "base64", "utf-16"]
)
def test_a_charset_in_which_no_table_comes_is_refused(client: TestClient, charset: str) -> None:
    reply = send(client, "lon,lat\n117.63,26.27,\xff-a\n", f"text/csv; charset={charset}")
    assert reply.status_code == 422
    assert "encoding" in reply.json()["detail"]


def test_formulas_leave_as_text(client: TestClient) -> None:
    body = 'lon,lat,=name\n117.63,26.27,"=HYPERLINK(""http://x"")"\n-1.5,2,@x\n1,2,3,4\n'
    reply = send(client, body, TABLE)
    rows = list(csv.reader(io.StringIO(reply.text)))
    assert rows[0][2] == "'=name"
    assert rows[1][2] == '\'=HYPERLINK("http://x")'
    assert rows[2][:3] == ["-1.5", "2", "'@x"]
    assert "4 cells under 3 headings" in rows[3][-1]


def test_a_large_upload_passes_the_guard_and_others_do_not(client: TestClient) -> None:
    def lines() -> Iterator[bytes]:
        for _ in range(120):
            yield b'{"lon": 117.63, "lat": 26.27, "note": "' + b"x" * 100_000 + b'"}\n'

    answers = read(send(client, lines(), LINES))
    assert len(answers) == 120
    assert all("longer" in answer["error"] for answer in answers)
    refused = client.post("/v1/drafts", content=b"x" * 10_000_001)
    assert refused.status_code == 413


def test_dates_and_plans_that_are_not_there_are_refused(client: TestClient) -> None:
    assert send(client, "[]", ARRAY, at="2020-01-01").status_code == 404
    assert send(client, "[]", ARRAY, plan="nowhere").status_code == 404
    assert send(client, "[]", ARRAY, crs="moon").status_code == 422
    assert send(client, "[]", ARRAY).json() == []


def test_near_answers_as_a_single_lookup_does(
    client: TestClient, points: list[dict[str, Any]]
) -> None:
    answers = send_rows(client, points, near_m=300)
    near = [answer for answer in answers if answer["status"] == "near"]
    assert near
    for answer in near[:5]:
        query = {"lon": answer["lon"], "lat": answer["lat"], "near_m": 300}
        alone = client.get("/v1/locate", params=query).json()
        assert (answer["status"], answer["grids"]) == (alone["status"], alone["grids"])
    assert send(client, "[]", ARRAY, near_m=0).status_code == 422
    assert send(client, "[]", ARRAY, near_m="nan").status_code == 422


def test_addresses_are_answered_with_their_reasons(client: TestClient, district: District) -> None:
    known = district.addresses[:: len(district.addresses) // 20]
    answers = send_rows(client, [{"address": address.text} for address in known])
    assert sum(answer["status"] == "inside" for answer in answers) > 0.9 * len(known)
    for address, answer in zip(known, answers, strict=True):
        assert answer["address"] == address.text
        assert answer["match"]["provider"] == "gazetteer"
        assert answer["match"]["reasons"]
        if answer["status"] == "inside" and answer["point"]:
            assert answer["point"] == {"lon": address.lon, "lat": address.lat}
    table = "address\n" + "".join(f"{address.text}\n" for address in known)
    rows = read(send(client, table, TABLE))
    assert [row["wangge_status"] for row in rows] == [answer["status"] for answer in answers]
    long = send_rows(client, [{"address": "列东街" * 3000}, {"address": ""}])
    assert "error" in long[0]
    assert "no address" in long[1]["error"]

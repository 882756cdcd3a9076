"""What planners do over HTTP, in few words for the tests."""

from __future__ import annotations

import time
from typing import Any

import shapely
from fastapi.testclient import TestClient
from httpx2 import Response

from gis.plan import Grid
from tests.api.conftest import said_by

CHEN, LIN = "陈明", "林芳"


class Planner:
    """A person who works on one draft and knows the version seen last."""

    def __init__(self, client: TestClient, person: str, draft: dict[str, Any]) -> None:
        self.client, self.person = client, person
        self.id, self.version = draft["id"], draft["version"]

    def post(self, path: str, body: Any = None, **headers: str) -> Response:
        return self.client.post(
            f"/v1/drafts/{self.id}{path}", json=body, headers=said_by(self.person) | headers
        )

    def get(self, path: str = "", **query: Any) -> Any:
        answer = self.client.get(
            f"/v1/drafts/{self.id}{path}", params=query, headers=said_by(self.person)
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def look(self) -> Planner:
        self.version = self.get()["version"]
        return self

    def try_edit(self, edit: dict[str, Any], **headers: str) -> Response:
        body = {"seen_version": self.version, "edit": edit}
        return self.post("/edits", body, **headers)

    def edit(self, **edit: Any) -> dict[str, Any]:
        return self._changed(self.try_edit(edit))

    def step(self, what: str, **more: Any) -> dict[str, Any]:
        return self._changed(self.post(f"/{what}", {"seen_version": self.version, **more}))

    def submit(self) -> dict[str, Any]:
        """Send the draft for approval; whatever the checks call an error is accepted."""
        findings = self.look().get("/findings")["findings"]
        errors = {each["check"] for each in findings if each["severity"] == "error"}
        exceptions = [{"check": check, "reason": "as it is"} for check in sorted(errors)]
        answer = self.post("/submit", {"seen_version": self.version, "exceptions": exceptions})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get_approved(self, by: str) -> Planner:
        self.submit()
        answer = Planner(self.client, by, {"id": self.id, "version": 0}).post("/approve")
        assert answer.status_code == 200, answer.text
        return self

    def publish(self, **body: Any) -> dict[str, Any]:
        answer = self.post("/publish", body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _changed(self, answer: Response) -> dict[str, Any]:
        assert answer.status_code == 200, answer.text
        self.version = answer.json()["version"]
        return answer.json()


def begin(client: TestClient, person: str = CHEN, name: str = "调整") -> Planner:
    """Begin a draft on the latest revision."""
    answer = client.post("/v1/drafts", json={"name": name}, headers=said_by(person))
    assert answer.status_code == 201, answer.text
    return Planner(client, person, answer.json())


def cut_through(grid: Grid) -> list[list[float]]:
    """Draw a line from south to north through the middle of a grid."""
    west, south, east, north = grid.geometry.bounds
    middle = (west + east) / 2
    return [[middle, south - 0.001], [middle, north + 0.001]]


def locate(client: TestClient, grid: Grid, **query: Any) -> dict[str, str]:
    """Ask which grids cover a point inside a grid; codes by level."""
    point = shapely.point_on_surface(grid.geometry)
    answer = client.get("/v1/locate", params={"lon": point.x, "lat": point.y, **query}).json()
    return {found["level"]: found["code"] for found in answer["grids"]}


def wait_for(what: Any, seconds: float = 20.0) -> Any:
    """Ask again and again until the answer is not empty."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
    return found

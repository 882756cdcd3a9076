"""May a page of another site change something here?"""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.principal import Asker
from api.settings import Settings


@pytest.fixture
def echo() -> TestClient:
    """The application with a route that tells who asked; its database is never reached."""
    app: FastAPI = create_app(Settings(host_names=("testserver",)))

    @app.post("/who")
    def who(asker: Asker) -> str:
        return asker.name

    app.router.routes.insert(0, app.router.routes.pop())
    return TestClient(app)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://elsewhere.org"},
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        {"sec-fetch-site": "same-site"},
        {"origin": "null"},
        {"host": "rebound.org", "origin": "http://rebound.org", "sec-fetch-site": "same-origin"},
    ],
)
def test_another_sites_page_is_refused(echo: TestClient, headers: dict[str, str]) -> None:
    answer = echo.post("/who", headers=headers)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert "another site" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "rebound.org"},
        {"origin": "http://testserver"},
        {"sec-fetch-site": "same-origin"},
        {"host": "[::1]:8000", "origin": "http://[::1]:8000"},
    ],
)
def test_our_own_pages_and_programs_are_not(echo: TestClient, headers: dict[str, str]) -> None:
    assert echo.post("/who", headers=headers).json() == "local"


def test_a_person_says_who_they_are(echo: TestClient) -> None:
    named = echo.post("/who", headers={"Wangge-Person": "%E9%99%88%E6%98%8E"})
    assert named.json() == "陈明"
    nameless = echo.post("/who", headers={"Wangge-Person": "%00"})
    assert nameless.status_code == 422
    assert "percent-encoded" in nameless.json()["detail"]

"""Does the server say whether it can answer, and what it can be asked?"""

from fastapi.testclient import TestClient

from api.app import ROUTES, create_app
from api.principal import principal
from tests.api.conftest import settings_for, wait_until_ready


def test_health_and_readiness(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready", "plans": ["meilie"]}


def test_an_empty_database_is_ready_and_says_what_is_missing(database_url: str) -> None:
    with TestClient(create_app(settings_for(database_url))) as client:
        wait_until_ready(client)
        reply = client.get("/v1/locate", params={"lon": 1, "lat": 1})
        assert reply.status_code == 404
        assert "import boundaries" in reply.json()["detail"]


def test_every_route_asks_who_makes_the_request(client: TestClient) -> None:
    asked = []
    for room in ROUTES:
        for route in room.router.routes:
            calls = [dependency.call for dependency in route.dependant.dependencies]
            assert principal in calls, route.path
            asked.append(route.path.replace(":path}", "}"))
    assert {"/", "/v1/locate", "/v1/grids", "/maps/coverage", "/healthz"} <= set(asked)
    assert set(client.get("/openapi.json").json()["paths"]) <= set(asked)


def test_the_openapi_document_describes_every_route_and_parameter(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method in methods.values():
            assert method["summary"], path
            for parameter in method.get("parameters", []):
                described = parameter.get("description") or parameter["schema"].get("description")
                assert described or parameter["in"] == "path", (path, parameter["name"])


def test_nothing_may_load_from_another_machine(client: TestClient) -> None:
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy

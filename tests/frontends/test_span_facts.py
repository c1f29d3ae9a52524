"""Names of spans: those of places that there are, however clients make up their own."""

from __future__ import annotations

import pytest

from tfs_notebook.frontends.span_facts import http_facts


@pytest.mark.parametrize(
    ("method", "target", "route"),
    [
        (
            "POST",
            "/v1/models/m/versions/3:predict?x",
            "/v1/models/{model}/versions/{version}:predict",
        ),
        ("GET", "/v2/models/stats", "/v2/models/stats"),
        ("POST", "/v2/models/m/infer", "/v2/models/{model}/infer"),
        ("POST", "/v2/repository/models/m/traffic", "/v2/repository/models/{model}/traffic"),
        ("GET", "/openapi.json", "/openapi.json"),
        ("GET", "/monitoring/prometheus/metrics", "/monitoring/prometheus/metrics"),
    ],
)
def test_a_place_has_its_route(method: str, target: str, route: str) -> None:
    facts = http_facts(method, target, "http", "200")
    assert facts.name == f"{method} {route}"
    assert facts.attributes["http.route"] == route


@pytest.mark.parametrize("status", ["400", "401", "405", "429"])
@pytest.mark.parametrize("path", ["/v1/a/b7", "/v1/models/m:b7", "/v2/b7", "/monitoring/b7"])
def test_what_a_client_makes_up_has_none(path: str, status: str) -> None:
    facts = http_facts("GET", path, "http", status)
    assert facts.name == "GET"
    assert "http.route" not in facts.attributes

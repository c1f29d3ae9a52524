"""Which model a path means, and paths that mean nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.frontends.rest_requests import PREDICT, error_text
from tests.half_plus_two import ANSWER, BODY
from tests.server_process import ServerProcess, config_text


def test_predict_of_models_that_are_not_there(http: httpx.Client) -> None:
    for path, status, text in (
        ("nobody", 404, "Servable not found for request: Latest(nobody)"),
        ("half_plus_two99", 404, "Servable not found for request: Latest(half_plus_two99)"),
        ("half_plus_two/versions/9", 404,
         "Servable not found for request: Specific(half_plus_two, 9)"),
        ("half_plus_two/labels/no", 400, "Unrecognized servable version label: no"),
    ):  # fmt: skip
        response = http.post(f"/v1/models/{path}:predict", content=BODY)
        assert error_text(response, status) == text


def test_predict_of_versions_and_labels(http: httpx.Client) -> None:
    for path in ("", "/versions/1", "/versions/01", "/labels/stable", "/labels/st%61ble"):
        assert (
            http.post(f"/v1/models/half_plus_two{path}:predict", content=BODY).json() == ANSWER
        )
    assert http.post("/V1/MODELS/half%5Fplus%5Ftwo:predict", content=BODY).json() == ANSWER


def test_names_that_need_percent_encoding(
    start_server: Callable[..., ServerProcess], models: Path, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text(
        config_text(
            {"a/b:c d": models / "half_plus_two"},
            **{"a/b:c d": 'version_labels { key: "x/y" value: 1 }'},
        )
    )
    server = start_server(f"--model_config_file={config}")
    name = f"{server.url}/v1/models/a%2Fb%3Ac%20d"
    assert httpx.post(f"{name}:predict", content=BODY).json() == ANSWER
    assert httpx.post(f"{name}/labels/x%2Fy:predict", content=BODY).json() == ANSWER
    assert httpx.get(f"{name}/metadata").json()["model_spec"]["name"] == "a/b:c d"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", PREDICT),
        ("DELETE", "/v1/models/half_plus_two"),
        ("PATCH", "/v1/models/half_plus_two"),
        ("GET", PREDICT),
        ("POST", "/v1/models/half_plus_two"),
        ("POST", "/v1/models/half_plus_two:PREDICT"),
        ("GET", "/v1/models/half_plus_two/versions/HELLO"),
        ("GET", "/v1/something"),
        ("POST", "/v1/"),
    ],
)
def test_malformed_requests(http: httpx.Client, method: str, path: str) -> None:
    response = http.request(method, path, content=BODY)
    assert error_text(response, 400) == f"Malformed request: {method} {path}"


def test_query_and_fragment_do_not_count(http: httpx.Client) -> None:
    assert http.post(f"{PREDICT}?a=b&c", content=BODY).json() == ANSWER
    assert http.get("/v1/models/half_plus_two?verbose=1").status_code == 200
    assert http.get("/v1/models?x").status_code == 200


def test_other_paths_are_html_404s(http: httpx.Client) -> None:
    for path in (
        "/",
        "/index",
        "/statuspage",
        "/v1",
        "/v2x",
        "/v1models",
        "//v1/",
    ):
        response = http.get(path)
        assert response.status_code == 404, path
        assert response.headers["content-type"] == "text/html"
        assert "<html>" in response.text

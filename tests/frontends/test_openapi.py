"""The OpenAPI document: it is in step with the routes, and the server with it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from tests.server_process import ServerProcess, config_text
from tfs_notebook.frontends.rest import v2_routes
from tfs_notebook.frontends.rest.openapi.document import openapi_document
from tfs_notebook.frontends.rest.openapi.places import OPENAPI_PATH
from tfs_notebook.frontends.rest.routes import parse_get, parse_post
from tfs_notebook.frontends.rest.v2_routes import Route, parse_route
from tfs_notebook.wire.errors import NotFound

METRICS = "/monitoring/prometheus/metrics"
DOCUMENT = openapi_document(METRICS)
METHODS = ("get", "post", "delete")
OPERATIONS = [
    (path, method)
    for path, place in DOCUMENT["paths"].items()
    for method in METHODS
    if method in place
]
V2 = [path for path in DOCUMENT["paths"] if path.startswith("/v2")]
# So many requests for each operation.
FEW, MANY = 2, 100


def filled(path: str) -> str:
    return path.format(model="NAME", version="1", label="stable")


class TestStep:
    """Table and routes tell of the same places, whichever of them is changed."""

    @pytest.mark.parametrize("path", V2)
    def test_a_place_is_routed(self, path: str) -> None:
        route = parse_route(filled(path))
        documented = {method.upper() for method in METHODS if method in DOCUMENT["paths"][path]}
        assert set(route.methods) - {"HEAD"} == documented

    def test_a_route_is_a_place(self) -> None:
        documented = {filled(path) for path in V2}
        routed = {path for path in self._paths() if self._route(path) is not None}
        assert len(routed) > 25
        assert routed == documented

    def _paths(self) -> Iterator[str]:
        # Every word of the module that takes paths apart, wherever one may stand.
        tree = ast.parse(inspect.getsource(v2_routes))
        constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
        words = {one for one in constants if isinstance(one, str) and one.isidentifier()}
        models, repository = "/v2/models/NAME", "/v2/repository"
        places = [models, f"{models}/versions/1", repository, f"{repository}/models/NAME"]
        places += ["/v2", "/v2/health"]
        yield from places
        for place, first in product(places, words - {"NAME"}):
            if (place, first) != ("/v2/models/NAME", "versions"):
                yield f"{place}/{first}"
        yield from (f"/v2/models/{word}" for word in words & {"stats"})

    def _route(self, path: str) -> Route | None:
        with suppress(NotFound):
            return parse_route(path)
        return None

    @pytest.mark.parametrize("target", ["", "/versions/1", "/labels/stable"])
    def test_v1(self, target: str) -> None:
        documented = {filled(path): place for path, place in DOCUMENT["paths"].items()}
        base = f"/v1/models/NAME{target}"
        for path, action in ((base, ""), (f"{base}/metadata", "metadata")):
            assert parse_get(path).action == action
            assert "get" in documented[path]
        for action in ("predict", "classify", "regress"):
            assert parse_post(f"{base}:{action}").action == action
            assert "post" in documented[f"{base}:{action}"]
        assert parse_get("/v1/models").model.name == ""
        assert "get" in documented["/v1/models"]

    def test_every_schema_is_one_and_is_used(self) -> None:
        schemas = DOCUMENT["components"]["schemas"]
        for schema in schemas.values():
            jsonschema.Draft202012Validator.check_schema(schema)
        text = str(DOCUMENT["paths"])
        for name in schemas:
            assert f"'#/components/schemas/{name}'" in text, name


def changed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with names that are there, so that answers are not all refusals."""
    chosen: dict[str, list[Any]] = {
        "model": ["half_plus_two", "several", "nobody"],
        "version": [1, 2],
        "label": ["stable", "none"],
        # Nobody waits for events.
        "timeout": [0],
    }
    for place in document["paths"].values():
        operations = [place[method] for method in METHODS if method in place]
        for owner in (place, *operations):
            for parameter in owner.get("parameters", ()):
                if parameter["name"] in chosen:
                    parameter["schema"] = {"enum": chosen[parameter["name"]]}
    return document


@pytest.fixture(scope="module")
def described(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server of its own, and its document as schemathesis reads it."""
    schemathesis = pytest.importorskip("schemathesis", reason="it is not installed")
    directory = tmp_path_factory.mktemp("openapi")
    config = directory / "models.config"
    served = {name: models / name for name in ("half_plus_two", "several")}
    label = 'version_labels { key: "stable" value: 1 }'
    config.write_text(config_text(served, half_plus_two=label))
    monitoring = directory / "monitoring.config"
    monitoring.write_text("prometheus_config { enable: true }")
    flags = [f"--model_config_file={config}", f"--monitoring_config_file={monitoring}"]
    with ServerProcess(directory, [*flags, "--enable_batching"]) as server:
        document = httpx.get(server.url + OPENAPI_PATH).json()
        assert document == DOCUMENT
        yield server, schemathesis.openapi.from_dict(changed(document))
        assert "unforeseen" not in server.log


def check(described: Any, path: str, method: str, examples: int) -> None:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    server, schema = described
    checks = (
        not_a_server_error,
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )
    everything = list(HealthCheck)

    @settings(max_examples=examples, deadline=None, suppress_health_check=everything)
    @given(case=schema[path][method].as_strategy())
    def each(case: Any) -> None:
        case.call_and_validate(base_url=server.url, checks=checks, timeout=60)

    each()


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_schemathesis(described: Any, path: str, method: str) -> None:
    check(described, path, method, FEW)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_schemathesis_with_many_requests(described: Any, path: str, method: str) -> None:
    check(described, path, method, MANY)


def test_the_page(http: httpx.Client) -> None:
    response = http.get(OPENAPI_PATH)
    assert response.headers["content-type"] == "application/json"
    assert response.json() == openapi_document()
    response = http.post(OPENAPI_PATH)
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")
    assert http.head(OPENAPI_PATH).status_code == 200

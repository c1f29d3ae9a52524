"""Bodies of control requests, of every kind that there is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfs_notebook.frontends.rest.control_bodies import (
    read_index,
    read_labels,
    read_load,
    read_rollback,
    read_unload,
)
from tfs_notebook.frontends.rest.v2_routes import parse_route
from tfs_notebook.lifecycle import Latest, Specific
from tfs_notebook.serving.model_control import LoadRequest
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument, NotFound

FIELDS = st.sampled_from(
    ["base_path", "version_policy", "labels", "config", "platform", "parameters", "name",
     "version", "ready", "model_platform", "model_type", "model_version_policy", "latest",
     "specific", "versions", "num_versions", "version_labels", "logging_config"]
)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["latest", "all", "latest:2", "/a", "tensorflow", "1", "{}"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(FIELDS | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def bodies() -> st.SearchStrategy[bytes]:
    parameters = st.dictionaries(FIELDS, VALUES, max_size=3).map(lambda p: {"parameters": p})
    return (parameters | VALUES).map(lambda value: json.dumps(value).encode()) | st.binary()


@given(bodies())
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    readers: list[Any] = [
        lambda body: read_load(body, "m"), read_labels, read_rollback, read_unload, read_index
    ]  # fmt: skip
    for read in readers:
        try:
            read(body)
        except (InvalidArgument, FailedPrecondition) as error:
            # It can be sent.
            error.message.encode()


@given(st.text(alphabet="/%.:v2modelsrpity019\0\nü", max_size=40) | st.text(max_size=40))
def test_whatever_path_comes_is_read_or_refused(path: str) -> None:
    for prefix in ("/v2", "/v2/models/", "/v2/repository/models/", ""):
        try:
            parse_route(prefix + path)
        except (InvalidArgument, NotFound) as error:
            error.message.encode()


@pytest.mark.parametrize(
    ("parameters", "request_"),
    [
        ({}, LoadRequest()),
        ({"base_path": "/a"}, LoadRequest("/a")),
        ({"version_policy": "latest:2"}, LoadRequest(policy=Latest(2))),
        ({"labels": {"a": 1, "b": None}}, LoadRequest(labels={"a": 1, "b": None})),
        ({"platform": "tensorflow"}, LoadRequest(platform="tensorflow")),
        (
            {"config": {"basePath": "/a", "modelVersionPolicy": {"specific": {"versions": [2]}},
                        "versionLabels": {"x": "2"}}},
            LoadRequest("/a", Specific((2,)), {"x": 2}, "tensorflow", only_these_labels=True),
        ),
        (
            {"config": "{}"},
            LoadRequest(None, Latest(), {}, "tensorflow", only_these_labels=True),
        ),
    ],
)  # fmt: skip
def test_loads(parameters: dict[str, object], request_: LoadRequest) -> None:
    assert read_load(json.dumps({"parameters": parameters}).encode(), "m") == request_


def test_empty_bodies() -> None:
    for body in (b"", b" \n", b"{}", b'{"parameters": {}}'):
        assert read_load(body, "m") == LoadRequest()
        assert read_rollback(body) is None
        read_unload(body)
    assert read_index(b"") is False

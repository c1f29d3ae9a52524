"""Bodies of control requests, of every kind that there is."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfs_notebook.batching.override import BatchingOverride
from tfs_notebook.frontends.rest.control_bodies import (
    read_batching,
    read_index,
    read_labels,
    read_load,
    read_parameters,
    read_rollback,
    read_timeout,
)
from tfs_notebook.frontends.rest.v2_routes import parse_route
from tfs_notebook.lifecycle import Latest, Specific
from tfs_notebook.serving.model_control import LoadRequest
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument, NotFound

FIELDS = st.sampled_from(
    ["base_path", "version_policy", "labels", "config", "platform", "parameters", "name",
     "version", "ready", "model_platform", "model_type", "model_version_policy", "latest",
     "specific", "versions", "num_versions", "version_labels", "logging_config",
     "max_batch_size", "allowed_batch_sizes", "num_batch_threads", "reset"]
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


VERBS = ("load", "unload", "labels", "rollback", "batching")


def read(verb: str, body: bytes) -> object:
    if verb == "index":
        return read_index(body)
    given = read_parameters(body, verb)
    readers: dict[str, Callable[[], object]] = {
        "load": lambda: read_load(given, "m"),
        "unload": lambda: None,
        "labels": lambda: read_labels(given),
        "rollback": lambda: read_rollback(given),
        "batching": lambda: BatchingOverride().changed(read_batching(given)[0]),
    }
    read_timeout(given)
    return readers[verb]()


@given(bodies())
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    for verb in (*VERBS, "index"):
        try:
            read(verb, body)
        except (InvalidArgument, FailedPrecondition) as error:
            # It can be sent.
            error.message.encode()


# orjson reads up to 1024 levels, which is more than Python writes.
@pytest.mark.parametrize("levels", [900, 1015])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize(
    ("verb", "around"),
    [
        *((verb, "%s") for verb in (*VERBS, "index")),
        *((verb, '{"parameters": %s}') for verb in VERBS),
        *((verb, '{"parameters": {"timeout": %s}}') for verb in VERBS),
        ("index", '{"ready": %s}'),
        ("load", '{"parameters": {"base_path": %s}}'),
        ("load", '{"parameters": {"version_policy": %s}}'),
        ("load", '{"parameters": {"version_policy": {"specific": {"versions": %s}}}}'),
        ("load", '{"parameters": {"labels": {"a": %s}}}'),
        ("load", '{"parameters": {"config": %s}}'),
        ("load", '{"parameters": {"config": {"version_labels": %s}}}'),
        ("labels", '{"parameters": {"labels": {"a": %s}}}'),
        ("rollback", '{"parameters": {"version": %s}}'),
        ("batching", '{"parameters": {"max_batch_size": %s}}'),
        ("batching", '{"parameters": {"allowed_batch_sizes": [%s]}}'),
        ("batching", '{"parameters": {"reset": %s}}'),
    ],
)
def test_deep_nesting_is_refused_in_few_words(
    levels: int, opening: str, verb: str, around: str
) -> None:
    deep = opening * levels + "1" + ("]" if opening == "[" else "}") * levels
    with pytest.raises(InvalidArgument) as refused:
        read(verb, (around % deep).encode())
    assert len(refused.value.message) < 1000


@pytest.mark.parametrize(
    "around",
    [
        '{"%s": 1}',
        '{"parameters": {"%s": 1}}',
        '{"parameters": {"base_path": ["%s"]}}',
        '{"parameters": {"version_policy": "%s"}}',
        '{"parameters": {"version_policy": ["%s"]}}',
        '{"parameters": {"version_policy": {"specific": {"versions": ["%s"]}}}}',
        '{"parameters": {"version_policy": {"%s": 1}}}',
        '{"parameters": {"labels": {"a": "%s"}}}',
        '{"parameters": {"config": {"name": "%s"}}}',
        '{"parameters": {"config": {"%s": 1}}}',
        '{"parameters": {"timeout": "%s"}}',
    ],
)
def test_what_is_long_is_refused_in_few_words(around: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        read("load", (around % ("b" * 100_000)).encode())
    assert len(refused.value.message) < 1000


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
    assert read("load", json.dumps({"parameters": parameters}).encode()) == request_


def test_empty_bodies() -> None:
    for body in (b"", b" \n", b"{}", b'{"parameters": {}}'):
        assert read("load", body) == LoadRequest()
        assert read("rollback", body) is None
        assert read_timeout(read_parameters(body, "unload")) is None
    assert read_index(b"") is False


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0.0), ("2", 2.0), ("1.5", 1.5), ("3600", 3600.0)]
)
def test_timeouts(verb: str, text: str, seconds: float) -> None:
    body = f'{{"parameters": {{"timeout": {text}}}}}'.encode()
    assert read_timeout(read_parameters(body, verb)) == seconds


@pytest.mark.parametrize("text", ["-1", "3601", "1e300", '"2"', "null", "true", "[]"])
def test_timeouts_that_are_none(text: str) -> None:
    given = read_parameters(f'{{"parameters": {{"timeout": {text}}}}}'.encode(), "load")
    with pytest.raises(InvalidArgument, match='"timeout" is a number of seconds, 0 to 3600'):
        read_timeout(given)


def test_a_whole_config_may_have_a_timeout() -> None:
    assert read("load", b'{"parameters": {"config": {}, "timeout": 2}}') == LoadRequest(
        None, Latest(), {}, "tensorflow", only_these_labels=True
    )


def test_what_tritons_clients_send_to_unload() -> None:
    for dependents in ("true", "false"):
        read("unload", f'{{"parameters": {{"unload_dependents": {dependents}}}}}'.encode())

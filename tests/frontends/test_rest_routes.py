"""Paths, as TensorFlow Serving takes them apart."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfs_notebook.frontends.rest.routes import parse_get, parse_post
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference


@pytest.mark.parametrize(
    ("path", "model", "action"),
    [
        ("/v1/models/foo:predict", ModelReference("foo"), "predict"),
        ("/v1/models/foo:classify", ModelReference("foo"), "classify"),
        ("/v1/models/foo:regress", ModelReference("foo"), "regress"),
        ("/v1/models/foo/versions/50:predict", ModelReference("foo", 50), "predict"),
        ("/v1/models/foo/versions/007:predict", ModelReference("foo", 7), "predict"),
        ("/v1/models/foo/labels/some_label:predict",
         ModelReference("foo", None, "some_label"), "predict"),
        ("/v1/models/foo%2Fbar%3Abaz:predict", ModelReference("foo/bar:baz"), "predict"),
        ("/v1/models/foo/labels/a%2Fb:predict", ModelReference("foo", None, "a/b"), "predict"),
        ("/V1/Models/Foo:predict", ModelReference("Foo"), "predict"),
        ("/v1/models/foo.bar-1_2:predict", ModelReference("foo.bar-1_2"), "predict"),
        (f"/v1/models/foo/versions/{2**63 - 1}:predict",
         ModelReference("foo", 2**63 - 1), "predict"),
        ("/v1/models/gr%C3%B6%C3%9Fe:predict", ModelReference("größe"), "predict"),
        ("/v1/models/a%20b:predict", ModelReference("a b"), "predict"),
        ("/v1/models/100%:predict", ModelReference("100%"), "predict"),
    ],
)  # fmt: skip
def test_post(path: str, model: ModelReference, action: str) -> None:
    parsed = parse_post(path)
    assert (parsed.model, parsed.action) == (model, action)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/models",
        "/v1/models/",
        "/v1/models/foo",
        "/v1/models/:predict",
        "/v1/models/foo:",
        "/v1/models/foo:PREDICT",
        "/v1/models/foo:Predict",
        "/v1/models/foo:predict/",
        "/v1/models/foo:predictable",
        "/v1/models/foo:unknown",
        "/v1/models/foo:metadata",
        "/v1/models/foo/version/50:predict",
        "/v1/models/foo/versions:predict",
        "/v1/models/foo/versions/:predict",
        "/v1/models/foo/versions/HELLO:predict",
        "/v1/models/foo/versions/-1:predict",
        "/v1/models/foo/versions/1.0:predict",
        "/v1/models/foo/versions/٣:predict",
        "/v1/models/foo/label/x:predict",
        "/v1/models/foo/labels/:predict",
        "/v1/models/foo/versions/5/labels/x:predict",
        "/v1/models/foo/labels/x/versions/5:predict",
        "/v1/models/foo/bar:predict",
        "/v1/models/foo:bar:predict",
        "/v1/model/foo:predict",
        "/v2/models/foo:predict",
        "v1/models/foo:predict",
        "/v1/models/foo:predict\n",
        "",
    ],
)
def test_post_that_is_malformed(path: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        parse_post(path)
    assert caught.value.message == f"Malformed request: POST {path}"


@pytest.mark.parametrize(
    ("path", "model", "action"),
    [
        ("/v1/models", ModelReference(""), ""),
        ("/v1/models/", ModelReference(""), ""),
        ("/v1/models/foo", ModelReference("foo"), ""),
        ("/v1/models/foo/metadata", ModelReference("foo"), "metadata"),
        ("/v1/models/foo/METADATA", ModelReference("foo"), "metadata"),
        ("/v1/models/foo/versions/50", ModelReference("foo", 50), ""),
        ("/v1/models/foo/versions/50/metadata", ModelReference("foo", 50), "metadata"),
        ("/v1/models/foo/labels/l", ModelReference("foo", None, "l"), ""),
        ("/v1/models/foo/labels/l/metadata", ModelReference("foo", None, "l"), "metadata"),
        ("/v1/models/a%2Fb", ModelReference("a/b"), ""),
        ("/v1/models/metadata", ModelReference("metadata"), ""),
        ("/v1/models/versions", ModelReference("versions"), ""),
    ],
)
def test_get(path: str, model: ModelReference, action: str) -> None:
    parsed = parse_get(path)
    assert (parsed.model, parsed.action) == (model, action)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/models/foo:predict",
        "/v1/models/foo/version/50",
        "/v1/models/foo/versions/HELLO",
        "/v1/models/foo/versions/",
        "/v1/models/foo/metadata/more",
        "/v1/models/foo/versions/5/labels/x",
        "/v1/models/foo/bar",
        "/v1/metadata",
        "/v1/",
        "/v1/modelsfoo",
    ],
)
def test_get_that_is_malformed(path: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        parse_get(path)
    assert caught.value.message == f"Malformed request: GET {path}"


@pytest.mark.parametrize(
    "path", ["/v1/models/versions/1", "/v1/models/labels/l", "/v1/models/versions/1/metadata"]
)
def test_get_without_a_name(path: str) -> None:
    with pytest.raises(InvalidArgument, match=r"Missing model name in request\."):
        parse_get(path)


@pytest.mark.parametrize(
    "version", [str(2**63), "9" * 30, "9" * 5000, "1" + "0" * 20, "1" + "0" * 5000]
)
def test_versions_too_large_for_their_type(version: str) -> None:
    expected = f"Failed to convert version: {version} to numeric."
    with pytest.raises(InvalidArgument) as caught:
        parse_post(f"/v1/models/foo/versions/{version}:predict")
    assert caught.value.message == expected
    with pytest.raises(InvalidArgument) as caught:
        parse_get(f"/v1/models/foo/versions/{version}")
    assert caught.value.message == expected


def test_leading_zeros_do_not_make_a_version_too_large() -> None:
    path = f"/v1/models/foo/versions/{'0' * 30}7:predict"
    assert parse_post(path).model.version == 7


@given(st.text(max_size=80).map(lambda text: "/v1/models/" + text))
def test_any_path_is_taken_apart_or_refused(path: str) -> None:
    for parse in (parse_get, parse_post):
        with suppress(InvalidArgument):
            parse(path)

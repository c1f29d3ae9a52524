"""Predict over both ways, against everything the tests' models can do."""

from __future__ import annotations

import copy
import math
import pickle
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.client.other_server import other_grpc_server, other_http_server
from tests.models.answers import ANSWERED, read_answers
from tests.polling import poll_until
from tests.server_process import ServerProcess, free_port
from tfs_notebook.client import Client
from tfs_notebook.wire.errors import (
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    Unavailable,
    Unimplemented,
)


def test_one_input_and_one_output_are_arrays(client: Client) -> None:
    answer = client["half_plus_two"].predict(np.array([1.0, 2.0, 5.0]))
    assert isinstance(answer, np.ndarray)
    assert answer.dtype == np.float32
    assert answer.tolist() == [2.5, 3.0, 4.5]
    answer[0] = 0  # the caller's own


@pytest.mark.parametrize("key", [("half_plus_two", 1), ("half_plus_two", "stable")])
def test_versions_and_labels(client: Client, key: tuple[str, int | str]) -> None:
    assert client[key].predict([2]).tolist() == [3.0]  # type: ignore[union-attr]


def test_several_outputs_come_by_name(client: Client) -> None:
    answer = client["several"].predict(x=[1, 2])
    assert isinstance(answer, dict)
    assert {alias: array.tolist() for alias, array in answer.items()} == {
        "count": [2],
        "negative": [-1.0, -2.0],
        "scaled": [3.0, 6.0],
    }


def test_another_signature(client: Client) -> None:
    several = client["several"]
    product = several.predict(a=[[1, 2]], b=[[3], [4]], signature="product")
    assert product.tolist() == [[11.0]]  # type: ignore[union-attr]
    # A dict for a dict, of however many outputs.
    named = several.predict({"a": [[1, 2]], "b": [[3], [4]]}, signature="product")
    assert isinstance(named, dict)
    assert named["product"].tolist() == [[11.0]]


@pytest.mark.parametrize("model", ANSWERED)
def test_every_recorded_run(server: ServerProcess, models: Path, model: str) -> None:
    with Client(server.grpc_address) as client:
        for answer in read_answers(models / model):
            outputs = client[model].predict(dict(answer.inputs), signature=answer.signature)
            assert isinstance(outputs, dict)
            assert outputs.keys() == answer.outputs.keys()
            for alias, expected in answer.outputs.items():
                assert outputs[alias].dtype == expected.dtype
                assert outputs[alias].shape == expected.shape
                if expected.dtype == object:
                    assert outputs[alias].tolist() == expected.tolist()
                else:
                    tolerance = answer.tolerance
                    np.testing.assert_allclose(outputs[alias], expected, rtol=tolerance)


def test_errors_say_what_would_work(client: Client) -> None:
    with pytest.raises(InvalidArgument) as caught:
        client["several"].predict([[1], [2]], signature="product")
    assert str(caught.value).splitlines()[1:] == [
        "  product takes  a: float [?, 2]; b: float [2, ?]",
        "  it was given  a list of 2",
        (
            '  this would fit  client["several"].predict({"a": [[1.0] * 2], '
            '"b": [[1.0] * 2] * 2}, signature="product")'
        ),
    ]


def test_shapes_the_model_refuses(client: Client) -> None:
    with pytest.raises(InvalidArgument) as caught:
        client["several"].predict(a=[[1, 2]], b=[[1]], signature="product")
    assert "it was given  a: float [1, 2]; b: float [1, 1]" in str(caught.value)
    assert caught.value.__suppress_context__


async def test_a_traceback_is_short(client: Client) -> None:
    half = client["half_plus_two"]
    with pytest.raises(InvalidArgument) as refused:
        half.predict([[1.0], [1.0, 2.0]])
    assert [frame.name for frame in refused.traceback][1:] == ["predict", "run_steps"]
    with pytest.raises(InvalidArgument) as refused:
        await half.predict_async([[1.0], [1.0, 2.0]])
    assert [frame.name for frame in refused.traceback][1:] == [
        "predict_async",
        "run_steps_async",
    ]


def test_what_is_not_there(client: Client) -> None:
    with pytest.raises(NotFound, match="nobody"):
        client["nobody"].predict(1)
    with pytest.raises(NotFound):
        client["half_plus_two", 7].predict(1)
    with pytest.raises(NotFound, match="has no signature 'other'; it has 'constant'"):
        client["several"].predict(1, signature="other")


def test_a_call_that_takes_too_long(client: Client) -> None:
    client["slow"].metadata()
    with pytest.raises(DeadlineExceeded, match=r"no answer .* within 0.05 s"):
        client["slow"].predict([1.0], timeout=0.05)


def test_metadata_and_status(client: Client) -> None:
    metadata = client["several"].metadata()
    assert (metadata.name, metadata.version) == ("several", 1)
    assert "input   a: float [?, 2]" in repr(metadata)
    assert not any(name.startswith("__") for name in metadata.signatures)
    assert [str(status) for status in client["several"].status()] == ["version 1 AVAILABLE"]


def test_lists_of_models(server: ServerProcess) -> None:
    with Client(server.grpc_address) as client:
        assert client._ipython_key_completions_() == []
        with pytest.raises(Unimplemented, match="rest_address"):
            client.models()
    with Client(server.grpc_address, rest_address=server.url) as client:
        assert "several" in client.models()
        assert "several" in client._ipython_key_completions_()


@pytest.mark.parametrize("scheme", ["unix", "http+unix"])
def test_unix_sockets(
    scheme: str, start_server: Callable[..., ServerProcess], half_plus_two: Path, tmp_path: Path
) -> None:
    flag = "grpc_socket_path" if scheme == "unix" else "rest_api_socket_path"
    base = f"--model_base_path={half_plus_two.parent}"
    start_server(base, "--model_name=half", f"--{flag}={tmp_path}/s")
    with Client(f"{scheme}:{tmp_path}/s") as client:
        assert client["half"].predict([1]).tolist() == [2.5]  # type: ignore[union-attr]


def test_nobody_is_asked_before_it_is_needed() -> None:
    with Client("localhost:1") as client:
        assert repr(client) == "<tfs_notebook.Client of localhost:1>"
        assert repr(client["half"]) == "<model 'half' at localhost:1>"
        assert repr(client["half", "stable"]) == "<model 'half', 'stable' at localhost:1>"
    assert "closed" in repr(client)


@pytest.mark.parametrize("form", ["127.0.0.1:{}", "http://127.0.0.1:{}", "http+unix:/no/{}"])
def test_no_server(form: str) -> None:
    with Client(form.format(free_port())) as client:
        with pytest.raises(Unavailable, match="no model server answers"):
            client["half"].predict(1)
        handle = client["half"]
    with pytest.raises(Unavailable, match="is closed; make a new one"):
        handle.predict(1)


@pytest.mark.parametrize("key", [3, ("a", 1, 2), (), ("a", True), ("a", 1.5), None])
def test_wrong_keys(key: object) -> None:
    with Client("localhost:1") as client, pytest.raises(TypeError, match="expected"):
        client[key]  # type: ignore[index]


@pytest.mark.parametrize(
    "key", ["", "\ud800", ("a", ""), ("a", "\ud800"), ("a", -1), ("a", 2**63)]
)
def test_names_and_versions_that_nothing_can_have(key: object) -> None:
    with Client("localhost:1") as client, pytest.raises(InvalidArgument):
        client[key]  # type: ignore[index]


def test_a_version_of_numpys(client: Client) -> None:
    version = np.array([1])[0]
    assert client["half_plus_two", version].predict([1]).tolist() == [2.5]  # type: ignore[union-attr]


@pytest.mark.parametrize("timeout", [0, -1, math.nan, "5", True])
def test_times_that_are_none(client: Client, timeout: Any) -> None:
    half = client["half_plus_two"]
    for call in (half.status, half.metadata, partial(half.predict, [1])):
        with pytest.raises(InvalidArgument, match="seconds"):
            call(timeout=timeout)
    with pytest.raises(InvalidArgument, match="seconds"):
        Client(client.address, timeout=timeout)


@pytest.mark.parametrize("timeout", [math.inf, 1e12])
def test_a_time_that_has_no_end(client: Client, timeout: float) -> None:
    assert client["half_plus_two"].predict([1], timeout=timeout).tolist() == [2.5]  # type: ignore[union-attr]


@pytest.mark.parametrize("token", ["SECRET\nmore", "SECRET\u4e2d", "SECRET more", b"SECRET"])
def test_a_token_that_no_header_takes_is_not_shown(token: Any) -> None:
    with pytest.raises(InvalidArgument, match="token= is one word") as refused:
        Client("localhost:1", token=token)
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize("way", ["grpc", "http"])
def test_a_token_as_files_have_it(way: str) -> None:
    serve = other_grpc_server if way == "grpc" else other_http_server
    with serve(token="secret") as other, Client(other.address, token="secret\n") as client:
        assert client["half_plus_two"].predict([1.0, 2.0]).tolist() == [2.5, 3.0]  # type: ignore[union-attr]


def test_handles_are_not_copied(client: Client) -> None:
    for one in (client, client["half_plus_two"]):
        for make in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError, match=r"connect\(ADDRESS\) makes another"):
                make(one)


@pytest.mark.parametrize("way", ["grpc", "http"])
def test_a_server_that_ends_meanwhile(
    way: str, start_server: Callable[..., ServerProcess], models: Path
) -> None:
    server = start_server(f"--model_base_path={models}/slow", "--model_name=slow")
    address = server.grpc_address if way == "grpc" else server.url
    with Client(address, rest_address=server.url) as client, ThreadPoolExecutor() as pool:
        asked = pool.submit(client["slow"].predict, [30.0])
        poll_until(
            lambda: any(
                one.in_flight
                for version in client["slow"].stats().versions
                for one in version.signatures
            ),
            "the server is asked",
        )
        server.process.kill()
        server.process.wait()
        with pytest.raises(Unavailable, match=f"{address} broke off: .* Has the server ended"):
            asked.result()


def test_the_wrong_door(server: ServerProcess) -> None:
    for address, question in (
        (f"http://{server.grpc_address}", r"Is that its gRPC address\?"),
        (server.url.removeprefix("http://"), "is this its gRPC address"),
    ):
        with Client(address) as client, pytest.raises(Unavailable, match=question):
            client["half_plus_two"].predict([1])


def test_a_new_version_with_another_signature(
    start_server: Callable[..., ServerProcess], models: Path, tmp_path: Path
) -> None:
    base = tmp_path / "changing"
    shutil.copytree(models / "half_plus_two" / "1", base / "1")
    server = start_server(f"--model_base_path={base}", "--model_name=m")
    with Client(server.grpc_address) as grpc, Client(server.url) as rest:
        for client in (grpc, rest):
            assert client["m"].predict([2]).tolist() == [3.0]  # type: ignore[union-attr]
        shutil.copytree(models / "several" / "1", tmp_path / "2")
        (tmp_path / "2").rename(base / "2")
        server.wait_for_model("m", 2)
        poll_until(lambda: server.states("m").get(1) == "END", "version 1 is gone")
        for client in (grpc, rest):
            product = client["m"].predict(a=[[1, 2]], b=[[3], [4]], signature="product")
            assert product.tolist() == [[11.0]]  # type: ignore[union-attr]


def test_a_server_that_comes_back(tmp_path: Path, half_plus_two: Path) -> None:
    port = free_port()
    flags = [f"--model_base_path={half_plus_two.parent}", "--model_name=half"]
    with Client(f"127.0.0.1:{port}", timeout=5) as client:
        for _ in range(2):
            with ServerProcess(tmp_path, flags, port=port):

                def answers() -> bool:
                    try:
                        return bool(np.all(client["half"].predict([1]) == 2.5))
                    except Unavailable:
                        return False

                poll_until(answers, "the client has found the server")

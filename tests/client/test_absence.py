"""Models that are not there, not there yet, or not there any more."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.client.other_server import other_http_server, other_server
from tests.models.hanging import hanging_version
from tests.polling import poll_until
from tests.server_process import ServerProcess
from tfs_notebook.client import Client
from tfs_notebook.client.control import ModelControl
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    ServingError,
    Unavailable,
)
from tfs_notebook.wire.messages import PredictionLog
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.predict import encode_predict_request
from tfs_notebook.wire.tfrecord import encode_record


def warm_up_for(version: Path, seconds: float) -> None:
    """Have the loading of a version of the model ``slow`` take so long."""
    inputs = {"seconds": (np.array([seconds], np.float32), int(DataType.FLOAT))}
    log = PredictionLog()
    request = encode_predict_request(ModelReference("slow"), inputs)
    log.predict_log.request.MergeFromString(request)
    (version / "assets.extra").mkdir()
    file = version / "assets.extra" / "tf_serving_warmup_requests"
    file.write_bytes(encode_record(log.SerializeToString()))


def test_models_that_are_not_there(client: Client, server: ServerProcess) -> None:
    with pytest.raises(NotFound, match=r"has no model 'half_plus_tw'"):
        client["half_plus_tw"].predict([1.0])
    with Client(server.grpc_address, rest_address=server.url) as knowing:
        with pytest.raises(NotFound, match=r"; it has '.*Did you mean 'half_plus_two'\?"):
            knowing["half_plus_tw"].predict([1.0])
        with pytest.raises(InvalidArgument) as caught:
            knowing["half_plus_two", "gray"].predict([1.0])
        assert str(caught.value) == (
            "model 'half_plus_two' has no label 'gray'; its labels are 'stable' (version 1); "
            "its versions are 1 (Unrecognized servable version label: gray)"
        )
        with pytest.raises(InvalidArgument, match="has no label 'gray': it has none"):
            knowing["several", "gray"].predict([1.0])


def test_a_signature_that_is_not_there_is_no_model_that_is_not(client: Client) -> None:
    with pytest.raises(
        NotFound, match=r"^model 'half_plus_two' \(version 1\) has no signature"
    ):
        client["half_plus_two"].predict([1.0], signature="no")


def test_a_server_that_tells_no_states() -> None:
    with other_server("grpc") as server, Client(server.address) as client:
        server.has_states = False
        with pytest.raises(NotFound, match=r"^Servable not found for request: Latest\(nobody"):
            client["nobody"].predict([1.0])


def test_versions_that_are_not_there(client: Client) -> None:
    with pytest.raises(NotFound, match=r"'half_plus_two' has no version 7; there is 1$"):
        client["half_plus_two", 7].predict([1.0])
    with pytest.raises(NotFound, match="has no version 7; there is 1"):
        asyncio.run(client["half_plus_two", 7].predict_async([1.0]))


def test_a_version_that_vanished(
    start_server: Callable[..., ServerProcess], two_versions: Path, tmp_path: Path
) -> None:
    (tmp_path / "all").write_text(
        f'model_config_list {{ config {{ name: "m" base_path: "{two_versions}" '
        'model_platform: "tensorflow" model_version_policy { all {} } } }'
    )
    server = start_server(f"--model_config_file={tmp_path}/all")
    with Client(server.grpc_address) as client:
        first = client["m", 1]
        assert first.predict([1.0]).tolist() == [2.5]  # type: ignore[union-attr]
        shutil.rmtree(two_versions / "1")
        poll_until(lambda: server.states("m")[1] == "END", "version 1 is gone")
        with pytest.raises(NotFound, match=r"no version 1 \(version 1 END\); there is 2"):
            first.predict([1.0])
        shutil.rmtree(two_versions / "2")
        # The last version stays, as nothing says that the model is to go.
        assert client["m"].predict([1.0]).tolist() == [3.5]  # type: ignore[union-attr]


def test_a_model_that_is_being_loaded(
    start_server: Callable[..., ServerProcess], models: Path, tmp_path: Path
) -> None:
    base = tmp_path / "late"
    shutil.copytree(models / "slow" / "1", base / "1")
    warm_up_for(base / "1", 1.5)
    server = start_server(
        "--model_control=explicit", f"--rest_api_socket_path={tmp_path}/r.sock"
    )
    control = ModelControl(f"http+unix:{tmp_path}/r.sock")
    load = threading.Thread(
        target=control.load, args=("late",), kwargs={"base_path": str(base), "timeout": 60}
    )
    with Client(server.grpc_address) as client:
        load.start()
        poll_until(lambda: server.states("late").get(1) == "LOADING", "it is loading")
        with pytest.raises(Unavailable, match=r"not there yet: version 1 LOADING.*for 0.2 s"):
            client["late"].predict([0.0], wait=0.2)
        assert client["late"].predict([0.0], wait=60).tolist() == [0.0]  # type: ignore[union-attr]
    load.join()
    control.close()


def test_a_model_that_loads_for_ever(
    start_server: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    base = tmp_path / "late"
    base.mkdir()
    server = start_server(
        "--model_control=explicit", f"--rest_api_socket_path={tmp_path}/r.sock"
    )
    control = ModelControl(f"http+unix:{tmp_path}/r.sock")
    with Client(server.url) as client, hanging_version(base / "1"):
        with pytest.raises(ServingError):
            control.load("late", base_path=str(base), timeout=0.2)
        for ask in (client["late"].predict, client["late"].metadata):
            with pytest.raises(Unavailable, match=r"version 1 (LOADING|START)"):
                ask(wait=0.3)
    control.close()


def test_a_model_that_cannot_be_loaded(
    start_server: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    (tmp_path / "m" / "1").mkdir(parents=True)
    (tmp_path / "m" / "1" / "saved_model.pb").write_bytes(b"no model")
    server = start_server(
        f"--model_base_path={tmp_path}/m", "--model_name=m", "--max_num_load_retries=0"
    )
    with (
        Client(server.grpc_address) as client,
        pytest.raises(FailedPrecondition, match=r"no version of model 'm' answers: .*END \("),
    ):
        client["m"].predict([1.0])


def test_a_model_without_a_version(
    start_server: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    server = start_server(f"--model_base_path={tmp_path}/nowhere", "--model_name=m")
    with (
        Client(server.url) as client,
        pytest.raises(FailedPrecondition, match=r"model 'm' has no version yet: .*nowhere"),
    ):
        client["m"].predict([1.0])


def test_another_server_has_it(server: ServerProcess) -> None:
    with other_http_server() as other, Client(server.url) as beside:
        neighbours = {'connect("kernel")': beside}
        with Client(other.address, neighbours=lambda: neighbours) as client:
            text = r"Another server here has it: connect\(\"kernel\"\)\[\"several\"\]"
            with pytest.raises(NotFound, match=text):
                client["several"].predict([1.0])


@pytest.mark.parametrize("way", ["grpc", "http"])
def test_a_tensorflow_serving_that_lists_nothing(way: str) -> None:
    with other_server(way) as server, Client(server.address) as client:
        assert client["half_plus_two"].predict([1.0]).tolist() == [2.5]  # type: ignore[union-attr]
        with pytest.raises((NotFound, InvalidArgument, ServingError)) as caught:
            client["nobody"].predict([1.0])
        assert "nobody" in str(caught.value)

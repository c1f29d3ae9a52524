"""Traffic that a client reads and changes, and how it is shown."""

from __future__ import annotations

import asyncio
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.polling import poll_until
from tests.server_process import ServerProcess, config_text
from tfs_notebook.client import Client
from tfs_notebook.client.model_handle import ModelHandle
from tfs_notebook.client.traffic_sight import TrafficSight, traffic_sight
from tfs_notebook.wire.errors import (
    DeadlineExceeded,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Unimplemented,
)


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory,
    half_plus_two: Path,
    half_plus_three: Path,
    models: Path,
) -> Iterator[Client]:
    directory = tmp_path_factory.mktemp("traffic")
    for number, source in enumerate((half_plus_two, half_plus_three), 1):
        shutil.copytree(source, directory / "a model" / str(number))
        shutil.copytree(models / "examples" / "1", directory / "examples" / str(number))
    config = directory / "models.config"
    names = ("a model", "examples")
    config.write_text(
        config_text(
            {name: directory / name for name in names},
            **dict.fromkeys(names, "model_version_policy { all {} }"),
        )
    )
    flags = (f"--model_config_file={config}", f"--rest_api_socket_path={directory}/r.sock")
    with ServerProcess(directory, flags) as server:
        for version in (1, 2):
            for name in ("a%20model", "examples"):
                server.wait_for_model(name, version)
        address = f"http+unix:{directory}/r.sock"
        with Client(server.grpc_address, rest_address=address) as client:
            yield client


@pytest.fixture(scope="module")
def server_addresses(client: Client) -> tuple[str, str]:
    """Where it speaks gRPC and REST."""
    access = client["a model"].access
    assert access.rest_address is not None
    return access.address.text, access.rest_address.text


@pytest.fixture
def model(client: Client) -> Iterator[ModelHandle]:
    model = client["a model"]
    yield model
    sight = model.traffic.look()
    if sight.rollout is not None and sight.rollout.is_active:
        model.traffic.abort()
    model.traffic.clear()


def ask(model: ModelHandle) -> float:
    return float(np.asarray(model.predict([1.0]))[0])


def shown(sight: object) -> str:
    html = sight._repr_html_()  # type: ignore[attr-defined]
    ET.fromstring(html)
    return repr(sight)


def test_weights_and_copies(model: ModelHandle) -> None:
    assert "nothing is said" in shown(model.traffic)
    sight = model.traffic.split({1: 100, 2: np.int64(0)})
    assert sight.splits == {None: {"1": (1, 1.0), "2": (2, 0.0)}}
    assert model.traffic.split({"1": 1, "2": 3}, label="prod").splits["prod"] == {
        "1": (1, 0.25),
        "2": (2, 0.75),
    }
    sight = model.traffic.shadow(2, examples=1)
    assert "copies of 1 of the requests go to 2" in shown(sight)
    assert [ask(model) for _ in range(5)] == [2.5] * 5

    def compared() -> TrafficSight | None:
        sight = model.traffic.look()
        assert sight.copies is not None
        return sight if sight.copies["compared"] == 5 else None

    found = poll_until(compared, "all are compared")
    assert found is not None
    assert found.answered[1].requests == 5
    text = shown(found)
    assert "copies: 5 compared, 0 equal, 5 differing (0 failed)" in text
    assert "largest difference: y 1" in text
    assert "asked x: [1.]; answered y: [2.5]; the copy y: [3.5]" in text
    assert model.traffic.shadow(None).copies is not None
    assert model.traffic.clear().splits == {}


@pytest.mark.parametrize("door", ["grpc", "rest"])
def test_a_request_id_stays_with_a_version(
    model: ModelHandle, server_addresses: tuple[str, str], door: str
) -> None:
    grpc_address, rest_address = server_addresses
    model.traffic.split({1: 50, 2: 50})
    address = grpc_address if door == "grpc" else rest_address
    with Client(address, rest_address=rest_address) as client:
        model = client["a model"]
        keys = [f"customer {number}" for number in range(20)]
        found = {key: model.predict([1.0], request_id=key) for key in keys}
        assert {float(y[0]) for y in found.values()} == {2.5, 3.5}  # type: ignore[index]

        async def again(key: str) -> object:
            return await model.predict_async([1.0], request_id=key)

        for key, before in found.items():
            assert model.predict([1.0], request_id=key) == before
            assert asyncio.run(again(key)) == before
        # All parts of it, too.
        many = np.asarray(model.predict(np.ones(40), request_id=keys[0], chunk_rows=1))
        assert set(many.tolist()) == {float(found[keys[0]][0])}  # type: ignore[index]
        assert len({ask(model) for _ in range(60)}) == 2
        for wrong in ("", " x", "kündin", "x" * 513, "a\nb", 7):
            with pytest.raises(InvalidArgument, match="request_id= is 1 to 512 printable"):
                model.predict([1.0], request_id=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("door", ["grpc", "rest"])
def test_request_ids_of_examples(
    model: ModelHandle, server_addresses: tuple[str, str], door: str
) -> None:
    grpc_address, rest_address = server_addresses
    address = grpc_address if door == "grpc" else rest_address
    with Client(address, rest_address=rest_address) as client:
        examples = client["examples"]
        examples.traffic.split({1: 50, 2: 50})
        before = {one: count.requests for one, count in answered(examples).items()}
        for _ in range(10):
            examples.classify([{"x": 1.0}], signature="labels", request_id="customer 1")
            examples.regress([{"x": 1.0}], signature="values", request_id="customer 1")
        (of,) = (
            version
            for version, count in answered(examples).items()
            if count.requests > before.get(version, 0)
        )
        assert answered(examples)[of].requests - before.get(of, 0) == 20


def answered(model: ModelHandle) -> Mapping[int, Any]:
    return model.traffic.look().answered


def test_a_rollout_is_shown_and_plotted(model: ModelHandle) -> None:
    traffic = model.traffic
    with pytest.raises(FailedPrecondition, match="there was no rollout of model a model"):
        traffic.look().plot()
    sight = traffic.rollout(2, min_requests=5, min_seconds=0)
    assert sight.rollout is not None
    assert "rollout from version 1 to 2: running, 0 %; 0 of 5 copies compared" in shown(sight)
    assert sight.plot()._repr_png_().startswith(b"\x89PNG")
    assert "paused, 0 %" in shown(traffic.pause())
    traffic.resume()
    with pytest.raises(DeadlineExceeded, match="running, 0 %"):
        traffic.wait(seconds=0)

    def ended() -> bool:
        ask(model)
        sight = traffic.look()
        return sight.rollout is not None and not sight.rollout.is_active

    poll_until(ended, "it has fallen back")
    sight = traffic.wait()
    assert sight.rollout is not None
    assert sight.rollout.phase == "fallen_back"
    assert re.search(r"fallen back, 0 %; (\d+) of \1 copies had another", shown(sight))
    assert sight.plot()._repr_png_().startswith(b"\x89PNG")
    assert repr(sight.plot()) == "<plot of a model: version 2 fallen back>"
    assert ask(model) == 2.5
    traffic.rollout(
        2,
        stable=1,
        steps=[{"weight": 50, "min_seconds": 3600}, 100],
        bounds={"max_error_rate": None},
        shadow=False,
    )
    promoted = traffic.promote()
    assert promoted.rollout is not None
    assert (promoted.rollout.phase, promoted.rollout.weight) == ("promoted", 100)
    assert ask(model) == 3.5
    assert traffic.rollout(1, stable=2, shadow={"atol": 2.0}).copies is not None
    assert traffic.abort().plot()


def test_what_cannot_be(model: ModelHandle, client: Client, server: ServerProcess) -> None:
    with pytest.raises(InvalidArgument, match="version 7 of model a model"):
        model.traffic.split({7: 1})
    with pytest.raises(InvalidArgument, match="this cannot be said in JSON"):
        model.traffic.split({1: object()})  # type: ignore[dict-item]
    with pytest.raises(InvalidArgument, match="no rollout of model a model is under way"):
        model.traffic.pause()
    with pytest.raises(NotFound, match="there is no model 'other'"):
        client["other"].traffic.look()
    with Client(server.grpc_address, rest_address=server.url) as other:
        assert other["half_plus_two"].traffic.look().splits == {}
        with pytest.raises(PermissionDenied):
            other["half_plus_two"].traffic.split({1: 1})
    with Client(server.grpc_address) as bare, pytest.raises(Unimplemented, match="REST"):
        bare["half_plus_two"].traffic.look()


@pytest.mark.parametrize("answer", [None, [], {}, {"name": "m", "splits": 1}])
def test_what_is_no_answer(answer: object) -> None:
    with pytest.raises(Internal, match="this tells nothing of traffic"):
        traffic_sight(answer)

"""Traffic that a client reads and changes, and how it is shown."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

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
    tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path, half_plus_three: Path
) -> Iterator[Client]:
    directory = tmp_path_factory.mktemp("traffic")
    for number, source in enumerate((half_plus_two, half_plus_three), 1):
        shutil.copytree(source, directory / "a model" / str(number))
    config = directory / "models.config"
    config.write_text(
        config_text(
            {"a model": directory / "a model"},
            **{"a model": "model_version_policy { all {} }"},
        )
    )
    flags = (f"--model_config_file={config}", f"--rest_api_socket_path={directory}/r.sock")
    with ServerProcess(directory, flags) as server:
        for version in (1, 2):
            server.wait_for_model("a%20model", version)
        address = f"http+unix:{directory}/r.sock"
        with Client(server.grpc_address, rest_address=address) as client:
            yield client


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

"""Load, unload, labels and rollback from a program, over the socket and over TCP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.models.hanging import hanging_version
from tests.server_process import ServerProcess
from tfs_notebook.client import Client
from tfs_notebook.client.control import ModelControl
from tfs_notebook.client.observing import observe
from tfs_notebook.wire.errors import (
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    ServingError,
    Unavailable,
)


@pytest.fixture
def server(start_server: Callable[..., ServerProcess], tmp_path: Path) -> ServerProcess:
    """Without models; control is allowed on its socket, and with a token over TCP."""
    (tmp_path / "token").write_text("a-long-enough-token-for-anybody")
    (tmp_path / "token").chmod(0o600)
    return start_server(
        "--model_control=explicit",
        f"--model_control_token_file={tmp_path / 'token'}",
        f"--rest_api_socket_path={tmp_path}/r.sock",
    )


@pytest.mark.parametrize("way", ["socket", "tcp"])
def test_a_model_comes_changes_and_goes(
    server: ServerProcess, two_versions: Path, tmp_path: Path, way: str
) -> None:
    address = server.url if way == "tcp" else f"http+unix:{tmp_path}/r.sock"
    control = ModelControl(address, "a-long-enough-token-for-anybody" if way == "tcp" else None)
    assert control.models() == []
    control.load(
        "two",
        base_path=str(two_versions),
        version_policy="all",
        labels={"stable": np.int64(1)},
        timeout=60,
    )
    [model] = control.models()
    assert (model.name, model.base_path) == ("two", str(two_versions))
    assert (model.available, model.labels) == ([2, 1], {"stable": 1})
    control.set_labels("two", {"stable": None, "new": 2})
    assert control.models()[0].labels == {"new": 2}
    with pytest.raises(InvalidArgument, match="start it with --enable_batching"):
        control.batching("two")
    with pytest.raises(InvalidArgument, match="start it with --enable_batching"):
        control.set_batching("two", {"batch_timeout_micros": 5})
    control.rollback("two", timeout=60)
    with Client(address) as client:
        assert client["two"].predict([1.0]).tolist() == [2.5]  # type: ignore[union-attr]
    control.unload("two")
    assert control.models() == []
    with pytest.raises(NotFound):
        control.unload("two")
    control.close()


def test_batching_is_read_and_changed(
    start_server: Callable[..., ServerProcess], two_versions: Path, tmp_path: Path
) -> None:
    start_server(
        "--model_name=a model",
        f"--model_base_path={two_versions}",
        "--enable_batching",
        f"--rest_api_socket_path={tmp_path}/r.sock",
    )
    control = ModelControl(f"http+unix:{tmp_path}/r.sock")
    assert control.batching("a model")["overridden"] == {}
    control.set_batching("a model", {"batch_timeout_micros": 5, "max_batch_size": 4})
    told = control.batching("a model")
    assert (told["parameters"]["batch_timeout_micros"], told["overridden"]) == (
        5,
        {"batch_timeout_micros": 5, "max_batch_size": 4},
    )
    control.set_batching("a model", {"max_batch_size": None})
    assert control.batching("a model")["overridden"] == {"batch_timeout_micros": 5}
    control.set_batch_threads(3)
    with Client(f"http+unix:{tmp_path}/r.sock") as client:
        assert observe(client).batch_threads == 3
    control.set_batch_threads(None)
    with pytest.raises(InvalidArgument, match="from 1 to 1024"):
        control.set_batch_threads(0)
    control.set_batching("a model", {}, reset=True)
    assert control.batching("a model")["overridden"] == {}
    with pytest.raises(InvalidArgument, match="unknown field 'size'"):
        control.set_batching("a model", {"size": 1})
    with pytest.raises(NotFound):
        control.batching("nobody")
    control.close()


def test_a_change_that_takes_too_long_is_given_up_by_the_server(
    server: ServerProcess, two_versions: Path, tmp_path: Path
) -> None:
    control = ModelControl(server.url, "a-long-enough-token-for-anybody")
    base = tmp_path / "m"
    base.mkdir()
    with hanging_version(base / "1"):
        with pytest.raises(DeadlineExceeded, match="is still loading"):
            control.load("m", base_path=str(base), timeout=0.2)
        # It goes on with that, and others are not kept waiting.
        control.load("two", base_path=str(two_versions), timeout=60)
    control.close()


@pytest.mark.parametrize("name", ["", "\ud800"])
def test_names_that_no_model_can_have(name: str) -> None:
    with pytest.raises(InvalidArgument, match="the name of a model"):
        ModelControl("http://localhost:1").unload(name)


def test_without_the_token(server: ServerProcess, two_versions: Path) -> None:
    control = ModelControl(server.url)
    with pytest.raises(ServingError, match=r"(?i)token"):
        control.load("two", base_path=str(two_versions), timeout=60)
    control.close()


def test_no_server(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no model server answers HTTP"):
        ModelControl(f"http+unix:{tmp_path}/nobody").models()

"""Labels that are to go to a version which comes up only after its reload has given up."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.polling import poll_until
from tests.server_process import config_text
from tests.serving.asking import predict
from tests.serving.config_messages import config_message
from tfs_notebook.config import ServerConfig
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.wire.errors import InvalidArgument, NotFound, ServingError, Unknown
from tfs_notebook.wire.model_spec import ModelReference

TWO, THREE = 2.5, 3.5  # what half_plus_two and half_plus_three make of 1.0
STABLE = ModelReference("m", None, "stable")


def only(version: int, *labels: str) -> str:
    given = "".join(
        f'version_labels {{ key: "{label}" value: {version} }} ' for label in labels
    )
    return f"model_version_policy {{ specific {{ versions: {version} }} }} {given}"


@pytest.fixture
def base(tmp_path: Path, half_plus_two: Path) -> Path:
    """Version 1 is half_plus_two; version 2 cannot be loaded yet."""
    base = tmp_path / "base"
    shutil.copytree(half_plus_two, base / "1")
    (base / "2").mkdir()
    (base / "2" / "saved_model.pb").write_bytes(b"not yet")
    return base


@pytest.fixture
def server(base: Path, tmp_path: Path) -> Iterator[ModelServer]:
    path = tmp_path / "models.config"
    path.write_text(config_text({"m": base}, m=only(1, "stable")))
    made = ModelServer(
        ServerConfig(
            model_config_file=str(path),
            load_retry_interval_micros=100_000,
            max_num_load_retries=1_000,
        )
    )
    made.start()
    made.wait_for_models(30)
    yield made
    made.stop(30)


@pytest.fixture
def reload(server: ModelServer, base: Path, tmp_path: Path) -> Callable[[str], None]:
    def reload(further: str) -> None:
        server.reload(config_message(tmp_path, config_text({"m": base}, m=further)))

    return reload


def test_a_label_follows_when_its_version_comes_up_at_last(
    server: ModelServer, base: Path, half_plus_three: Path, reload: Callable[[str], None]
) -> None:
    with pytest.raises(Unknown, match=r"1 model\(s\) did not become available"):
        reload(only(2, "stable", "new"))
    assert predict(server, STABLE) == TWO
    [status] = server.models()
    assert status.labels == {"new": 2, "stable": 1}
    with pytest.raises(NotFound, match=r"Specific\(m, 2\)"):
        predict(server, ModelReference("m", None, "new"))

    seen: list[float] = []
    failures: list[ServingError] = []
    enough = threading.Event()

    def ask() -> None:
        while not enough.is_set():
            try:
                seen.append(predict(server, STABLE))
            except ServingError as error:
                failures.append(error)
                return

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        shutil.copy(half_plus_three / "saved_model.pb", base / "arriving")
        shutil.copytree(half_plus_three, base / "2", dirs_exist_ok=True)
        poll_until(lambda: failures or seen[-1:] == [THREE], "the label has moved")
        poll_until(
            lambda: failures or [s.id.version for s in server.version_states(STABLE)] == [2],
            "the label stands for version 2 alone",
        )
        poll_until(lambda: _has_ended(server, 1), "version 1 is unloaded")
    finally:
        enough.set()
        asking.join(60)
    assert not failures
    assert predict(server, STABLE) == THREE
    assert predict(server, ModelReference("m", None, "new")) == THREE
    [status] = server.models()
    assert status.labels == {"new": 2, "stable": 2}


def _has_ended(server: ModelServer, version: int) -> bool:
    states = server.version_states(ModelReference("m"))
    return any(s.id.version == version and s.state.name == "END" for s in states)


def test_going_back_before_it_came_up(
    server: ModelServer, reload: Callable[[str], None]
) -> None:
    with pytest.raises(Unknown):
        reload(only(2, "stable", "new"))
    reload(only(1, "stable"))
    assert predict(server, STABLE) == TWO
    [status] = server.models()
    assert status.labels == {"stable": 1}
    with pytest.raises(InvalidArgument, match="Unrecognized servable version label: new"):
        predict(server, ModelReference("m", None, "new"))

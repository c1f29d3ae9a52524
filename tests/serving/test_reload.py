"""A new list of models in the place of the old one."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.polling import poll_until
from tests.server_process import config_text
from tests.serving.asking import predict
from tests.serving.config_messages import config_message
from tfs_notebook.serving.model_config import model_settings
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.wire.errors import (
    Aborted,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    ServingError,
    Unknown,
)
from tfs_notebook.wire.messages import ModelServerConfig
from tfs_notebook.wire.model_spec import ModelReference

TWO, THREE = 2.5, 3.5  # what half_plus_two and half_plus_three make of 1.0
BOTH = "model_version_policy { specific { versions: 1 versions: 2 } } "
ONLY_1 = "model_version_policy { specific { versions: 1 } } "
ONLY_2 = "model_version_policy { specific { versions: 2 } } "


def label(name: str, version: int) -> str:
    return f'version_labels {{ key: "{name}" value: {version} }} '


def entry(path: str, platform: str = "tensorflow") -> str:
    return f'config {{ name: "a" base_path: "{path}" model_platform: "{platform}" }}'


@pytest.fixture
def start(start: Callable[..., ModelServer], tmp_path: Path) -> Callable[..., ModelServer]:
    """Starts a server with the text of a config file, and settings besides."""
    path = tmp_path / "models.config"

    def start_with(text: str, **settings: object) -> ModelServer:
        path.write_text(text)
        return start(model_config_file=str(path), **settings)

    return start_with


def names(server: ModelServer) -> list[str]:
    return [model.settings.name for model in server.models()]


def test_models_come_and_go(
    two_versions: Path, tmp_path: Path, start: Callable[..., ModelServer]
) -> None:
    server = start(config_text({"a": two_versions}))
    server.reload(config_message(tmp_path, config_text({"b": two_versions})))
    assert names(server) == ["b"]
    assert predict(server, ModelReference("b")) == THREE
    poll_until(lambda: not _serves(server, "a"), "a is no longer served")
    server.reload(config_message(tmp_path, config_text({"a": two_versions, "b": two_versions})))
    assert predict(server, ModelReference("a")) == THREE


def _serves(server: ModelServer, name: str) -> bool:
    try:
        server.hold(ModelReference(name)).__exit__(None, None, None)
    except NotFound:
        return False
    return True


def test_an_empty_list_unloads_everything_and_an_empty_config_nothing(
    two_versions: Path, tmp_path: Path, start: Callable[..., ModelServer]
) -> None:
    server = start(config_text({"a": two_versions}))
    server.reload(ModelServerConfig())
    assert predict(server, ModelReference("a")) == THREE
    server.reload(config_message(tmp_path, "model_config_list {}"))
    poll_until(lambda: not server.ready, "nothing is served")


def test_a_model_that_cannot_come_up_keeps_what_it_had_and_the_others_follow(
    two_versions: Path, tmp_path: Path, start: Callable[..., ModelServer]
) -> None:
    server = start(config_text({"a": two_versions}))
    broken = tmp_path / "broken"
    (broken / "7").mkdir(parents=True)
    (broken / "7" / "saved_model.pb").write_bytes(b"garbage")
    text = config_text({"a": tmp_path / "absent", "b": two_versions, "c": broken})
    with pytest.raises(Unknown, match=r"^2 model\(s\) did not become available: ") as caught:
        server.reload(config_message(tmp_path, text))
    assert "Could not find base path" in caught.value.message
    assert "{name: c version: 7} due to error: " in caught.value.message
    assert predict(server, ModelReference("a")) == THREE
    assert predict(server, ModelReference("b")) == THREE
    # What was missing comes later, and is taken without being asked again.
    shutil.copytree(two_versions / "1", tmp_path / "absent" / "3")
    poll_until(lambda: predict(server, ModelReference("a")) == TWO, "the new base path serves")


def test_a_new_base_path_for_the_same_version_takes_effect(
    tmp_path: Path,
    half_plus_two: Path,
    half_plus_three: Path,
    start: Callable[..., ModelServer],
) -> None:
    shutil.copytree(half_plus_two, tmp_path / "x" / "1")
    shutil.copytree(half_plus_three, tmp_path / "y" / "1")
    server = start(config_text({"a": tmp_path / "x"}))
    assert predict(server, ModelReference("a")) == TWO
    server.reload(config_message(tmp_path, config_text({"a": tmp_path / "y"})))
    assert predict(server, ModelReference("a")) == THREE


def test_from_one_version_to_two_and_back(
    two_versions: Path, tmp_path: Path, half_plus_two: Path, start: Callable[..., ModelServer]
) -> None:
    shutil.copytree(half_plus_two, tmp_path / "one" / "1")
    every = "model_version_policy { all {} }"
    one = config_text({"a": tmp_path / "one"}, a=every)
    two = config_text({"a": two_versions}, a=every)
    server = start(one)
    for _ in range(2):
        server.reload(config_message(tmp_path, two))
        assert predict(server, ModelReference("a", 1)) == TWO
        assert predict(server, ModelReference("a")) == THREE
        server.reload(config_message(tmp_path, one))
        poll_until(lambda: predict(server, ModelReference("a")) == TWO, "version 2 is gone")
        with pytest.raises(NotFound):
            predict(server, ModelReference("a", 2))


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (
            'custom_model_config { type_url: "x" }',
            InvalidArgument,
            "Only ModelConfigList is currently supported",
        ),
        (
            f"model_config_list {{ {entry('/x')} {entry('/y')} }}",
            InvalidArgument,
            "Illegal to list model a multiple times in config list",
        ),
        (
            f"model_config_list {{ {entry('x')} }}",
            InvalidArgument,
            "to have an absolute path or URI",
        ),
        (
            f"model_config_list {{ {entry('/x', '')} }}",
            InvalidArgument,
            "Illegal setting neither",
        ),
        (
            f"model_config_list {{ {entry('/x', 'p')} }}",
            FailedPrecondition,
            "PlatformConfigMap has no entry for platform p",
        ),
    ],
)
def test_a_config_that_cannot_be_used_changes_nothing(
    two_versions: Path,
    tmp_path: Path,
    start: Callable[..., ModelServer],
    text: str,
    error: type[ServingError],
    message: str,
) -> None:
    server = start(config_text({"a": two_versions}))
    with pytest.raises(error, match=message):
        server.reload(config_message(tmp_path, text))
    assert names(server) == ["a"]
    assert predict(server, ModelReference("a")) == THREE


def test_labels_at_the_start_and_moved(
    two_versions: Path, tmp_path: Path, start: Callable[..., ModelServer]
) -> None:
    labels = BOTH + label("stable", 1) + label("gray", 2)
    server = start(config_text({"a": two_versions}, a=labels))
    assert predict(server, ModelReference("a", label="stable")) == TWO
    assert predict(server, ModelReference("a", label="gray")) == THREE
    server.reload(
        config_message(tmp_path, config_text({"a": two_versions}, a=BOTH + label("stable", 2)))
    )
    assert predict(server, ModelReference("a", label="stable")) == THREE
    with pytest.raises(InvalidArgument, match="Unrecognized servable version label: gray"):
        server.hold(ModelReference("a", label="gray"))


def test_a_label_moves_together_with_the_policy_and_no_request_falls_between(
    two_versions: Path, tmp_path: Path, start: Callable[..., ModelServer]
) -> None:
    server = start(config_text({"a": two_versions}, a=ONLY_1 + label("stable", 1)))
    stop, answers = threading.Event(), set()
    failures: list[ServingError] = []

    def ask() -> None:
        while not stop.is_set():
            try:
                answers.add(predict(server, ModelReference("a", label="stable")))
            except ServingError as error:
                failures.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        poll_until(lambda: bool(answers), "the first answer")
        for policy, version in [(ONLY_2, 2), (ONLY_1, 1)] * 3:
            text = config_text({"a": two_versions}, a=policy + label("stable", version))
            server.reload(config_message(tmp_path, text))
    finally:
        stop.set()
        asking.join()
    assert not failures
    assert answers == {TWO, THREE}


def test_a_label_of_a_version_that_is_not_available_is_refused(
    two_versions: Path, tmp_path: Path, start: Callable[..., ModelServer]
) -> None:
    server = start(config_text({"a": two_versions}, a=ONLY_1 + label("stable", 1)))
    text = config_text({"a": two_versions}, a=ONLY_1 + label("stable", 2))
    with pytest.raises(FailedPrecondition) as caught:
        server.reload(config_message(tmp_path, text))
    assert caught.value.message == (
        "Request to assign label to version 2 of model a, which is not currently available for "
        "inference"
    )
    assert predict(server, ModelReference("a", label="stable")) == TWO


def test_with_the_flag_a_new_label_may_wait_for_its_version_and_an_old_one_may_not(
    two_versions: Path, tmp_path: Path, start: Callable[..., ModelServer]
) -> None:
    server = start(
        config_text({"a": two_versions}, a=ONLY_1 + label("stable", 1)),
        allow_version_labels_for_unavailable_models=True,
    )
    text = config_text({"a": two_versions}, a=ONLY_1 + label("stable", 1) + label("next", 2))
    server.reload(config_message(tmp_path, text))
    with pytest.raises(NotFound, match="Servable not found for request: Specific"):
        server.hold(ModelReference("a", label="next"))
    with pytest.raises(FailedPrecondition, match="Request to assign label to version 2"):
        server.reload(
            config_message(
                tmp_path, config_text({"a": two_versions}, a=ONLY_1 + label("stable", 2))
            )
        )


def test_a_second_reload_at_the_same_time_is_refused(
    two_versions: Path, start: Callable[..., ModelServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start(config_text({"a": two_versions}))
    entered, leave = threading.Event(), threading.Event()
    poll = server._source.poll

    def slow_poll() -> object:
        entered.set()
        assert leave.wait(30)
        return poll()

    monkeypatch.setattr(server._source, "poll", slow_poll)
    config = ModelServerConfig()
    config.model_config_list.config.add(
        name="a", base_path=str(two_versions), model_platform="tensorflow"
    )
    assert model_settings(config)
    first = threading.Thread(target=server.reload, args=[config])
    first.start()
    assert entered.wait(30)
    with pytest.raises(Aborted, match="another reload is under way"):
        server.reload(config)
    leave.set()
    first.join()


def test_the_file_is_read_again_when_it_changes(
    two_versions: Path, tmp_path: Path, start: Callable[..., ModelServer]
) -> None:
    server = start(config_text({"a": two_versions}), model_config_file_poll_wait_seconds=1)
    (tmp_path / "models.config").write_text("model_config_list { broken")
    (tmp_path / "models.config").write_text(config_text({"b": two_versions}))
    poll_until(lambda: names(server) == ["b"], "the file's new models")
    poll_until(lambda: _serves(server, "b"), "b is served")
    (tmp_path / "models.config").unlink()
    assert names(server) == ["b"]

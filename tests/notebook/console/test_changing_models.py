"""The console while models come and go, and with servers that tell little of theirs."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.client.other_server import OtherServer, other_server
from tests.models.hanging import hanging_version
from tests.notebook.console.recorded_view import until
from tests.notebook.console.running import Running
from tests.server_process import ServerProcess
from tfs_notebook.client import Client
from tfs_notebook.client.control import ModelControl
from tfs_notebook.notebook.widgets.translation import translator
from tfs_notebook.wire.model_spec import ModelReference

pytestmark = pytest.mark.timeout(120)

CHINESE = translator("zh_CN")


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server whose models a test changes, and takes away again."""
    places = tmp_path_factory.mktemp("m")
    flags = [
        f"--rest_api_socket_path={places}/r.sock",
        "--model_control=explicit",
        f"--models_root={places}",
    ]
    with ServerProcess(places, flags) as process:
        yield process


@pytest.fixture
def control(changing: ServerProcess) -> Iterator[ModelControl]:
    socket = changing.directory / "r.sock"
    control = ModelControl(f"http+unix:{socket}")
    yield control
    for model in control.models():
        control.unload(model.name)
    control.close()


Start = Callable[..., Running]


@pytest_asyncio.fixture
async def start(changing: ServerProcess) -> AsyncIterator[Start]:
    """Starts consoles of that server, or of another one."""
    running: list[tuple[Running, Client]] = []

    def begin(model: ModelReference | None, address: str = changing.url) -> Running:
        client = Client(address)
        one = Running(lambda: client, model, translate=CHINESE)
        running.append((one, client))
        return one

    yield begin
    for one, client in running:
        await one.close()
        client.close()


async def test_a_model_that_goes_keeps_what_was_typed_until_it_is_back(
    start: Start, control: ModelControl, half_plus_two: Path, half_plus_three: Path
) -> None:
    control.load("half", base_path=str(half_plus_two.parent), timeout=30)
    control.load("other", base_path=str(half_plus_three.parent), timeout=30)
    one = start(ModelReference("half"))
    await one.ready("numbers")
    one.controller.fill(text="[5.0]")
    control.unload("half")
    await until(lambda: "half 已不再提供服务" in one.view.problem, "it is missed")
    assert one.view.models == ["other", "half"]
    assert one.view.model == "half"
    control.load("half", base_path=str(half_plus_two.parent), timeout=30)
    await one.ready("numbers")
    assert one.view.given.text == "[5.0]"
    assert "[4.5]" in await one.ask()


async def test_a_version_that_goes_is_not_replaced_in_silence(
    start: Start, control: ModelControl, two_versions: Path
) -> None:
    control.load("m", base_path=str(two_versions), version_policy="all", timeout=30)
    one = start(ModelReference("m", 1))
    await one.ready("numbers")
    assert one.view.choice == "version 1"
    assert one.view.notice == ""
    control.load("m", base_path=str(two_versions), version_policy=[2], timeout=30)
    await until(lambda: "m 1 没有应答；已改选最新版本" in one.view.notice, "it is missed")
    assert one.view.choice == ""
    assert "[4.0]" in await one.ask(text="[2.0]")
    assert one.view.notice == ""


async def test_a_model_that_loads_and_one_that_cannot(
    start: Start, control: ModelControl, changing: ServerProcess, half_plus_two: Path
) -> None:
    base = changing.directory / "late"
    with hanging_version(base / "1"):
        with pytest.raises(Exception, match="late"):
            control.load("late", base_path=str(base), timeout=0.5)
        one = start(ModelReference("late"))
        await until(lambda: "加载中" in one.view.problem, "it says that it loads")
        assert "还没有可用的版本" in one.view.problem
    await until(lambda: "失败" in one.view.problem, "it says that it failed")
    assert "saved_model" in one.view.problem
    shutil.copytree(half_plus_two, base / "2")
    control.load("late", base_path=str(base), timeout=30)
    await one.ready("numbers")
    assert one.view.problem == ""


async def test_a_model_that_was_never_there_is_said(
    start: Start, control: ModelControl, half_plus_two: Path
) -> None:
    one = start(ModelReference("nobody"))
    await until(lambda: "服务器没有模型 nobody" in one.view.notice, "it is said")
    await until(lambda: "还没有可用的模型" in one.view.problem, "there is none at all")
    control.load("half", base_path=str(half_plus_two.parent), timeout=30)
    await one.ready("numbers")
    assert one.view.model == "half"


@pytest.fixture(params=["http", "grpc"])
def elsewhere(request: pytest.FixtureRequest) -> Iterator[OtherServer]:
    """A server that lists no models, as TensorFlow Serving does not."""
    with other_server(request.param) as server:
        yield server


async def test_a_server_elsewhere_is_asked_for_a_model_by_its_name(
    start: Start, elsewhere: OtherServer
) -> None:
    elsewhere.has_states = False
    one = start(None, elsewhere.address)
    await until(lambda: "这个服务器不列出模型" in one.view.problem, "it wants a name")
    assert one.view.models is None
    one.controller.choose_model("nobody")
    await until(lambda: "Servable not found" in one.view.problem, "there is no such model")
    # It does answer.
    assert "已连接" in one.view.connection
    one.controller.choose_model("half_plus_two")
    await one.ready("numbers")
    assert "[2.5, 3.0]" in await one.ask(text="[1.0, 2.0]")
    assert "毫秒" in one.view.answer
    await until(lambda: "已连接" in one.view.connection, "it stays")

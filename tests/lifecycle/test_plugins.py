"""What other packages plug in, as it is installed: by a dist-info on the path."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

from tests.server_process import config_text
from tfs_notebook.config import ServerConfig
from tfs_notebook.lifecycle import plugins
from tfs_notebook.lifecycle.loader import Loader, SimpleLoader
from tfs_notebook.lifecycle.plugins import (
    PLATFORMS_GROUP,
    Platform,
    PluginRegistry,
    PluginSource,
    platforms,
    sources,
)
from tfs_notebook.lifecycle.servable import ServableId
from tfs_notebook.lifecycle.testing import ManagerBench
from tfs_notebook.runtimes.model import Model
from tfs_notebook.serving.model_server import ModelServer
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import AlreadyExists, FailedPrecondition, InvalidArgument
from tfs_notebook.wire.model_spec import ModelReference

MODULE = '''
from tfs_notebook.lifecycle import Platform, PluginSource, SimpleLoader


class Shouting(Platform):
    """Serves its path in capitals."""

    def __init__(self, end="!"):
        self.end = end

    def make_loader(self, id_, path):
        return SimpleLoader(lambda: path.upper() + self.end, origin=path)


class Fixed(PluginSource):
    """One version, while it runs."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def start(self):
        self.aspire(self.name, {3: "/plugged/in"})

    def stop(self, timeout):
        self.aspire(self.name, {})


def something_else():
    return "a text"
'''


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Puts a package with a module and entry points on the path."""
    monkeypatch.syspath_prepend(tmp_path)

    def put(
        distribution: str,
        entry_points: str,
        module: str = "shouting_plugin",
        code: str = MODULE,
    ) -> None:
        (tmp_path / f"{module}.py").write_text(code)
        info = tmp_path / f"{distribution}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
        )
        (info / "entry_points.txt").write_text(dedent(entry_points))

    yield put
    for name in [name for name in sys.modules if name.endswith("_plugin")]:
        del sys.modules[name]


POINTS = """
    [tfs_notebook.platforms]
    shouting = shouting_plugin:Shouting
    else = shouting_plugin:something_else
    missing = shouting_plugin:nothing

    [tfs_notebook.sources]
    fixed = shouting_plugin:Fixed
"""


def test_names_import_nothing(install: Callable[..., None]) -> None:
    install("shouting", POINTS)
    assert {"shouting", "else", "missing"} <= set(platforms.names())
    assert "fixed" in sources.names()
    assert "shouting_plugin" not in sys.modules


def test_installed_platform_and_source_serve(install: Callable[..., None]) -> None:
    install("shouting", POINTS)
    bench = ManagerBench()
    adapter = platforms.make("shouting", end="?").adapter()
    adapter.set_aspired_versions_callback(bench.manager.set_aspired_versions)
    source = sources.make("fixed", name="m")
    source.set_aspired_versions_callback(adapter.set_aspired_versions)
    source.start()
    bench.settle()
    assert bench.served("m", 3) == "/PLUGGED/IN?"
    source.stop(1.0)
    bench.settle()
    assert bench.served("m") is None


def test_unknown_name_tells_the_known_ones(install: Callable[..., None]) -> None:
    install("shouting", POINTS)
    with pytest.raises(InvalidArgument, match=r"no 'whisper' among .*shouting"):
        platforms.make("whisper")


def test_options_that_are_not_taken(install: Callable[..., None]) -> None:
    install("shouting", POINTS)
    with pytest.raises(InvalidArgument, match=r"does not take these options.*volume"):
        platforms.make("shouting", volume=11)


def test_entry_point_that_leads_nowhere(install: Callable[..., None]) -> None:
    install("shouting", POINTS)
    with pytest.raises(FailedPrecondition, match="cannot be imported from shouting_pl"):
        platforms.make("missing")


def test_entry_point_that_makes_something_else(install: Callable[..., None]) -> None:
    install("shouting", POINTS)
    with pytest.raises(FailedPrecondition, match="makes a str; it has to make a Platform"):
        platforms.make("else")


def test_two_packages_that_offer_one_name(install: Callable[..., None]) -> None:
    install("one", "[tfs_notebook.platforms]\nloud = one_plugin:Shouting\n", "one_plugin")
    install("two", "[tfs_notebook.platforms]\nloud = two_plugin:Shouting\n", "two_plugin")
    with pytest.raises(FailedPrecondition, match="one_plugin:Shouting and two_plugin:Shouting"):
        platforms.make("loud")


class Plain(Platform[str]):
    def make_loader(self, id_: ServableId, path: str) -> Loader[str]:
        return SimpleLoader(lambda: f"{id_} from {path}", origin=path)


def test_registered_in_this_process() -> None:
    registry: PluginRegistry[Platform[Any]] = PluginRegistry(PLATFORMS_GROUP, Platform)
    registry.register("plain", Plain)
    assert "plain" in registry.names()
    loader = registry.make("plain").make_loader(ServableId("m", 1), "/m/1")
    loader.load()
    assert loader.servable == "{name: m version: 1} from /m/1"


def test_registered_twice(install: Callable[..., None]) -> None:
    install("shouting", POINTS)
    registry: PluginRegistry[Platform[Any]] = PluginRegistry(PLATFORMS_GROUP, Platform)
    registry.register("plain", Plain)
    for name in ("plain", "shouting"):
        with pytest.raises(AlreadyExists, match=rf"^Type {name} already registered\.$"):
            registry.register(name, Plain)


def test_source_that_aspires_no_version_number() -> None:
    class Wrong(PluginSource):
        def start(self) -> None:
            self.aspire("m", {-1: "/m"})

        def stop(self, timeout: float) -> None:
            pass

    with pytest.raises(InvalidArgument):
        Wrong().start()


def example() -> str:
    """The one in the module's own documentation."""
    *_, block = (plugins.__doc__ or "").split("::\n\n")
    return dedent(block)


@pytest.mark.parametrize("numbers", [np.float32(1.5), [1.0, -2.0], [[0.25], [4.0]]])
def test_documented_platform_serves(
    install: Callable[..., None], tmp_path: Path, numbers: object
) -> None:
    points = "[tfs_notebook.platforms]\ndoubling = doubling_plugin:Doubling\n"
    install("doubling", points, "doubling_plugin", example())
    (tmp_path / "models" / "1").mkdir(parents=True)
    config = tmp_path / "models.config"
    text = config_text({"m": tmp_path / "models"})
    config.write_text(text.replace('"tensorflow"', '"doubling"'))
    server = ModelServer(ServerConfig(model_config_file=str(config)))
    server.start()
    try:
        assert server.wait_for_models(30) == {}
        sent = np.asarray(numbers, np.float32)
        with server.hold(ModelReference("m")) as model:
            answer = model.prediction(
                model.signature(""), {"x": (sent, DataType.FLOAT)}, dict
            ).run()["y"]
            assert set(model.signature_defs["serving_default"].outputs) == {"y"}
    finally:
        server.stop(30)
    assert (answer.dtype, answer.shape) == (sent.dtype, sent.shape)
    assert (answer == 2 * sent).all()


def test_documented_platform_gives_a_model_as_the_runtimes_do() -> None:
    names: dict[str, Any] = {}
    exec(example(), names)
    loader = names["Doubling"]().make_loader(ServableId("m", 1), "/m/1")
    assert loader.origin == "/m/1"
    loader.load()
    parts = {name for name in vars(Model) if not name.startswith("_")}
    assert parts == {"signatures", "signature_defs", "run", "close"}
    assert all(hasattr(loader.servable, part) for part in parts)
    loader.unload()

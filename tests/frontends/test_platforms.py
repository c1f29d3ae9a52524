"""A kind of model that another package plugs in, served by a real process."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import httpx
import numpy as np
import pytest

from tests.frontends.official import (
    Client,
    Code,
    model_management_pb2,
    predict_refused,
    refused,
)
from tests.polling import poll_until
from tests.server_process import ROOT, ServerProcess

PLUGIN = '''
"""Models that are one number: what comes in is multiplied by it."""

from pathlib import Path

import numpy as np

from tfs_notebook.lifecycle import Platform, SimpleLoader
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.messages import SignatureDef
from tfs_notebook.wire.signatures import signature_of


class Factor:
    def __init__(self, factor):
        self.factor = np.float32(factor)
        definition = SignatureDef(method_name="tensorflow/serving/predict")
        for tensors, alias in ((definition.inputs, "x"), (definition.outputs, "y")):
            tensors[alias].name = f"{alias}:0"
            tensors[alias].dtype = DataType.FLOAT
            tensors[alias].tensor_shape.unknown_rank = True
        self.signature_defs = {"serving_default": definition}
        self.signatures = {
            name: signature_of(name, value) for name, value in self.signature_defs.items()
        }

    def run(self, signature, inputs, outputs):
        return [inputs["x"][0] * self.factor for _ in outputs]

    def close(self):
        pass


def load(path):
    text = (Path(path) / "factor.txt").read_text()
    if text == "a text":
        return text
    return Factor(text)


class Factors(Platform):
    def make_loader(self, id_, path):
        return SimpleLoader(lambda: load(path), origin=path)
'''


@pytest.fixture
def plug_in(tmp_path: Path) -> Path:
    """A directory with the package, as pip would have installed it."""
    site = tmp_path / "site"
    info = site / "factors-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "factors.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: factors\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[tfs_notebook.platforms]\nfactor = factors:Factors\n"
    )
    return site


def write_factor(version: Path, factor: str) -> None:
    arriving = version.parent / f"{version.name}.arriving"
    arriving.mkdir(parents=True)
    (arriving / "factor.txt").write_text(factor)
    arriving.rename(version)


@pytest.fixture
def server(
    plug_in: Path,
    tmp_path: Path,
    half_plus_two: Path,
    start_server: Callable[..., ServerProcess],
) -> ServerProcess:
    """Serves a factor as ``f``, and half_plus_two as ``m``."""
    write_factor(tmp_path / "f" / "1", "3")
    shutil.copytree(half_plus_two, tmp_path / "m" / "1")
    config = tmp_path / "models.config"
    config.write_text(
        dedent(
            f"""
            model_config_list {{
              config {{ name: "f" base_path: "{tmp_path}/f" model_platform: "factor" }}
              config {{ name: "m" base_path: "{tmp_path}/m" model_platform: "tensorflow" }}
            }}
            """
        )
    )
    return start_server(
        f"--model_config_file={config}",
        "--max_num_load_retries=0",
        environment={"PYTHONPATH": f"{ROOT}:{plug_in}"},
    )


def test_both_kinds_are_served_alike(server: ServerProcess) -> None:
    x = np.array([1.0, 2.0], np.float32)
    with Client.of(server) as client:
        assert client.predict("f", {"x": x})["y"].tolist() == [3.0, 6.0]
        assert client.predict("m", {"x": x})["y"].tolist() == [2.5, 3.0]
        code, _ = predict_refused(client, "f", {"z": x})
        assert code is Code.INVALID_ARGUMENT
    answer = httpx.post(f"{server.url}/v1/models/f:predict", json={"instances": [5.0]})
    assert answer.json() == {"predictions": [15.0]}


def test_its_versions_come_and_go_and_fail_as_ours_do(
    server: ServerProcess, tmp_path: Path
) -> None:
    write_factor(tmp_path / "f" / "2", "4")
    server.wait_for_model("f", 2)
    with Client.of(server) as client:
        outputs = client.predict("f", {"x": np.array([1.0], np.float32)})
    assert outputs["y"].tolist() == [4.0]
    for version, text, said in (
        (3, "no number", "could not convert string to float"),
        (4, "a text", "The platform 'factor' gave a str for"),
    ):
        write_factor(tmp_path / "f" / str(version), text)
        server.wait_for_log(said)
    poll_until(lambda: server.states("f").get(2) == "AVAILABLE", "version 2 still serves")


def test_the_platform_of_a_name_does_not_change(server: ServerProcess, tmp_path: Path) -> None:
    request = model_management_pb2.ReloadConfigRequest()
    request.config.model_config_list.config.add(
        name="f", base_path=str(tmp_path / "f"), model_platform="tensorflow"
    )
    with Client.of(server) as client:
        code, details = refused(
            lambda: client.model.HandleReloadConfigRequest(request, timeout=60)
        )
        assert code is Code.INVALID_ARGUMENT
        assert details == (
            "Illegal to change a model's platform. For model f platform was factor and new "
            "platform requested is tensorflow"
        )
        assert client.predict("f", {"x": np.array([1.0], np.float32)})["y"].tolist() == [3.0]

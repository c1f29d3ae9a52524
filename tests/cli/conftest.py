"""What TensorFlow's own tool says of some models, and flags that serve some."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.built_once import built_once, content_key
from tests.cli.show_process import meta_graph, signature, tensor, write_model
from tests.server_process import config_text
from tests.shared_files import shared_directory
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.messages import TensorProto


@pytest.fixture(scope="session")
def cli_answers(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> dict[Path, str]:
    """The output of ``saved_model_cli show --all`` by version directory.

    The first is made by TensorFlow, then come two written here, and those of
    TensorFlow Serving where they are present.
    """
    assert pytestconfig.cache is not None
    reference = _reference()
    models = [*_written(tmp_path_factory.mktemp("written")), *reference]
    # Those written here say the same in another order of bytes each time.
    sources = [
        *Path(__file__).parent.glob("*.py"),
        *(version / "saved_model.pb" for version in reference),
    ]
    built = built_once(
        pytestconfig.cache.mkdir("saved_model_cli"),
        content_key(sources, ("tensorflow",)),
        "tests.cli.tensorflow_facts",
        [*map(str, models)],
    )
    answers = json.loads((built / "facts.json").read_text())
    return dict(zip([built / "made" / "1", *models], answers, strict=True))


@pytest.fixture(scope="session")
def made_model(cli_answers: dict[Path, str]) -> Path:
    """The version directory that TensorFlow made."""
    return next(iter(cli_answers))


@pytest.fixture
def one_model(models: Path) -> list[str]:
    """The flags that serve half_plus_two as ``m``."""
    return ["--model_name=m", f"--model_base_path={models / 'half_plus_two'}"]


@pytest.fixture
def with_slow(models: Path, tmp_path: Path) -> list[str]:
    """The flags that serve half_plus_two as ``m``, and the slow model."""
    config = tmp_path / "models.config"
    config.write_text(config_text({"m": models / "half_plus_two", "slow": models / "slow"}))
    return [f"--model_config_file={config}"]


def _written(directory: Path) -> list[Path]:
    types = {
        dtype.name.lower(): tensor(dtype, [-1, 2], f"{dtype.name}:0") for dtype in DataType
    }
    ranks = {
        "unknown": tensor(DataType.FLOAT, None, "u:0"),
        "scalar": tensor(DataType.FLOAT, [], "s:0"),
        "empty": tensor(DataType.FLOAT, [0, 3], "e:0"),
    }
    default = TensorProto(dtype=DataType.FLOAT, float_val=[0.5])
    every = signature(types, {"y": tensor(DataType.STRING, [-1], "y:0")})
    shapes = signature(ranks, {}, {"scalar": default})
    return [
        write_model(directory / "types" / "1", meta_graph({"serving_default": every})),
        write_model(
            directory / "graphs" / "1",
            meta_graph({"b": shapes, "a": shapes}),
            meta_graph({"c": shapes}, ("serve", "gpu")),
        ),
    ]


def _reference() -> list[Path]:
    models = shared_directory().glob("models/*/*/saved_model.pb")
    return [path.parent for path in sorted(models)]

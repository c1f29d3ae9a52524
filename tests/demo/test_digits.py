"""The digits: how well their versions do, what is written, and that a server knows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.demo.trained import trained_digits
from tests.python_process import run_python
from tests.server_process import ServerProcess
from tfs_notebook.demo.digit_images import load_digits
from tfs_notebook.demo.digits import EXAMPLES, VERSIONS, measure, write_digits
from tfs_notebook.pipelines.description import DIRECTORY

# The first test that asks for the trained model waits for its training.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def digits(pytestconfig: pytest.Config) -> Path:
    """The base path of both versions."""
    assert pytestconfig.cache is not None
    return trained_digits(pytestconfig.cache.mkdir("digits"))


@pytest.mark.long
def test_version_2_is_better(digits: Path) -> None:
    _, test = load_digits()
    first, second = (measure(digits / version, test) for version in ("1", "2"))
    assert 0.75 <= first < second
    assert second >= 0.95


def test_training_and_test_have_no_picture_in_common() -> None:
    train, test = load_digits()
    assert len(train.classes) + len(test.classes) == 1797
    assert set(test.classes) == set(range(10))
    seen = {image.tobytes() for image in train.images}
    assert not seen & {image.tobytes() for image in test.images}


@pytest.mark.long
def test_only_data_lies_beside_the_model(digits: Path) -> None:
    for version in VERSIONS:
        beside = {path.name for path in (digits / str(version) / DIRECTORY).iterdir()}
        assert beside == {"tfs_notebook_pipeline.json"}


@pytest.mark.long
def test_a_server_knows_the_examples(
    digits: Path, start_server: Callable[..., ServerProcess]
) -> None:
    server = start_server("--model_name=digits", f"--model_base_path={digits}")
    known = 0
    for digit in range(10):
        content = (digits / EXAMPLES / f"{digit}.png").read_bytes()
        record = httpx.post(f"{server.url}/predict", content=content).json()["data"]
        assert len(record["top"]) == 3
        assert record["top"][0]["label"] == record["label"]
        assert 0 < record["score"] <= 1
        known += record["label"] == str(digit)
    assert known >= 8


@pytest.mark.long
def test_versions_that_are_there_are_kept(digits: Path) -> None:
    said: list[str] = []
    assert write_digits(digits, said.append) == digits
    assert said == [f"version {one} is there already: {digits / str(one)}" for one in (1, 2)]


@pytest.mark.parametrize("arguments", [[], ["--help"], ["a", "b"]])
def test_the_command_tells_its_usage(arguments: list[str]) -> None:
    process = run_python("-m", "tfs_notebook.demo.digits", *arguments)
    assert process.returncode == 1
    assert process.stderr == "usage: python -m tfs_notebook.demo.digits DIR\n"

"""Two versions or labels on the same input, and on a request log."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.server_process import ServerProcess
from tfs_notebook.client import Client
from tfs_notebook.client.agreement import Agreement
from tfs_notebook.client.calls import Pause, Steps, run_steps
from tfs_notebook.client.comparing import Ask, Question, compare_answers
from tfs_notebook.client.plots import new_plot
from tfs_notebook.client.version_comparison import VersionComparison
from tfs_notebook.wire.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Unimplemented,
)
from tfs_notebook.wire.messages import PredictionLog
from tfs_notebook.wire.model_spec import ModelReference
from tfs_notebook.wire.predict import encode_predict_request
from tfs_notebook.wire.tfrecord import encode_record

PNG = b"\x89PNG"


@pytest.fixture(scope="module")
def versions(
    tmp_path_factory: pytest.TempPathFactory, half_plus_two: Path, half_plus_three: Path
) -> Iterator[ServerProcess]:
    """Serves two versions of ``half``, with labels; 3 answers as 1 does."""
    directory = tmp_path_factory.mktemp("c")
    base = directory / "half"
    for number, source in ((1, half_plus_two), (2, half_plus_three), (3, half_plus_two)):
        shutil.copytree(source, base / str(number))
    config = directory / "models.config"
    config.write_text(
        f'model_config_list {{ config {{ name: "half" base_path: "{base}" '
        'model_platform: "tensorflow" model_version_policy { all {} } '
        'version_labels { key: "stable" value: 1 } version_labels { key: "gray" value: 2 } } }'
    )
    with ServerProcess(directory, [f"--model_config_file={config}"]) as server:
        yield server


@pytest.fixture
def grpc(versions: ServerProcess) -> Iterator[Client]:
    with Client(versions.grpc_address) as client:
        yield client


def log_of(path: Path, *models: str) -> Path:
    """A request log with a request of two rows to each of these models."""
    with path.open("wb") as file:
        for number, name in enumerate(models):
            log = PredictionLog()
            inputs = {"x": (np.array([number, number + 1], np.float32), 1)}
            request = encode_predict_request(ModelReference(name), inputs)
            log.predict_log.request.MergeFromString(request)
            file.write(encode_record(log.SerializeToString()))
    return path


@pytest.mark.parametrize("way", ["grpc", "http"])
def test_the_same_input(versions: ServerProcess, way: str) -> None:
    address = versions.grpc_address if way == "grpc" else versions.url
    with Client(address) as client:
        compared = client["half"].compare([1.0, 2.0], 1, 2, runs=4)
    assert not compared.agrees
    assert (compared.requests, compared.agreed) == (1, 0)
    assert compared.frame["y", 1].tolist() == [2.5, 3.0]
    assert compared.frame["y", 2].tolist() == [3.5, 4.0]
    assert compared.frame["agrees", ""].tolist() == [False, False]
    output = compared.outputs["y"]
    assert (output.rows, output.exact, output.close, output.largest) == (2, 0, 0, 1.0)
    assert [len(side.seconds) for side in compared.sides] == [4, 4]
    assert all(side.latency_ms["p50"] <= side.latency_ms["p95"] for side in compared.sides)
    text = repr(compared)
    assert text.startswith(
        "half, version 1 and version 2: 1 request of 2 rows, they agree in 0 of "
    )
    assert "y is 2.5, and 3.5 at [0], and 1 more" in text
    assert "<table>" in compared._repr_html_()


def test_labels_and_the_index_of_a_frame(grpc: Client) -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0]}, index=["a", "b"])
    compared = grpc["half"].compare(frame, "stable", 3, runs=1)
    assert compared.agrees
    assert compared.frame.index.tolist() == ["a", "b"]
    assert compared.frame["y", "stable"].tolist() == compared.frame["y", 3].tolist()
    assert compared.outputs["y"].exact == 2
    assert "label stable and version 3: 1 request of 2 rows, they agree" in repr(compared)


def test_an_answer_that_is_not_by_rows(grpc: Client) -> None:
    compared = grpc["half"].compare(2.0, 1, 2)
    assert compared.frame["y"].to_numpy().tolist() == [[3.0, 4.0]]


def test_a_request_log(grpc: Client, tmp_path: Path) -> None:
    log = log_of(tmp_path / "log", "half", "half", "other")
    compared = grpc["half"].compare(None, "stable", "gray", log=log)
    assert (compared.requests, compared.agreed) == (2, 0)
    assert compared.left_out == {"for other": 1}
    assert compared.frame.index.tolist() == [
        (f"{log}[{record}]", row) for record in (0, 1) for row in (0, 1)
    ]
    assert compared.frame["y", "stable"].tolist() == [2.0, 2.5, 2.5, 3.0]
    assert compared.frame["y", "gray"].tolist() == [3.0, 3.5, 3.5, 4.0]
    assert "left out: 1 for other" in repr(compared)
    assert grpc["half"].compare(None, 1, 3, log=[log, log]).agrees


async def test_awaited(grpc: Client, tmp_path: Path) -> None:
    log = log_of(tmp_path / "log", "half", "half")
    same, recorded = await asyncio.gather(
        grpc["half"].compare_async([1.0], 1, 3, runs=2),
        grpc["half"].compare_async(None, 1, 2, log=log),
    )
    assert (same.agrees, recorded.agreed, recorded.requests) == (True, 0, 2)
    with pytest.raises(InvalidArgument, match="No such file"):
        await grpc["half"].compare_async(None, 1, 2, log=tmp_path / "nothing")
    with pytest.raises(InvalidArgument, match="name two"):
        await grpc["half"].compare_async([1.0], 2, 2)


def test_a_version_that_fails_in_a_log(grpc: Client, tmp_path: Path) -> None:
    log = log_of(tmp_path / "log", "half")
    compared = grpc["half"].compare(None, 1, 7, log=log)
    assert not compared.agrees
    assert compared.sides[1].errors == {"NOT_FOUND": 1}
    assert "version 7 fails with NOT_FOUND" in repr(compared)
    assert compared.frame["y", 1].tolist() == [2.0, 2.5]
    assert ("y", 7) not in compared.frame.columns


def test_what_cannot_be_compared(grpc: Client, versions: ServerProcess, tmp_path: Path) -> None:
    half = grpc["half"]
    with pytest.raises(NotFound, match="7"):
        half.compare([1.0], 1, 7)
    with pytest.raises(InvalidArgument, match="this would fit"):
        half.compare([[1.0], [1.0, 2.0]], 1, 2)
    with pytest.raises(InvalidArgument, match="name two"):
        half.compare([1.0], np.int64(2), 2)
    with pytest.raises(InvalidArgument, match=r"expected, not 1.5: compare\(x, 1, 2\)"):
        half.compare([1.0], 1.5, 2)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="an input is compared, or a log"):
        half.compare(None, 1, 2)
    with pytest.raises(InvalidArgument, match="no request to 'half' in it; 1 for other"):
        half.compare(None, 1, 2, log=log_of(tmp_path / "other", "other"))
    with pytest.raises(InvalidArgument, match="No such file"):
        half.compare(None, 1, 2, log=tmp_path / "nothing")
    with (
        Client(versions.url) as client,
        pytest.raises(Unimplemented, match="recorded requests are sent over gRPC"),
    ):
        client["half"].compare(None, 1, 2, log=log_of(tmp_path / "log", "half"))


def test_scores_agree_by_label() -> None:
    agreement = Agreement(rtol=1e-3, atol=0.0)
    first = np.array([[0.1, 0.9], [0.6, 0.4], [0.5, 0.5]], np.float32)
    second = np.array([[0.2, 0.8], [0.4, 0.6], [0.5, 0.5]], np.float32)
    agree, reasons = agreement.add({"y": first}, {"y": second})
    assert agree.tolist() == [False, False, True]
    assert len(reasons) == 1
    found = agreement.outputs["y"]
    assert (found.rows, found.exact, found.close) == (3, 1, 1)
    assert (found.scored, found.same_label) == (3, 2)
    labels = np.array([["a", "b"], ["b", "a"], ["a", "b"]], object)
    agreement.add({"labels": labels, "scores": first}, {"labels": labels, "scores": second})
    assert agreement.outputs["scores"].same_label == 2
    best = np.array([b"spam", b"pass"], object)
    agreement.add({"label": best}, {"label": best[::-1].copy()})
    agreement.add({"label": best}, {"label": best})
    assert (agreement.outputs["label"].scored, agreement.outputs["label"].same_label) == (4, 2)


def test_outputs_that_are_not_alike() -> None:
    agreement = Agreement(rtol=0.0, atol=0.0)
    one, two = np.zeros((2, 1), np.float32), np.zeros((3, 1), np.float32)
    agree, reasons = agreement.add({"y": one, "z": one}, {"y": two})
    assert agree.tolist() == [False]
    assert reasons == [
        "y has shape [2, 1], and [3, 1]",
        "z is in the first answer only",
    ]


def test_a_plot(grpc: Client) -> None:
    pytest.importorskip("matplotlib")
    plot = grpc["half"].compare([1.0, 2.0], 1, 2, runs=3).plot()
    assert plot._repr_png_().startswith(PNG)
    # A name is no formula.
    assert new_plot("a$^$b")._repr_png_().startswith(PNG)
    assert plot.axes[1].lines[0].get_xdata().tolist() == [2.5, 3.0]
    assert repr(plot) == "<plot of half: latency, half: answers>"


def test_a_plot_without_matplotlib(grpc: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = grpc["half"].compare([1.0], 1, 2, runs=1)
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(FailedPrecondition, match="a plot takes matplotlib"):
        compared.plot()


def _as_y(array: np.ndarray) -> Steps[dict[str, np.ndarray]]:
    yield Pause(0)
    return {"y": array}


def compared(questions: Iterator[Question], choices: tuple[Any, Any]) -> VersionComparison:
    """What comes of them for a model with a name to be escaped."""
    return run_steps(
        compare_answers("<i>", choices, questions, rtol=0.0, atol=0.0, left_out={})
    )


def test_an_interrupt_returns_what_was_compared() -> None:
    def questions(count: int) -> Iterator[Question]:
        for number in range(count):
            array = np.array([number], np.float32)
            ask: Ask = partial(_as_y, array)
            yield Question(f"log[{number}]", None, (ask, ask))
        raise KeyboardInterrupt

    found = compared(questions(2), (1, "gray"))
    assert (found.requests, found.agreed) == (2, 2)
    assert repr(found).splitlines()[0] == (
        "<i>, version 1 and label gray: 2 requests, they agree (interrupted)"
    )
    with pytest.raises(KeyboardInterrupt):
        compared(questions(0), (1, 2))


def test_names_are_escaped() -> None:
    array = np.zeros(1, np.float32)

    def ask() -> Steps[dict[str, np.ndarray]]:
        yield Pause(0)
        return {"<b>": array}

    found = compared(iter([Question("", None, (ask, ask))]), (1, "<u>"))
    shown = found._repr_html_()
    assert "&lt;i&gt;" in shown
    assert not any(tag in shown for tag in ("<i>", "<b>", "<u>"))

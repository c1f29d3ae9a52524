"""What is run where nobody has said what to run: how often, how long, with what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.batching.run_watch import RunWatch
from tfs_notebook.lifecycle import ServableHandle, ServableId, ServedEntry
from tfs_notebook.serving.held_model import HeldModel
from tfs_notebook.serving.served_model import ServedModel
from tfs_notebook.serving.statistics import Statistics
from tfs_notebook.serving.warmup.automatic import AutomaticWarmUp, sizes_to_warm, zeros_for
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import Cancelled, FailedPrecondition, InvalidArgument
from tfs_notebook.wire.messages import SignatureDef
from tfs_notebook.wire.signatures import Signature, TensorSpec

Shape = tuple[int, ...] | None


def signature(name: str = "s", /, **inputs: tuple[DataType, Shape]) -> Signature:
    specs = {alias: TensorSpec(alias, dtype, shape) for alias, (dtype, shape) in inputs.items()}
    return Signature(name, "", specs, {"y": TensorSpec("y", DataType.FLOAT, None)})


class TestZeros:
    @pytest.mark.parametrize(
        ("declared", "rows", "made"),
        [
            ((-1, 3), 1, (1, 3)),
            ((-1, -1, 2), 4, (4, 1, 2)),
            ((), 4, ()),
            ((5,), 4, (5,)),
            ((0, 2), 1, (0, 2)),
            (None, 4, (4,)),
        ],
    )
    def test_shapes(self, declared: Shape, rows: int, made: tuple[int, ...]) -> None:
        array, dtype = zeros_for(signature(x=(DataType.FLOAT, declared)), rows)["x"]
        assert dtype == DataType.FLOAT
        assert array.dtype == np.float32
        assert array.shape == made
        assert not array.any()

    def test_strings_are_empty(self) -> None:
        array, _ = zeros_for(signature(x=(DataType.STRING, (-1,))), 3)["x"]
        assert array.tolist() == [b""] * 3

    def test_what_has_a_default_is_left_out(self) -> None:
        one = signature(x=(DataType.FLOAT, (-1,)), rate=(DataType.FLOAT, ()))
        defaults = {"rate": np.array(0.5, np.float32)}
        with_default = Signature(one.name, "", one.inputs, one.outputs, defaults)
        assert set(zeros_for(with_default, 1)) == {"x"}

    def test_not_of_every_type(self) -> None:
        with pytest.raises(FailedPrecondition, match="input x is resource"):
            zeros_for(signature(x=(DataType.RESOURCE, ())), 1)

    def test_not_too_many(self) -> None:
        one = signature(x=(DataType.FLOAT, (-1, 1024, 1024)))
        assert zeros_for(one, 16)["x"][0].nbytes == 64 * 1024 * 1024
        with pytest.raises(FailedPrecondition, match="71303168 bytes of inputs are too many"):
            zeros_for(one, 17)


@pytest.mark.parametrize(
    ("parameters", "sizes"),
    [
        (None, [1]),
        (BatchingParameters(max_batch_size=32), [1, 32]),
        (BatchingParameters(max_batch_size=1), [1]),
        (BatchingParameters(max_batch_size=8, allowed_batch_sizes=(4, 2, 4, 8)), [2, 4, 8]),
        (
            BatchingParameters(
                max_batch_size=64,
                max_execution_batch_size=16,
                enable_large_batch_splitting=True,
            ),
            [1, 16],
        ),
    ],
)
def test_sizes(parameters: BatchingParameters | None, sizes: list[int]) -> None:
    assert list(sizes_to_warm(parameters)) == sizes


class Recorder:
    """A model of which a run takes as long as is said, by a clock of its own."""

    def __init__(self, *signatures: Signature, seconds: float = 0.0) -> None:
        self.signatures = {one.name: one for one in signatures}
        self.signature_defs = dict.fromkeys(self.signatures, SignatureDef())
        self.seconds = seconds
        self.now = 0.0
        self.runs: list[tuple[str, int]] = []

    def has_effects(self, signature: Signature) -> bool:
        return signature.name == "changes"

    def run(
        self,
        signature: Signature,
        inputs: Mapping[str, tuple[np.ndarray, int]],
        outputs: Sequence[str],
    ) -> list[np.ndarray]:
        rows = len(inputs["x"][0])
        self.runs.append((signature.name, rows))
        self.now += self.seconds * rows
        if signature.name == "fails":
            raise InvalidArgument("zeros are not enough\n [[{{node x}}]]")
        return [np.zeros(rows, np.float32)]

    def close(self) -> None:
        """There is nothing to free."""


def floats(name: str, shape: Shape = (-1,)) -> Signature:
    return signature(name, x=(DataType.FLOAT, shape))


def played(
    model: Recorder, sizes: Sequence[int] = (1,), *, cancelled: bool = False
) -> AutomaticWarmUp:
    entry = ServedEntry(ServableId("m", 1), ServedModel(model), lambda: None)
    statistics, watch = Statistics(), RunWatch(0)

    def hold() -> HeldModel:
        entry.holders.append(None)
        return HeldModel(ServableHandle(entry), statistics, watch, check_method=False)

    def go_on() -> None:
        if cancelled:
            raise Cancelled("the server is shutting down")

    warm_up = AutomaticWarmUp(model, hold, sizes, 5.0, go_on, lambda: model.now)
    warm_up.play()
    assert not entry.holders
    return warm_up


def test_quick_models_are_run_often_enough_to_be_known() -> None:
    model = Recorder(
        floats("b"), floats("serving_default"), floats("__init"), signature("none")
    )
    warm_up = played(model)
    assert model.runs == [("serving_default", 1)] * 20 + [("b", 1)] * 20
    assert warm_up.warmed == ["serving_default", "b"]
    assert warm_up.runs == 40
    assert not warm_up.left_out


def test_slow_ones_for_a_second_a_signature() -> None:
    model = Recorder(floats("a"), floats("b"), seconds=0.3)
    played(model)
    assert model.runs == [("a", 1)] * 4 + [("b", 1)] * 4


def test_no_run_begins_when_the_time_is_up() -> None:
    model = Recorder(floats("a"), floats("b"), seconds=6.0)
    warm_up = played(model)
    assert model.runs == [("a", 1)]
    assert warm_up.left_out == {"b": "the time was up"}


def test_each_size_once_as_long_as_there_is_time() -> None:
    model = Recorder(floats("a"), seconds=0.125)
    warm_up = played(model, (1, 2, 8, 64))
    assert model.runs == [("a", 1)] * 8 + [("a", 2), ("a", 8)]
    assert warm_up.left_out == {"a": "64 rows would take too long"}


def test_a_signature_that_says_how_many_rows_is_run_with_these() -> None:
    model = Recorder(floats("a", (7,)))
    played(model, (1, 2))
    assert model.runs == [("a", 7)] * 20


def test_what_fails_and_what_has_effects_is_left_out() -> None:
    model = Recorder(floats("changes"), floats("fails"), floats("works"))
    warm_up = played(model)
    assert warm_up.warmed == ["works"]
    assert warm_up.left_out == {
        "changes": "its graph may change more than its outputs",
        "fails": "zeros are not enough",
    }
    assert ("changes", 1) not in model.runs


def test_nothing_is_run_when_the_server_stops() -> None:
    model = Recorder(floats("a"))
    assert played(model, cancelled=True).left_out == {"a": "the server is shutting down"}
    assert model.runs == []

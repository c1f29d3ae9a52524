"""An exported version, tried before anybody else sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from tfs_notebook.client.columns import is_table
from tfs_notebook.exporting.comparison import Difference, largest_difference
from tfs_notebook.exporting.endpoint import Endpoint
from tfs_notebook.exporting.example import (
    Inputs,
    arrays_of,
    example_inputs,
    first_rows,
    has_free_sizes,
    made_up_inputs,
    other_rows,
    row_count,
)
from tfs_notebook.exporting.keras_errors import told
from tfs_notebook.exporting.record import Check
from tfs_notebook.runtimes.tensorflow.quiet import without_information
from tfs_notebook.runtimes.tensorflow.saved_model import TensorFlowModel, load_saved_model
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument, ServingError
from tfs_notebook.wire.messages import ConfigProto
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature

__all__ = ["Trial", "Tried"]

# Of open dimensions, until the model takes it: words, say, and pictures.
_SIZES: Final = (8, 64, 256)
_RANDOM: Final = (
    "Something in it is random, or keeps a state, with training=False too; or it is being "
    "trained. If that is meant, tolerance=math.inf compares no values. Nothing was exported"
)
# A request that takes long would be in the way of every load.
_MOST_WARMUP_ROWS: Final = 64


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it.

    Attributes:
        signatures: what the version answers.
        check: how that was seen.
        warmup: what to run before it serves: the example, by signature.
    """

    signatures: Mapping[str, Signature]
    check: Check
    warmup: Mapping[str, Inputs]


class Trial:
    """Loads a version as a server does, in this process, and asks it what the model is asked.

    A context manager, for one thread; everything blocks.
    """

    def __init__(self, directory: Path) -> None:
        """Load it.

        Raises:
            ServingError: TensorFlow cannot load it.
        """
        # The card, if there is one, is in use by the model that was trained.
        config = ConfigProto(allow_soft_placement=True)
        config.device_count["GPU"] = 0
        with without_information():
            self._model: TensorFlowModel = load_saved_model(
                directory, ["serve"], config.SerializeToString()
            )
        self.signatures = {
            name: signature
            for name, signature in self._model.signatures.items()
            if not name.startswith("__")
        }

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, *_: object) -> None:
        self._model.close()

    def run(
        self, endpoints: Sequence[Endpoint], example: object | None, tolerance: float | None
    ) -> Tried:
        """Ask each endpoint and its signature the same, or a bare SavedModel the example.

        Raises:
            FailedPrecondition: a served answer is not the model's own, or there is none.
            InvalidArgument: the example does not fit.
        """
        if not self.signatures:
            raise InvalidArgument("the model has no signatures, so there is nothing to serve")
        if not endpoints:
            return self._run_bare(example)
        main = _main(endpoints)
        checks, warmup = [], {}
        for endpoint in endpoints:
            signature = self.signatures[endpoint.name]
            given = _given(endpoint, signature, example, is_main=endpoint is main)
            if given is not None:
                warmup[endpoint.name] = _warmup(given, signature)
            checks.append(self._compared(endpoint, signature, given, tolerance))
        return Tried(self.signatures, _one_check(checks), warmup)

    def _run_bare(self, example: object | None) -> Tried:
        if example is None:
            return Tried(
                self.signatures, Check("none", note="give example= to have it run"), {}
            )
        signature = self.signatures.get(DEFAULT_SIGNATURE, next(iter(self.signatures.values())))
        given: object = example
        if isinstance(example, Mapping):
            given = {str(alias): value for alias, value in example.items()}
        elif is_table(example):
            pass
        elif len(signature.inputs) == 1:
            given = {next(iter(signature.inputs)): example}
        else:
            raise InvalidArgument(f"the example is a dict of {sorted(signature.inputs)}")
        inputs = example_inputs(given, signature)
        self._served(signature, inputs)
        rows = row_count(inputs, signature) or 0
        check = Check("example", signatures=(signature.name,), rows=rows)
        return Tried(self.signatures, check, {signature.name: _warmup(inputs, signature)})

    def _compared(
        self,
        endpoint: Endpoint,
        signature: Signature,
        given: Inputs | None,
        tolerance: float | None,
    ) -> Check:
        if given is None:
            found = _made_up(endpoint, signature)
            if isinstance(found, str):
                return Check("none", note=found)
            inputs, expected = found
        else:
            inputs = given
            try:
                expected = endpoint.answer(arrays_of(inputs))
            except ServingError:
                raise
            except Exception as error:
                raise InvalidArgument(
                    f"the model does not take the example: {told(error)}"
                ) from error
        largest = self._compare(endpoint, signature, inputs, expected, tolerance)
        rows = row_count(inputs, signature)
        if rows:
            # Some models know one row or many only, which a server must not.
            other = other_rows(inputs, rows)
            try:
                expected = endpoint.answer(arrays_of(other))
            except Exception:  # noqa: BLE001 - then it is the model that does
                expected = {}
            if expected:
                again = self._compare(endpoint, signature, other, expected, tolerance)
                largest = max(largest, again)
        return Check(
            "made up" if given is None else "example",
            compared=True,
            signatures=(endpoint.name,),
            rows=rows or 0,
            largest=largest,
        )

    def _compare(
        self,
        endpoint: Endpoint,
        signature: Signature,
        inputs: Inputs,
        expected: Mapping[str, np.ndarray],
        tolerance: float | None,
    ) -> float:
        served = self._served(signature, inputs)
        found = largest_difference(served, expected, endpoint.computes_in, tolerance)
        if found.text:
            raise FailedPrecondition(_explained(endpoint, inputs, expected, found, tolerance))
        # Seeds are saved with the model, so chance may give both the same the first time.
        again = self._served(signature, inputs)
        change = largest_difference(again, served, endpoint.computes_in, tolerance)
        if change.text:
            raise FailedPrecondition(
                f"the exported model answers otherwise each time it is asked the same: "
                f"{endpoint.name}, {change.text}. {_RANDOM}"
            )
        return found.largest

    def _served(self, signature: Signature, inputs: Inputs) -> dict[str, np.ndarray]:
        names = list(signature.outputs)
        try:
            return dict(zip(names, self._model.run(signature, inputs, names), strict=True))
        except ServingError as error:
            raise FailedPrecondition(
                f"the exported model cannot be served: {signature.name} fails on "
                f"{_shapes(inputs)}: {error.message}"
            ) from error


def _main(endpoints: Sequence[Endpoint]) -> Endpoint:
    named = {endpoint.name: endpoint for endpoint in endpoints}
    return named.get(DEFAULT_SIGNATURE, endpoints[0])


def _given(
    endpoint: Endpoint, signature: Signature, example: object | None, *, is_main: bool
) -> Inputs | None:
    if example is None:
        return None
    try:
        given = example if is_table(example) else endpoint.arrange(example)
        return example_inputs(given, signature)
    except InvalidArgument:
        if is_main:
            raise
        return None  # it is for another signature


def _made_up(
    endpoint: Endpoint, signature: Signature
) -> tuple[Inputs, dict[str, np.ndarray]] | str:
    reason = ""
    for size in _SIZES if has_free_sizes(signature) else _SIZES[:1]:
        try:
            inputs = made_up_inputs(signature, size)
            return inputs, endpoint.answer(arrays_of(inputs))
        except Exception as error:  # noqa: BLE001 - nobody said that it takes these
            reason = told(error).splitlines()[0]
    return f"{endpoint.name} takes no made-up inputs ({reason}), so give example= to compare"


def _explained(
    endpoint: Endpoint,
    inputs: Inputs,
    expected: Mapping[str, np.ndarray],
    found: Difference,
    tolerance: float | None,
) -> str:
    text = (
        f"the exported model answers otherwise than the model itself in inference: "
        f"{endpoint.name}, {found.text}, for inputs of {_shapes(inputs)}."
    )
    again = endpoint.answer(arrays_of(inputs))
    if largest_difference(again, expected, endpoint.computes_in, tolerance).text:
        return f"{text} {_RANDOM}"
    return (
        f"{text} Its call() depends on what a graph does not have: Python values that change, "
        "or whether it runs eagerly. If the difference is meant, say how large it may be, "
        "relative to the values: tolerance=0.01. Nothing was exported"
    )


def _shapes(inputs: Inputs) -> str:
    return ", ".join(f"{alias} {list(array.shape)}" for alias, (array, _) in inputs.items())


def _warmup(inputs: Inputs, signature: Signature) -> Inputs:
    rows = row_count(inputs, signature)
    many = rows is not None and rows > _MOST_WARMUP_ROWS
    return first_rows(inputs, _MOST_WARMUP_ROWS) if many else inputs


def _one_check(checks: Sequence[Check]) -> Check:
    run = [check for check in checks if check.with_inputs != "none"]
    notes = "; ".join(check.note for check in checks if check.note)
    if not run:
        return Check("none", note=notes)
    with_example = any(check.with_inputs == "example" for check in run)
    return Check(
        "example" if with_example else "made up",
        compared=True,
        signatures=tuple(name for check in run for name in check.signatures),
        rows=run[0].rows,
        largest=max(check.largest for check in run),
        note=notes,
    )

"""Runs of zeros and empty strings for a version that brings no requests of its own."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tfs_notebook.batching.parameters import BatchingParameters
from tfs_notebook.batching.run_watch import WrittenOff
from tfs_notebook.batching.task import Inputs
from tfs_notebook.runtimes.model import Model, TellsEffects
from tfs_notebook.serving.held_model import HeldModel
from tfs_notebook.wire.dtypes import numpy_type, type_name
from tfs_notebook.wire.errors import FailedPrecondition
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature, TensorSpec

__all__ = ["AutomaticWarmUp", "sizes_to_warm", "zeros_for"]

# TensorFlow's inline pool has been decided on after 16 of them; see InlinePool.
_RUNS: Final = 20
_SECONDS_OF_A_SIGNATURE: Final = 1.0
_LARGEST_BYTES: Final = 64 * 1024 * 1024
_HIDDEN: Final = "__"


def sizes_to_warm(parameters: BatchingParameters | None) -> Sequence[int]:
    """The numbers of rows that runs will have, the smallest first."""
    if parameters is None:
        return (1,)
    allowed = {size for size in parameters.allowed_batch_sizes if size > 0}
    return sorted(allowed or {1, parameters.rows_of_a_run})


def zeros_for(signature: Signature, rows: int) -> Inputs:
    """Inputs of a signature: zeros, false, and empty strings; those with defaults are left out.

    Args:
        signature: with the shapes. Of an unknown dimension there is one, of an unknown
            rank one dimension.
        rows: of the first dimension, where that is unknown.

    Raises:
        FailedPrecondition: a type that no array has, or more bytes than are reasonable.
    """
    wanted = [
        spec for spec in signature.inputs.values() if spec.alias not in signature.defaults
    ]
    size = sum(_bytes(spec, rows) for spec in wanted)
    if size > _LARGEST_BYTES:
        raise FailedPrecondition(f"{size} bytes of inputs are too many")
    return {spec.alias: (_zeros(spec, rows), spec.dtype) for spec in wanted}


def _shape(spec: TensorSpec, rows: int) -> tuple[int, ...]:
    if spec.shape is None:
        return (rows,)
    return tuple(
        dimension if dimension >= 0 else 1 if axis else rows
        for axis, dimension in enumerate(spec.shape)
    )


def _form(spec: TensorSpec) -> np.dtype:
    form = numpy_type(spec.dtype)
    if form is None:
        raise FailedPrecondition(f"input {spec.alias} is {type_name(spec.dtype)}")
    return form


def _bytes(spec: TensorSpec, rows: int) -> int:
    return math.prod(_shape(spec, rows)) * _form(spec).itemsize


def _zeros(spec: TensorSpec, rows: int) -> np.ndarray:
    form, shape = _form(spec), _shape(spec, rows)
    return np.full(shape, b"", object) if form.hasobject else np.zeros(shape, form)


def _takes_any_rows(signature: Signature) -> bool:
    return all(
        spec.shape is None or spec.shape[:1] == (-1,) for spec in signature.inputs.values()
    )


@dataclass
class AutomaticWarmUp:
    """Runs each signature of a version a few times. :meth:`play` belongs to one thread.

    A signature that may change what later runs find is left alone, and so is a model
    that does not tell: nobody asked for these runs. Whatever fails is noted and left.

    Args:
        model: the version.
        hold: takes hold of it; called once a run.
        sizes: numbers of rows, the smallest first. That is run up to twenty times, or
            for a second; each of the others once, as long as there is time for it.
        seconds: no run begins after that.
        go_on: raises if there is no use in going on.

    Attributes:
        runs: how many there were.
        warmed: the signatures that have been run.
        left_out: the others, or their larger sizes, and why.
    """

    model: Model
    hold: Callable[[], HeldModel]
    sizes: Sequence[int]
    seconds: float
    go_on: Callable[[], None]
    clock: Callable[[], float] = time.monotonic
    runs: int = 0
    warmed: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    def play(self) -> None:
        """Make the runs; blocks until the last of them has ended.

        Raises:
            WrittenOff: one took too long.
        """
        end = self.clock() + self.seconds
        for signature in self._signatures():
            if self.clock() >= end:
                self.left_out[signature.name] = "the time was up"
                continue
            try:
                self._warm(signature, end)
            except WrittenOff:
                # This thread is nobody's any more, and the model may be gone.
                raise
            except Exception as error:  # noqa: BLE001 - a model is not kept from serving by it
                # TensorFlow's further lines name nodes of the graph.
                self.left_out[signature.name] = (
                    str(error) or type(error).__name__
                ).splitlines()[0]

    def _signatures(self) -> Iterator[Signature]:
        signatures = self.model.signatures
        for name in sorted(signatures, key=lambda name: (name != DEFAULT_SIGNATURE, name)):
            signature = signatures[name]
            if name.startswith(_HIDDEN) or not signature.inputs:
                continue
            if not isinstance(self.model, TellsEffects):
                self.left_out[name] = "the model does not tell what its runs change"
            elif self.model.has_effects(signature):
                self.left_out[name] = "its graph may change more than its outputs"
            else:
                yield signature

    def _warm(self, signature: Signature, end: float) -> None:
        rows, *larger = self.sizes
        inputs = zeros_for(signature, rows)
        enough = min(end, self.clock() + _SECONDS_OF_A_SIGNATURE)
        fastest = math.inf
        for _ in range(_RUNS):
            fastest = min(fastest, self._run(signature, inputs))
            if self.clock() >= enough:
                break
        self.warmed.append(signature.name)
        for size in larger if _takes_any_rows(signature) else ():
            if self.clock() + fastest * size / rows > end:
                self.left_out[signature.name] = f"{size} rows would take too long"
                return
            fastest, rows = self._run(signature, zeros_for(signature, size)), size

    def _run(self, signature: Signature, inputs: Inputs) -> float:
        self.go_on()
        started = self.clock()
        self.hold().prediction(signature, inputs, dict).run()
        self.runs += 1
        return self.clock() - started

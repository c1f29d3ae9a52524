"""A TFLite model that serves: its signatures, and runs in interpreters of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from tfs_notebook.runtimes.memory import return_freed_memory
from tfs_notebook.runtimes.tflite_interpreters import Interpreters, Runner, new_interpreter
from tfs_notebook.runtimes.tflite_signatures import TFLiteOffer, offer_of
from tfs_notebook.wire.errors import Internal, InvalidArgument, NotFound, Unavailable
from tfs_notebook.wire.messages import SignatureDef
from tfs_notebook.wire.signatures import Signature, TensorSpec, signature_of

__all__ = ["TFLITE_FILE", "TFLiteModel", "estimate_tflite_model", "load_tflite_model"]

TFLITE_FILE: Final = "model.tflite"

_ROWS_TRIED: Final = 2


def load_tflite_model(directory: Path, interpreters: int) -> TFLiteModel:
    """Load the ``model.tflite`` of a version directory. Blocks.

    The file is verified before anything of it is run.

    Args:
        directory: of the version.
        interpreters: how many runs may be under way at once, at least 1.

    Raises:
        NotFound: there is none.
        FailedPrecondition: the package ai-edge-litert is not there.
        InvalidArgument: it is no TFLite model, or needs an op that TFLite has not.
        Internal: as :func:`offer_of`.
        AlreadyExists: as :func:`offer_of`.
    """
    path = directory / TFLITE_FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"{path} not found") from None
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error}") from error
    interpreter = new_interpreter(content, path)
    # Before there are runners: these leave no other access to an interpreter.
    takes_more_rows = _takes_more_rows(interpreter)
    offer = offer_of(content, path, interpreter)

    def another() -> Mapping[str, Runner]:
        return offer.runners(new_interpreter(content, path))

    pool = Interpreters(
        another, offer.runners(interpreter), 1 if offer.keeps_state else interpreters
    )
    return TFLiteModel(offer, pool, takes_more_rows=takes_more_rows)


def estimate_tflite_model(directory: str, interpreters: int) -> int:
    """The RAM in bytes that it takes: its file, and once more for each interpreter.

    XNNPACK, which runs most ops, packs the weights anew for each of them. Blocks.

    Raises:
        NotFound: there is no such file.
    """
    path = Path(directory, TFLITE_FILE)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise NotFound(f"{path} not found") from error
    return size * (1 + interpreters)


def _takes_more_rows(interpreter: Any) -> bool:  # noqa: ANN401 - untyped library
    """Whether two rows in give two rows out, also where the file says one; runs nothing."""
    inputs = interpreter.get_input_details()
    shapes = [tuple(map(int, one["shape"])) for one in inputs]
    try:
        for one, shape in zip(inputs, shapes, strict=True):
            interpreter.resize_tensor_input(one["index"], (_ROWS_TRIED, *shape[1:]))
        interpreter.allocate_tensors()
        found = [one["shape"][:1] for one in interpreter.get_output_details()]
        takes = all(list(rows) == [_ROWS_TRIED] for rows in found) and all(shapes)
    except (ValueError, RuntimeError):
        takes = False
    for one, shape in zip(inputs, shapes, strict=True):
        interpreter.resize_tensor_input(one["index"], shape)
    interpreter.allocate_tensors()
    return takes


class TFLiteModel:
    """A loaded TFLite model; see :class:`~tfs_notebook.runtimes.model.Model`.

    Many threads may run it at once, each in an interpreter that nobody else uses meanwhile.
    Those beyond the first are made when they are needed. A model with variables has one.

    Attributes:
        shares_runs: see ``runtimes.model.TellsSharing``.
    """

    def __init__(
        self, offer: TFLiteOffer, interpreters: Interpreters, *, takes_more_rows: bool
    ) -> None:
        self._keeps_state = offer.keeps_state
        self._interpreters = interpreters
        self.signature_defs: Mapping[str, SignatureDef] = offer.definitions
        self.signatures: Mapping[str, Signature] = {
            name: signature_of(name, definition)
            for name, definition in self.signature_defs.items()
        }
        self.shares_runs = _says_rows(self.signatures) or (
            takes_more_rows and len(self.signatures) == 1
        )

    def has_effects(self, signature: Signature) -> bool:  # noqa: ARG002 - one graph's ops
        """See ``runtimes.model.TellsEffects``: a model with variables or custom ops may."""
        return self._keeps_state

    def run(
        self,
        signature: Signature,
        inputs: Mapping[str, tuple[np.ndarray, int]],
        outputs: Sequence[str],
    ) -> list[np.ndarray]:
        """Run one signature; see :class:`~tfs_notebook.runtimes.model.Model`.

        Raises:
            InvalidArgument: shapes that are not those of the signature, and that the model
                does not take; the text has TFLite's own.
            Internal: whatever else TFLite says.
        """
        arrays = {alias: inputs[alias][0] for alias in signature.inputs}
        with self._interpreters.taken() as runners:
            try:
                given = runners[signature.name](arrays)
            except (ValueError, RuntimeError) as error:
                raise _failure(signature, arrays, error) from error
        return [_read_only(given[alias]) for alias in outputs]

    def close(self) -> None:
        """Free the interpreters and their memory; blocks."""
        self._interpreters.close()
        return_freed_memory()


def _says_rows(signatures: Mapping[str, Signature]) -> bool:
    return all(
        spec.shape is not None and spec.shape[:1] == (-1,)
        for signature in signatures.values()
        for spec in (*signature.inputs.values(), *signature.outputs.values())
    )


def _read_only(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def _failure(
    signature: Signature, arrays: Mapping[str, np.ndarray], error: Exception
) -> InvalidArgument | Internal:
    for alias, spec in signature.inputs.items():
        if not _fits(spec, arrays[alias].shape):
            return InvalidArgument(
                f"input {spec} cannot be {list(arrays[alias].shape)}: TFLite says: {error}"
            )
    return Internal(f"Failed to invoke TfLite interpreter: {error}")


def _fits(spec: TensorSpec, shape: tuple[int, ...]) -> bool:
    said = spec.shape
    return said is None or (
        len(said) == len(shape)
        and all(size in (-1, given) for size, given in zip(said, shape, strict=True))
    )

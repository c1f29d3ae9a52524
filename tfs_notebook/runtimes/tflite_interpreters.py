"""TFLite's interpreters: made one by one, and each in the hands of one run at a time."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument

__all__ = ["Interpreters", "Runner", "TensorRunner", "new_interpreter"]

Runner: TypeAlias = Callable[[Mapping[str, np.ndarray]], Mapping[str, np.ndarray]]
"""Runs one signature in one interpreter; arrays by alias, in and out."""

_LIBRARY: Final = "ai_edge_litert.interpreter"


def new_interpreter(content: bytes, path: Path) -> Any:  # noqa: ANN401 - no types there
    """An ``ai_edge_litert.interpreter.Interpreter`` of a file, with its tensors allocated.

    Blocks; for longer at the first call of a process, which loads the library. It belongs to
    one thread at a time.

    Args:
        content: of the file. It is verified, and kept as long as the interpreter is.
        path: for errors.

    Raises:
        FailedPrecondition: the library is not installed, or cannot be loaded.
        InvalidArgument: the file is no TFLite model, or needs an op that the library has not;
            TFLite's own text.
    """
    try:
        library = importlib.import_module(_LIBRARY)
    except ImportError as error:
        raise FailedPrecondition(
            f"{path} needs the package ai-edge-litert, which cannot be imported ({error}). "
            "Install it with: pip install 'tfs_notebook[tflite]'"
        ) from error
    if not content:
        # What the library says of that is about the caller.
        raise InvalidArgument(f"{path} is empty; is it still being copied?")
    try:
        # One thread each: requests run side by side in interpreters of their own.
        interpreter = library.Interpreter(model_content=content, num_threads=1)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise InvalidArgument(f"{path} cannot be loaded by TFLite: {error}") from error
    return interpreter


class TensorRunner:
    """Runs the one graph of an interpreter whose file names its tensors only.

    Args:
        interpreter: its own; nobody else may touch it.
        inputs: numbers of the tensors, by alias.
        outputs: likewise.
    """

    def __init__(
        self,
        interpreter: Any,  # noqa: ANN401 - the library has no types
        inputs: Mapping[str, int],
        outputs: Mapping[str, int],
    ) -> None:
        self._interpreter = interpreter
        self._inputs = inputs
        self._outputs = outputs

    def __call__(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Run it.

        Raises:
            ValueError: TFLite's own text.
            RuntimeError: likewise.
        """
        interpreter = self._interpreter
        # What has its size already is left alone by TFLite itself.
        for alias, index in self._inputs.items():
            interpreter.resize_tensor_input(index, arrays[alias].shape)
        interpreter.allocate_tensors()
        for alias, index in self._inputs.items():
            interpreter.set_tensor(index, arrays[alias])
        interpreter.invoke()
        return {alias: interpreter.get_tensor(index) for alias, index in self._outputs.items()}


class Interpreters:
    """The interpreters of one model: as many as are needed at once, up to a number.

    Any thread may call any method.

    Args:
        make: makes the runners of another one, by the names of the signatures.
        first: those of the one that there is.
        most: how many there may be, at least 1.
    """

    def __init__(
        self,
        make: Callable[[], Mapping[str, Runner]],
        first: Mapping[str, Runner],
        most: int,
    ) -> None:
        self._make = make
        self._free = [first]
        self._places = threading.BoundedSemaphore(most)
        self.most = most

    @contextmanager
    def taken(self) -> Iterator[Mapping[str, Runner]]:
        """One of them, for the length of a run; blocks while all are taken."""
        with self._places:
            # To pop and to append is atomic.
            try:
                runners = self._free.pop()
            except IndexError:
                runners = self._make()
            try:
                yield runners
            finally:
                self._free.append(runners)

    def close(self) -> None:
        """Free them; called after the last run."""
        self._free.clear()

"""Python functions of this kernel, as versions of its own model server."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from google.protobuf import text_format

from tfs_notebook.batching.parameters import (
    BatchingParameters,
    check_parameters,
    parameters_to_message,
)
from tfs_notebook.exporting.base_path import versions_in
from tfs_notebook.lifecycle import Platform, SimpleLoader
from tfs_notebook.lifecycle.plugins import platforms
from tfs_notebook.notebook.function_options import FunctionOptions
from tfs_notebook.notebook.function_versions import (
    FUNCTION_PLATFORM,
    FUNCTIONS,
    refuse_own_call,
)
from tfs_notebook.notebook.session import SESSION
from tfs_notebook.runtimes.python_function import PythonFunction
from tfs_notebook.serving.batching_files import FILE_OF_A_VERSION
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["MadeFunction"]

# All that waits is one call; nothing is refused for its size, or because others wait.
_DEFAULTS: Final = BatchingParameters(max_batch_size=1_000_000, max_enqueued_batches=1_000)


class _Functions(Platform[PythonFunction]):
    """Finds the functions of version directories."""

    def make_loader(self, id_: Any, path: str) -> SimpleLoader[PythonFunction]:  # noqa: ANN401, ARG002
        """See ``Platform``."""
        return SimpleLoader(
            lambda: FUNCTIONS.found(path), destroy=PythonFunction.close, origin=path
        )


@functools.cache
def _register() -> None:
    platforms.register(FUNCTION_PLATFORM, _Functions)
    SESSION.before_call = refuse_own_call


@dataclass(frozen=True, slots=True)
class MadeFunction:
    """A function that can be served.

    Attributes:
        model: what runs.
        batching: how its requests share calls; None if they do not.
    """

    model: PythonFunction
    batching: BatchingParameters | None

    @classmethod
    def of(
        cls, function: Callable[..., Any], example: object, options: FunctionOptions, name: str
    ) -> MadeFunction:
        """Find out what a function takes and gives; blocks for its calls, if there are any.

        Args:
            function: stays in this process.
            example: see :class:`PythonFunction`; None for what is declared.
            options: what else is said of it.
            name: which entries of the options are its own.

        Raises:
            ServingError: as :class:`PythonFunction`.
            InvalidArgument: the options contradict each other.
        """
        parameters = _parameters(options)
        model = PythonFunction(
            function,
            example,
            inputs=options.inputs_of(name),
            outputs=options.outputs_of(name),
            batched=options.batched,
        )
        if model.is_batched:
            return cls(model, parameters)
        if options.limits:
            raise InvalidArgument(
                f"requests to {name} do not share calls, so {' and '.join(options.limits)} "
                "say nothing. Leave that out, or say batched=True if each row has an answer of "
                "its own"
            )
        return cls(model, None)

    def add_version(self, base_path: Path) -> Path:
        """Make it the next version there; blocks on the disk."""
        _register()
        base_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = base_path / str(max(versions_in(base_path), default=0) + 1)
        FUNCTIONS.add(path, self.model, self._files())
        return path

    def _files(self) -> Mapping[str, str]:
        if self.batching is None:
            return {}
        message = parameters_to_message(self.batching)
        return {FILE_OF_A_VERSION: text_format.MessageToString(message)}


def _parameters(options: FunctionOptions) -> BatchingParameters:
    for name, value in options.limits.items():
        if type(value) is not int:
            raise InvalidArgument(f"{name} is a whole number; got {value!r}")
    parameters = replace(_DEFAULTS, **options.limits)
    check_parameters(parameters)
    return parameters

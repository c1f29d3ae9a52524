"""A Python function of this process as a model: arrays by the names of its parameters."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from tfs_notebook.wire.dtypes import DataType, data_type_of, type_name
from tfs_notebook.wire.errors import (
    Code,
    FailedPrecondition,
    InvalidArgument,
    ServingError,
    error_for_code,
)
from tfs_notebook.wire.messages import SignatureDef
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE, Signature, signature_of

__all__ = ["PythonFunction"]

_OUTPUT: Final = "output"
_POSITIONAL: Final = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)
# What a function says of its arguments; everything else is its own fault.
_ABOUT_ARGUMENTS: Final = (ValueError, TypeError, KeyError, IndexError)


class PythonFunction:
    """See :class:`~tfs_notebook.runtimes.model.Model`. One thread at a time is in it.

    The function is given an array for each of its parameters, whose first dimension is the
    rows of a request, and returns an array, or a dict of arrays for several outputs. Texts
    are arrays of ``str``.
    """

    def __init__(self, function: Callable[..., Any], example: object) -> None:
        """Run it once, which says what it gives; blocks as long as it does.

        Args:
            function: takes arrays by position.
            example: what it is to be run with: an array or nested lists, a batch of rows;
                for several parameters a dict of such.

        Raises:
            InvalidArgument: the example does not go with the parameters, or the function
                raised one of the errors that are about arguments.
            FailedPrecondition: it returns something that is no tensor.
            ServingError: UNKNOWN, whatever else it raised.
        """
        self._function = function
        self._name = getattr(function, "__name__", type(function).__name__)
        self._lock = threading.Lock()
        arrays = {
            name: _tensor(value, f"{name} of the example", InvalidArgument)
            for name, value in self._by_name(example).items()
        }
        self._order = tuple(arrays)
        given = self._call(arrays)
        self.signature_defs: Mapping[str, SignatureDef] = {
            DEFAULT_SIGNATURE: _definition(arrays, given)
        }
        self.signatures: Mapping[str, Signature] = {
            name: signature_of(name, definition)
            for name, definition in self.signature_defs.items()
        }

    def run(
        self,
        signature: Signature,
        inputs: Mapping[str, tuple[np.ndarray, int]],
        outputs: Sequence[str],
    ) -> list[np.ndarray]:
        """Call the function.

        Raises:
            InvalidArgument: it raised a ValueError or the like: the text has it, with the
                line, and no more of the traceback.
            FailedPrecondition: it returned something else than for the example.
            ServingError: UNKNOWN, whatever else it raised.
        """
        given = self._call({name: inputs[name][0] for name in self._order})
        return [self._checked(given, signature, alias) for alias in outputs]

    def has_effects(self, signature: Signature) -> bool:  # noqa: ARG002 - of no function is it known
        """True: nobody but a client is to call it."""
        return True

    def close(self) -> None:
        """Nothing: it is the process's."""

    def _by_name(self, example: object) -> dict[str, object]:
        parameters = inspect.signature(self._function).parameters.values()
        names = [one.name for one in parameters if one.kind in _POSITIONAL]
        needed = [
            one.name
            for one in parameters
            if one.kind in _POSITIONAL and one.default is one.empty
        ]
        if any(one.kind is one.KEYWORD_ONLY and one.default is one.empty for one in parameters):
            raise InvalidArgument(f"{self._name}() has parameters that come by name alone")
        if not isinstance(example, Mapping):
            example = {names[0]: example} if names else {}
        given = {name: example[name] for name in names if name in example}
        # By position there are no gaps.
        if not given or set(example) - set(names) or list(given) != names[: len(given)]:
            raise InvalidArgument(
                f"{self._name}() takes {', '.join(names) or 'nothing'}, and the example has "
                f"{', '.join(map(str, example)) or 'nothing'}"
            )
        if missing := [name for name in needed if name not in given]:
            raise InvalidArgument(
                f"{self._name}() takes {', '.join(names)}; example= is a dict with an array "
                f"for each: missing is {', '.join(missing)}"
            )
        return given

    def _call(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        arguments = [_with_text(array) for array in arrays.values()]
        try:
            with self._lock:
                answer = self._function(*arguments)
        except ServingError:
            raise
        except (Exception, SystemExit) as error:
            is_about = isinstance(error, _ABOUT_ARGUMENTS)
            code = Code.INVALID_ARGUMENT if is_about else Code.UNKNOWN
            raise error_for_code(code, self._told(error)) from error
        several = answer if isinstance(answer, Mapping) else {_OUTPUT: answer}
        return {
            str(alias): _tensor(value, f"what {self._name}() returns", FailedPrecondition)
            for alias, value in several.items()
        }

    def _told(self, error: BaseException) -> str:
        line, here = 0, error.__traceback__
        code = getattr(inspect.unwrap(self._function), "__code__", None)
        while here is not None:
            if here.tb_frame.f_code is code:
                line = here.tb_lineno - code.co_firstlineno + 1
            here = here.tb_next
        where = f" in its line {line}" if line else ""
        return f"{self._name}() raised {type(error).__name__}{where}: {error}"

    def _checked(
        self, given: Mapping[str, np.ndarray], signature: Signature, alias: str
    ) -> np.ndarray:
        wanted = signature.outputs[alias].dtype
        array = given.get(alias)
        if array is None or data_type_of(array.dtype) != wanted:
            got = "nothing" if array is None else str(array.dtype)
            raise FailedPrecondition(
                f"{self._name}() gave {got} for {alias}, and {type_name(wanted)} for its "
                "example; one function gives one type"
            )
        seen: np.ndarray = array.view()
        seen.flags.writeable = False
        return seen


def _tensor(value: object, what: str, refused: type[ServingError]) -> np.ndarray:
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:
        raise refused(f"{what} is no array: {error}") from None
    if array.dtype.kind in "USO":
        flat = array.reshape(-1).tolist()
        if all(isinstance(one, str | bytes) for one in flat):
            texts = np.empty(len(flat), object)
            texts[:] = [
                one.encode("utf-8", "replace") if isinstance(one, str) else one for one in flat
            ]
            return texts.reshape(array.shape)
    if array.dtype.kind == "O" or data_type_of(array.dtype) is None:
        raise refused(f"{what} is {type(value).__name__} of {array.dtype}, which is no tensor")
    return array


def _with_text(array: np.ndarray) -> np.ndarray:
    if array.dtype != object:
        return array
    flat = [one.decode("utf-8", "replace") for one in array.reshape(-1).tolist()]
    texts = np.empty(len(flat), object)
    texts[:] = flat
    return texts.reshape(array.shape)


def _definition(
    inputs: Mapping[str, np.ndarray], outputs: Mapping[str, np.ndarray]
) -> SignatureDef:
    rows = {array.shape[0] if array.ndim else None for array in inputs.values()}
    definition = SignatureDef(method_name="tensorflow/serving/predict")
    for tensors, arrays in ((definition.inputs, inputs), (definition.outputs, outputs)):
        for alias, array in arrays.items():
            info = tensors[alias]
            info.name = f"{alias}:0"
            info.dtype = data_type_of(array.dtype) or DataType.STRING
            is_by_rows = array.ndim and {array.shape[0]} == rows
            sizes = (-1, *array.shape[1:]) if is_by_rows else array.shape
            for size in sizes:
                info.tensor_shape.dim.add(size=size)
    return definition

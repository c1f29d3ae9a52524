"""A Python function of this process as a model: arrays by the names of its parameters."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Final

import numpy as np

from tfs_notebook.runtimes.called import failed_line, is_generator, name_of
from tfs_notebook.runtimes.function_loop import FunctionLoop
from tfs_notebook.runtimes.function_parameters import Parameters
from tfs_notebook.runtimes.function_specs import (
    Declared,
    Specs,
    annotations_of,
    declared,
    definition_of,
)
from tfs_notebook.runtimes.function_values import (
    OUTPUT,
    are_close,
    argument_of,
    outputs_of,
    tensor_of,
)
from tfs_notebook.wire.dtypes import DataType, data_type_of, numpy_type, type_name
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

# What a function says of its arguments; everything else is its own fault.
_ABOUT_ARGUMENTS: Final = (ValueError, TypeError, KeyError, IndexError)

_inside: ContextVar[tuple[PythonFunction, ...]] = ContextVar("functions", default=())


class PythonFunction:
    """See :class:`~tfs_notebook.runtimes.model.Model`. One thread at a time is in it.

    The function is given an array for each of its parameters, whose first dimension is the
    rows of a request, and returns an array; or a dict or a tuple of arrays for several
    outputs. Texts are arrays of ``str``. A parameter that is annotated as a list is given
    one. What a coroutine function awaits runs on a loop of its own, not the kernel's.

    Attributes:
        is_batched: whether requests are to share calls.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        example: object | None = None,
        *,
        inputs: Specs | None = None,
        outputs: Specs | None = None,
        batched: bool | None = None,
    ) -> None:
        """Find out what it takes and gives; blocks for a call or two if there is an example.

        Args:
            function: of any kind that returns.
            example: what it is to be run with: an array or nested lists, a batch of rows;
                for several parameters a dict of such.
            inputs: without an example, what it takes; by default what its annotations say.
            outputs: likewise what it gives.
            batched: whether requests may share calls. By default if inputs and outputs are
                by rows; with an example it is called once more then, with other rows, to
                see that each row has its own answer.

        Raises:
            InvalidArgument: the example or the specs do not go with the parameters, or the
                function raised one of the errors that are about arguments; or it is to be
                batched and is not by rows.
            FailedPrecondition: it returns something that is no tensor.
            ServingError: UNKNOWN, whatever else it raised.
        """
        self._function = function
        self._name = name_of(function)
        self._lock = threading.Lock()
        self._loop = FunctionLoop(f"tfs-function-{self._name}")
        if is_generator(function):
            raise InvalidArgument(self._about_generators())
        self._parameters = Parameters(function, self._name)
        self._annotated, self._returns = annotations_of(function)
        self._output_names: list[str] | None = None
        self._casts = example is None
        try:
            definition, is_by_rows = (
                self._declare(inputs, outputs)
                if example is None
                else self._learn(example, inputs, outputs, is_unsure=batched is None)
            )
        except BaseException:
            self.close()
            raise
        self.signature_defs: Mapping[str, SignatureDef] = {DEFAULT_SIGNATURE: definition}
        self.signatures: Mapping[str, Signature] = {
            name: signature_of(name, definition)
            for name, definition in self.signature_defs.items()
        }
        if batched and not is_by_rows:
            raise InvalidArgument(
                f"requests to {self._name}() cannot share calls: "
                f"{'; '.join(map(str, self._tensors()))}, of which the first dimension has to "
                "be that of the rows everywhere. Leave out batched=True"
            )
        self.is_batched = is_by_rows if batched is None else batched

    @property
    def runs_in_turn(self) -> bool:
        """See ``runtimes.model.RunsInTurn``."""
        return True

    @property
    def shares_runs(self) -> bool:
        """See ``runtimes.model.TellsSharing``."""
        return self.is_batched

    @property
    def is_running_here(self) -> bool:
        """Whether the caller is called by it, in this thread or this task."""
        return self in _inside.get()

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
            FailedPrecondition: it returned something else than for the example, or than was
                declared; or not a row for each, and requests share calls.
            ServingError: UNKNOWN, whatever else it raised.
        """
        arrays = {name: inputs[name][0] for name in self._order}
        given = self._call(arrays)
        answers = [self._checked(given, signature, alias) for alias in outputs]
        if self.is_batched:
            rows = next(iter(arrays.values())).shape[:1]
            for alias, answer in zip(outputs, answers, strict=True):
                if answer.shape[:1] != rows:
                    raise FailedPrecondition(
                        f"{self._name}() gave {list(answer.shape)} for {alias}, and was given "
                        f"{rows[0]} rows. Requests share its calls, so each row has to have "
                        "one of the answer; serve it with batched=False if that is not meant"
                    )
        return answers

    def has_effects(self, signature: Signature) -> bool:  # noqa: ARG002 - of no function is it known
        """True: nobody but a client is to call it."""
        return True

    def close(self) -> None:
        """End what a coroutine function runs on; blocks for a moment. It may run again."""
        self._loop.close()

    def _declare(
        self, inputs: Specs | None, outputs: Specs | None
    ) -> tuple[SignatureDef, bool]:
        takes, gives = self._taken(inputs), self._given(outputs)
        self._order = tuple(takes)
        self._output_names = list(gives)
        return definition_of(takes, gives), _are_by_rows(takes, gives)

    def _taken(self, inputs: Specs | None) -> dict[str, Declared]:
        if inputs is None and not self._annotated:
            raise self._unknown("")
        said = inputs if isinstance(inputs, Mapping) else {}
        if inputs is not None and not isinstance(inputs, Mapping):
            said = self._parameters.by_name(inputs, "inputs=")
        try:
            specs = self._parameters.by_name({**self._annotated, **said}, "inputs=")
        except InvalidArgument as error:
            raise (error if inputs is not None else self._unknown(error.message)) from None
        return {
            name: spec if isinstance(spec, Declared) else declared(spec, f"input {name}")
            for name, spec in specs.items()
        }

    def _given(self, outputs: Specs | None) -> Mapping[str, Declared]:
        if outputs is None:
            if not self._returns:
                raise self._unknown("nothing says what it gives")
            return self._returns
        several = outputs if isinstance(outputs, Mapping) else {OUTPUT: outputs}
        if not several:
            raise InvalidArgument(f"outputs= of {self._name}() is empty")
        return {str(name): declared(spec, f"output {name}") for name, spec in several.items()}

    def _unknown(self, detail: str) -> InvalidArgument:
        name = self._name
        first = next(iter(self._parameters.names), "x")
        return InvalidArgument(
            f"what {name}() takes and gives is learnt from a call: serve({name}, example=…) "
            "with a batch of rows as an array, or a dict of arrays by parameter. Or it is "
            f'declared: serve({name}, inputs={{"{first}": "float32"}}, outputs="float32"), or '
            "by annotations such as NDArray[np.float32] and list[str]"
            + (f" ({detail})" if detail else "")
        )

    def _learn(
        self, example: object, inputs: Specs | None, outputs: Specs | None, *, is_unsure: bool
    ) -> tuple[SignatureDef, bool]:
        if inputs is not None or outputs is not None:
            raise InvalidArgument(
                f"an example says what {self._name}() takes and gives: leave out example=, or "
                "inputs= and outputs="
            )
        arrays = {
            name: tensor_of(value, f"{name} of the example", InvalidArgument)
            for name, value in self._parameters.by_name(example, "the example").items()
        }
        self._order = tuple(arrays)
        given = self._call(arrays)
        rows = {array.shape[0] if array.ndim else None for array in arrays.values()}
        takes, gives = _specs(arrays, rows), _specs(given, rows)
        is_by_rows = _are_by_rows(takes, gives)
        if is_by_rows and is_unsure:
            is_by_rows = self._has_own_answers(arrays, given, len(next(iter(arrays.values()))))
        return definition_of(takes, gives), is_by_rows

    def _has_own_answers(
        self, arrays: Mapping[str, np.ndarray], given: Mapping[str, np.ndarray], rows: int
    ) -> bool:
        """Whether rows have the same answers among others; the function is called again."""
        # Of a single row it cannot be seen otherwise whether the answer is by rows.
        size, times = (1, 1) if rows > 1 else (rows, 2)
        try:
            again = self._call(
                {name: np.concatenate([one[:size]] * times) for name, one in arrays.items()}
            )
        except ServingError:
            return False
        return given.keys() == again.keys() and all(
            are_close(np.concatenate([one[:size]] * times), again[alias])
            for alias, one in given.items()
        )

    def _call(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        annotated = self._annotated
        positional, named = self._parameters.arguments(
            {
                name: argument_of(array, as_list=name in annotated and annotated[name].is_list)
                for name, array in arrays.items()
            }
        )
        try:
            with self._lock:
                answer = self._answer(positional, named)
        except ServingError:
            raise
        except (Exception, SystemExit) as error:
            is_about = isinstance(error, _ABOUT_ARGUMENTS)
            code = Code.INVALID_ARGUMENT if is_about else Code.UNKNOWN
            raise error_for_code(code, self._told(error)) from error
        if inspect.isgenerator(answer) or inspect.isasyncgen(answer):
            raise FailedPrecondition(self._about_generators())
        return {
            alias: tensor_of(value, f"what {self._name}() returns", FailedPrecondition)
            for alias, value in outputs_of(answer, self._output_names).items()
        }

    def _answer(self, positional: list[Any], named: dict[str, Any]) -> object:
        token = _inside.set((*_inside.get(), self))
        try:
            answer = self._function(*positional, **named)
            return self._loop.run(answer) if inspect.isawaitable(answer) else answer
        finally:
            _inside.reset(token)

    def _about_generators(self) -> str:
        return (
            f"{self._name}() yields, and what is served returns its whole answer: "
            "np.stack(list(…)) of what it yields, say"
        )

    def _told(self, error: BaseException) -> str:
        line = failed_line(error, self._function)
        where = f" in its line {line}" if line else ""
        return f"{self._name}() raised {type(error).__name__}{where}: {error}"

    def _checked(
        self, given: Mapping[str, np.ndarray], signature: Signature, alias: str
    ) -> np.ndarray:
        wanted = signature.outputs[alias].dtype
        array = given.get(alias)
        if array is not None and self._casts:
            array = _cast(array, wanted)
        if array is None or data_type_of(array.dtype) != wanted:
            got = "nothing" if array is None else str(array.dtype)
            said = "is declared" if self._casts else "for its example"
            raise FailedPrecondition(
                f"{self._name}() gave {got} for {alias}, and {type_name(wanted)} {said}; one "
                "function gives one type"
            )
        seen: np.ndarray = array.view()
        seen.flags.writeable = False
        return seen

    def _tensors(self) -> list[object]:
        signature = self.signatures[DEFAULT_SIGNATURE]
        return [*signature.inputs.values(), *signature.outputs.values()]


def _specs(arrays: Mapping[str, np.ndarray], rows: set[int | None]) -> dict[str, Declared]:
    specs = {}
    for alias, array in arrays.items():
        is_by_rows = array.ndim and {array.shape[0]} == rows
        shape = (-1, *array.shape[1:]) if is_by_rows else array.shape
        specs[alias] = Declared(data_type_of(array.dtype) or DataType.STRING, shape)
    return specs


def _are_by_rows(*several: Mapping[str, Declared]) -> bool:
    return all(spec.is_by_rows for specs in several for spec in specs.values())


def _cast(array: np.ndarray, wanted: int) -> np.ndarray:
    target = numpy_type(wanted)
    if target is None or array.dtype == target or array.dtype == object:
        return array
    return array.astype(target) if np.can_cast(array.dtype, target, "same_kind") else array

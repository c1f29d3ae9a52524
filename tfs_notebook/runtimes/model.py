"""What every runtime gives to the data plane: a loaded model that can be run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from tfs_notebook.wire.messages import SignatureDef
from tfs_notebook.wire.signatures import Signature

__all__ = [
    "Model",
    "RunsInTurn",
    "TakesParts",
    "TellsEffects",
    "TellsSharing",
    "TellsWork",
    "parts_runner",
]


class Model(Protocol):
    """One loaded version of a model.

    Any thread may call :meth:`run`, many at once; it blocks. :meth:`close` is
    called once, after the last run, and blocks until the memory is free.
    """

    @property
    def signatures(self) -> Mapping[str, Signature]:
        """What the model offers, by signature name."""

    @property
    def signature_defs(self) -> Mapping[str, SignatureDef]:
        """The same as clients read it with GetModelMetadata."""

    def run(
        self,
        signature: Signature,
        inputs: Mapping[str, tuple[np.ndarray, int]],
        outputs: Sequence[str],
    ) -> list[np.ndarray]:
        """Run one signature.

        Args:
            signature: one of :attr:`signatures`; or, of a model whose signatures name
                the tensors of one graph, one that was put together of such tensors.
            inputs: array and ``DataType`` number by alias; every input of the
                signature, save those with defaults.
            outputs: the aliases of the outputs wanted.

        Returns:
            one read-only array an output, in the order asked for.

        Raises:
            ServingError: the runtime's own text with its canonical code.
        """

    def close(self) -> None:
        """Free the model."""


@runtime_checkable
class TellsEffects(Protocol):
    """A model that knows what its runs leave behind them."""

    def has_effects(self, signature: Signature) -> bool:
        """Whether a run of one of its signatures may change what later ones find.

        It may also wait for what is outside of it. A run without such effects may be made
        as often as one likes, with whatever inputs.
        """


@runtime_checkable
class TellsWork(Protocol):
    """A model that knows what the work of its runs depends on."""

    def has_steady_work(self, signature: Signature) -> bool:
        """Whether two runs of one of its signatures take the same work if shapes are the same.

        It then neither waits for anything nor repeats as often as a value says.
        """


@runtime_checkable
class RunsInTurn(Protocol):
    """A model that makes one run at a time, of all outputs, however many threads ask."""

    @property
    def runs_in_turn(self) -> bool:
        """Whether it does; if so, a thread that asks meanwhile would only wait."""


@runtime_checkable
class TellsSharing(Protocol):
    """A model that knows whether requests may share its runs."""

    @property
    def shares_runs(self) -> bool:
        """Whether each row of its outputs is that of a row of its inputs."""


@runtime_checkable
class TakesParts(Protocol):
    """A model that can put the inputs of several requests below one another itself."""

    def run_parts(
        self,
        signature: Signature,
        inputs: Mapping[str, tuple[Sequence[np.ndarray], int]],
        outputs: Sequence[str],
    ) -> list[np.ndarray]:
        """As :meth:`Model.run`, each input in parts that are alike but for their rows."""


def parts_runner(
    model: Model,
) -> Callable[
    [Signature, Mapping[str, tuple[Sequence[np.ndarray], int]], Sequence[str]],
    list[np.ndarray],
]:
    """How to run a model on rows that lie in several arrays; otherwise as :meth:`Model.run`."""
    if isinstance(model, TakesParts):
        return model.run_parts

    def run(
        signature: Signature,
        inputs: Mapping[str, tuple[Sequence[np.ndarray], int]],
        outputs: Sequence[str],
    ) -> list[np.ndarray]:
        joined = {
            alias: (parts[0] if len(parts) == 1 else np.concatenate(parts), dtype)
            for alias, (parts, dtype) in inputs.items()
        }
        return model.run(signature, joined, outputs)

    return run

"""What may be said of functions that are to be served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfs_notebook.runtimes.function_specs import Specs

__all__ = ["FunctionOptions"]


@dataclass(frozen=True, slots=True)
class FunctionOptions:
    """What ``serve`` is told of functions; see there.

    Attributes:
        is_by_name: whether inputs and outputs are dicts by the names of several functions.
    """

    inputs: Specs | None = None
    outputs: Specs | None = None
    batched: bool | None = None
    max_batch_size: int | None = None
    batch_timeout_micros: int | None = None
    is_by_name: bool = False

    @property
    def given(self) -> list[str]:
        """What of it is said."""
        names = ("inputs", "outputs", "batched", "max_batch_size", "batch_timeout_micros")
        return [name for name in names if getattr(self, name) is not None]

    @property
    def limits(self) -> dict[str, Any]:
        """What is said of how requests share calls, by the names of ``BatchingParameters``."""
        names = ("max_batch_size", "batch_timeout_micros")
        return {name: getattr(self, name) for name in names if name in self.given}

    def inputs_of(self, name: str) -> Specs | None:
        """What one of the functions takes."""
        return self._of(self.inputs, name)

    def outputs_of(self, name: str) -> Specs | None:
        """What one of the functions gives."""
        return self._of(self.outputs, name)

    def _of(self, specs: Specs | None, name: str) -> Specs | None:
        if not self.is_by_name or not isinstance(specs, Mapping):
            return specs
        return specs.get(name)

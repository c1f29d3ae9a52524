"""Between a source and the manager: what turns paths into loaders.

Sources, adapters and routers are chained by callbacks, from the back to the
front or from the front to the back::

    source.set_aspired_versions_callback(adapter.set_aspired_versions)
    adapter.set_aspired_versions_callback(manager.set_aspired_versions)
"""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from tfs_notebook.lifecycle.servable import ServableData, ServableId
from tfs_notebook.lifecycle.source import AspiredVersionsCallback
from tfs_notebook.wire.errors import ServingError, Unknown

__all__ = [
    "ErrorInjectingSourceAdapter",
    "OutputPort",
    "SourceAdapter",
    "UnarySourceAdapter",
]

logger = logging.getLogger(__name__)

In = TypeVar("In")
Out = TypeVar("Out")
T = TypeVar("T")


class OutputPort(Generic[T]):
    """Where lists of aspired versions come out; a ``Source``.

    What comes before a target is connected is kept, the latest list of each
    name, and handed over when one is. (TensorFlow Serving blocks the caller
    instead, so a chain that is started before it is whole hangs.)

    Any thread may call any method. Lists go out in the order in which they
    came in, one at a time, on the thread that brings them.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._callback: AspiredVersionsCallback[T] | None = None
        self._kept: dict[str, Sequence[ServableData[T]]] = {}

    def set_aspired_versions_callback(self, callback: AspiredVersionsCallback[T]) -> None:
        """Connect the target, and hand over what was kept for it."""
        with self._lock:
            self._callback = callback
            kept, self._kept = self._kept, {}
            for name, versions in kept.items():
                try:
                    callback(name, versions)
                except Exception:
                    # It must not cost the others their lists.
                    logger.exception("What was kept for %s could not be handed over", name)

    def emit(self, name: str, versions: Iterable[ServableData[T]]) -> None:
        """Say which versions of a name should be served: all of them, at once."""
        versions = tuple(versions)
        with self._lock:
            if self._callback is None:
                self._kept[name] = versions
            else:
                self._callback(name, versions)


class SourceAdapter(ABC, Generic[In, Out]):
    """Takes lists of aspired versions of one kind, and gives lists of another.

    The base class of all adapters; :class:`UnarySourceAdapter` is enough for
    most. Any thread may call any method; nothing here blocks.
    """

    def __init__(self) -> None:
        self._output: OutputPort[Out] = OutputPort()

    def set_aspired_versions_callback(self, callback: AspiredVersionsCallback[Out]) -> None:
        """Where to say it; see :class:`OutputPort`."""
        self._output.set_aspired_versions_callback(callback)

    def set_aspired_versions(self, name: str, versions: Iterable[ServableData[In]]) -> None:
        """Take a list, and pass on what becomes of it."""
        self._output.emit(name, self.adapt(name, tuple(versions)))

    @abstractmethod
    def adapt(
        self, name: str, versions: Sequence[ServableData[In]]
    ) -> Iterable[ServableData[Out]]:
        """The list to pass on. Must be quick, and must not call the adapter.

        A version that is left out is unloaded; one that cannot be adapted is
        best passed on with ``ServableData.failed``.
        """


class UnarySourceAdapter(SourceAdapter[In, Out]):
    """Adapts each version by itself, with a function; errors pass through."""

    def __init__(self, convert: Callable[[ServableId, In], Out]) -> None:
        """Make one.

        Args:
            convert: from what the source gives, for instance a path, to what the
                target takes, for instance a loader. What it raises becomes the
                error of this version.
        """
        super().__init__()
        self._convert = convert

    def adapt(
        self, name: str, versions: Sequence[ServableData[In]]
    ) -> Iterable[ServableData[Out]]:
        """See :meth:`SourceAdapter.adapt`."""
        del name
        return tuple(map(self._adapt_one, versions))

    def _adapt_one(self, item: ServableData[In]) -> ServableData[Out]:
        if item.error is not None:
            return ServableData.failed(item.id, item.error)
        try:
            return ServableData.of(item.id, self._convert(item.id, item.data))
        except ServingError as exc:
            return ServableData.failed(item.id, exc.with_traceback(None))
        except Exception as exc:
            logger.exception("Servable %s cannot be adapted", item.id)
            return ServableData.failed(item.id, Unknown(f"{type(exc).__name__}: {exc}"))


class ErrorInjectingSourceAdapter(SourceAdapter[Any, Any]):
    """Turns every version into an error.

    The port of a router that nothing else belongs on, for instance with
    ``NotFound("No platform found for model")``.
    """

    def __init__(self, error: ServingError) -> None:
        super().__init__()
        self._error = error

    def adapt(
        self, name: str, versions: Sequence[ServableData[Any]]
    ) -> Iterable[ServableData[Any]]:
        """See :meth:`SourceAdapter.adapt`."""
        del name
        return tuple(ServableData.failed(item.id, self._error) for item in versions)

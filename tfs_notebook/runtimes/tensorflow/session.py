"""One loaded SavedModel: a session, its graph, and running them."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfs_notebook.runtimes.memory import return_freed_memory
from tfs_notebook.runtimes.tensorflow.library import Buffer, GraphOutput, Library
from tfs_notebook.runtimes.tensorflow.strings import shared_copier
from tfs_notebook.runtimes.tensorflow.tensors import array_from_tensor, tensor_from_parts
from tfs_notebook.wire.errors import FailedPrecondition

__all__ = ["Endpoints", "Session"]


# RunOptions{inter_op_thread_pool: -1}: the graph runs on the calling thread.
_INLINE_POOL = b"\x18" + b"\xff" * 9 + b"\x01"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Tensors of one graph, resolved: what a run feeds, or what it fetches."""

    outputs: ctypes.Array[GraphOutput]

    def __len__(self) -> int:
        return len(self.outputs)


class Session:
    """A session on a SavedModel, through the C API.

    :meth:`load` and :meth:`close` block and belong to the thread that owns the
    model; :meth:`run` may be called from many threads at once, and never after
    :meth:`close` (the lifecycle's handles see to that).
    """

    def __init__(self, library: Library, graph: int, session: int) -> None:
        self._library = library
        self._graph = graph
        self._session = session
        self._inline: Buffer = library.NewBufferFromString(_INLINE_POOL, len(_INLINE_POOL))
        # Whether an op of the graph may keep the strings it is fed.
        self.keeps_strings = False

    @classmethod
    def load(
        cls, library: Library, path: Path, tags: Sequence[str], config: bytes
    ) -> tuple[Session, bytes]:
        """Load the meta graph with these tags; blocks while TensorFlow loads it.

        Args:
            library: the loaded TensorFlow.
            path: the version directory, which holds ``saved_model.pb``.
            tags: the tags of the meta graph, usually ``["serve"]``.
            config: a serialised ``ConfigProto``; empty for the defaults.

        Returns:
            the session, and the serialised ``MetaGraphDef`` it was loaded from.

        Raises:
            ServingError: TensorFlow's own text with its canonical code.
        """
        status, options = library.NewStatus(), library.NewSessionOptions()
        graph, meta_graph = library.NewGraph(), library.NewBuffer()
        names = (ctypes.c_char_p * len(tags))(*(tag.encode() for tag in tags))
        session = None
        try:
            library.SetConfig(options, config, len(config), status)
            library.check(status)
            session = library.LoadSessionFromSavedModel(
                options, None, str(path).encode(), names, len(tags), graph, meta_graph, status
            )
            library.check(status)
            buffer = meta_graph.contents
            definition = ctypes.string_at(buffer.data, buffer.length)
            return cls(library, graph, session), definition
        finally:
            if not session:
                library.DeleteGraph(graph)
            library.DeleteBuffer(meta_graph)
            library.DeleteSessionOptions(options)
            library.DeleteStatus(status)

    def resolve(self, tensor_names: Sequence[str]) -> Endpoints:
        """Find graph tensors by name (``"x:0"``), once, for many runs.

        Raises:
            FailedPrecondition: the graph has no such tensor.
        """
        return Endpoints(
            (GraphOutput * len(tensor_names))(*(self._output(name) for name in tensor_names))
        )

    def _output(self, tensor_name: str) -> GraphOutput:
        name, _, index = tensor_name.partition(":")
        operation = self._library.GraphOperationByName(self._graph, name.encode())
        number = int(index) if index.isdecimal() else 0
        if not operation or number >= self._library.OperationNumOutputs(operation):
            raise FailedPrecondition(
                f"the signature names the tensor {tensor_name!r}, which the graph does not have"
            )
        return GraphOutput(operation, number)

    def run(
        self,
        feeds: Endpoints,
        arrays: Sequence[tuple[Sequence[np.ndarray], int]],
        fetches: Endpoints,
        *,
        inline: bool = False,
    ) -> list[np.ndarray]:
        """Run the graph once; blocks without the GIL until it is done.

        Args:
            feeds: where the arrays go, in their order.
            arrays: what goes below one another in a tensor, usually one array, and the
                ``DataType`` number the tensor is to have.
            fetches: what to return.
            inline: run on this thread, without TensorFlow's inter-op pool.

        Returns:
            one read-only array a fetch.

        Raises:
            ServingError: TensorFlow's own text with its canonical code.
        """
        library = self._library
        options = self._inline if inline else None
        values = (ctypes.c_void_p * len(feeds))()
        results = (ctypes.c_void_p * len(fetches))()
        status = library.NewStatus()
        taken = 0
        try:
            for index, (parts, dtype) in enumerate(arrays):
                values[index] = self._tensor(parts, dtype, options)
            library.SessionRun(
                self._session, options, feeds.outputs, values, len(feeds),
                fetches.outputs, results, len(fetches), None, 0, None, status,
            )  # fmt: skip
            if library.GetCode(status):
                library.check(status)
            decoded = []
            for tensor in results:
                taken += 1
                decoded.append(array_from_tensor(library, tensor or 0))
            return decoded
        finally:
            # The inputs go last: strings of an output may point into them.
            for tensor in results[taken:]:
                if tensor:
                    library.DeleteTensor(tensor)
            for tensor in values:
                if tensor:
                    library.DeleteTensor(tensor)
            library.DeleteStatus(status)

    def _tensor(self, parts: Sequence[np.ndarray], dtype: int, options: Buffer | None) -> int:
        tensor = tensor_from_parts(self._library, parts, dtype)
        if not (self.keeps_strings and parts[0].dtype.hasobject):
            return tensor
        try:
            return shared_copier(self._library).copy(tensor, options)
        finally:
            self._library.DeleteTensor(tensor)

    def close(self) -> None:
        """Free the session and its memory; blocks. Idempotent; no run may be active."""
        if not self._session:
            return
        library = self._library
        session, self._session = self._session, 0
        status = library.NewStatus()
        library.CloseSession(session, status)
        library.DeleteSession(session, status)
        library.DeleteGraph(self._graph)
        library.DeleteBuffer(self._inline)
        library.DeleteStatus(status)
        return_freed_memory()

"""String tensors: NumPy object arrays of ``bytes`` ⇄ TensorFlow's string elements.

An element is a ``TF_TString``, 24 bytes, whose two lowest bits say its kind:

=======  ==========================================================
small    ``size << 2`` in the first byte, then up to 22 bytes inline
large    words ``(size << 2) | 1``, capacity, pointer; owns its bytes
offset   32-bit ``(size << 2) | 2``, offset from the element, count
view     words ``(size << 2) | 3``, pointer, owner; borrows its bytes
=======  ==========================================================

A request's strings become views over one block that also holds their bytes,
so a batch costs one allocation and no call an element. The block comes from
the C library and is given to TensorFlow with ``free`` as its deallocator: a tensor
that a graph keeps by reference (a queue, a variable) keeps the bytes with it.
What a view cannot survive is a graph that copies *elements* and keeps them, for
the copy of a view borrows too; such graphs get elements that own their bytes
(see :class:`OwningCopier`).

The layout is that of ``ctstring_internal.h``; :func:`check_layout` proves it
against the loaded library, and the tensorflow range is pinned to what was tested.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from typing import Final

import numpy as np

from tfs_notebook.runtimes.tensorflow.library import Buffer, GraphOutput, Library
from tfs_notebook.wire.dtypes import DataType
from tfs_notebook.wire.errors import FailedPrecondition, InvalidArgument

__all__ = [
    "OwningCopier",
    "bytes_of_elements",
    "check_layout",
    "new_view_tensor",
    "shared_copier",
]

ELEMENT_SIZE: Final = 24
# ConfigProto{device_count {key: "GPU" value: 0}}
_NO_GPU: Final = b"\x0a\x07\x0a\x03GPU\x10\x00"
_WORDS: Final = ELEMENT_SIZE // 8
_KIND: Final = 3
_SMALL, _LARGE, _OFFSET, _VIEW = range(4)

# TensorFlow calls the deallocator with three arguments; free() reads the first.
_LIBC: Final = ctypes.PyDLL(None)
_ALIGNMENT: Final = 64  # TensorFlow's own for tensor memory
_aligned_alloc = _LIBC.aligned_alloc
_aligned_alloc.restype, _aligned_alloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t] * 2
_FREE: Final = ctypes.cast(_LIBC.free, ctypes.c_void_p)


def new_view_tensor(library: Library, array: np.ndarray) -> int:
    """Return a new string ``TF_Tensor`` whose elements are views of copied bytes.

    ``array`` has dtype object, any shape, elements ``bytes``. The tensor owns the
    copy; the caller owns the tensor. Blocks for one ``memcpy`` of the bytes.

    Raises:
        InvalidArgument: an element is not ``bytes``.
        MemoryError: the block cannot be allocated.
    """
    elements = array.ravel().tolist()
    count = len(elements)
    if not set(map(type, elements)) <= {bytes, np.bytes_}:
        raise InvalidArgument(_not_bytes(elements))
    # Some kernels read an element as a C string, so each ends with a NUL.
    joined = b"\0".join(elements) + b"\0"
    lengths = np.fromiter(map(len, elements), np.uint64, count)
    head = count * ELEMENT_SIZE
    total = -(-(head + len(joined)) // _ALIGNMENT) * _ALIGNMENT
    block = _aligned_alloc(_ALIGNMENT, total)
    if not block:
        raise MemoryError(f"cannot allocate {total} bytes for a string tensor")
    memory = (ctypes.c_uint64 * (count * _WORDS)).from_address(block)
    words = np.frombuffer(memoryview(memory), np.uint64)
    table = words.reshape(count, _WORDS)
    table[:, 0] = (lengths << np.uint64(2)) | np.uint64(_VIEW)
    table[:, 1] = block + head
    table[1:, 1] += np.cumsum(lengths + np.uint64(1), dtype=np.uint64)[:-1]
    table[:, 2] = 0
    ctypes.memmove(block + head, joined, len(joined))
    dims = (ctypes.c_int64 * array.ndim)(*array.shape)
    tensor: int = library.NewTensor(DataType.STRING, dims, array.ndim, block, head, _FREE, None)
    return tensor


def _not_bytes(elements: list[object]) -> str:
    wrong = next(element for element in elements if not isinstance(element, bytes))
    return (
        "a string tensor holds bytes, but an element is "
        f"{type(wrong).__name__}: {str(wrong)[:80]!r}; encode text as UTF-8 first"
    )


def bytes_of_elements(address: int, count: int) -> list[bytes]:
    """Return the bytes of ``count`` string elements that lie at ``address``."""
    raw = ctypes.string_at(address, count * ELEMENT_SIZE)
    words = np.frombuffer(raw, np.uint64).reshape(count, _WORDS)
    kinds = words[:, 0] & np.uint64(_KIND)
    if not kinds.any():
        return [
            raw[start + 1 : start + 1 + (raw[start] >> 2)]
            for start in range(0, len(raw), ELEMENT_SIZE)
        ]
    sizes = (words[:, 0] >> np.uint64(2)).tolist()
    second, third = words[:, 1].tolist(), words[:, 2].tolist()
    string_at = ctypes.string_at
    result = []
    for index, kind in enumerate(kinds.tolist()):
        start = index * ELEMENT_SIZE
        if kind == _VIEW:
            result.append(string_at(second[index], sizes[index]))
        elif kind == _LARGE:
            result.append(string_at(third[index], sizes[index]))
        elif kind == _SMALL:
            result.append(raw[start + 1 : start + 1 + (raw[start] >> 2)])
        else:
            size, offset = np.frombuffer(raw, np.uint32, 2, start).tolist()
            result.append(string_at(address + start + offset, size >> 2))
    return result


def check_layout(library: Library) -> None:
    """Prove that this module reads and writes elements as the library does.

    Raises:
        FailedPrecondition: it does not; strings would be read wrongly, or crash.
    """
    samples = [b"", b"short", b"x" * 22, b"y" * 23, b"z" * 1000]
    elements = ctypes.create_string_buffer(ELEMENT_SIZE * 2 * len(samples))
    base = ctypes.addressof(elements)
    large = [base + index * ELEMENT_SIZE for index in range(len(samples))]
    views = [base + (len(samples) + index) * ELEMENT_SIZE for index in range(len(samples))]
    for copied, viewed, sample in zip(large, views, samples, strict=True):
        library.StringInit(copied)
        library.StringCopy(copied, sample, len(sample))
        library.StringInit(viewed)
        library.StringAssignView(viewed, sample, len(sample))
    read = bytes_of_elements(base, 2 * len(samples))
    for element in large:
        library.StringDealloc(element)
    words = np.frombuffer(elements.raw, np.uint64).reshape(-1, _WORDS)[len(samples) :]
    written = [(len(sample) << 2) | _VIEW for sample in samples]
    if read != samples * 2 or words[:, 0].tolist() != written or sys.byteorder != "little":
        raise FailedPrecondition(
            f"TensorFlow {library.version} lays its strings out in another way than this "
            "release of tfs_notebook knows; install a tensorflow of the range it names"
        )


class OwningCopier:
    """Turns a tensor of views into one whose elements own their bytes.

    TensorFlow does it itself, in a graph that joins each string with an empty
    one and so makes it anew (joining nothing hands the views on). Elements
    copied from here would never be freed, because only a tensor that TensorFlow
    allocated runs their destructors. One a process is enough; any thread may
    call it.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._empty = new_view_tensor(library, np.array(b"", object))
        status, options = library.NewStatus(), library.NewSessionOptions()
        graph = library.NewGraph()
        try:
            library.SetConfig(options, _NO_GPU, len(_NO_GPU), status)
            library.check(status)
            self._feeds = (GraphOutput * 2)(
                self._placeholder(graph, b"strings", status),
                self._placeholder(graph, b"empty", status),
            )
            self._fetches = (GraphOutput * 1)(self._join(graph, status))
            self._session = library.NewSession(graph, options, status)
            library.check(status)
        finally:
            library.DeleteSessionOptions(options)
            library.DeleteStatus(status)

    def _placeholder(self, graph: int, name: bytes, status: int) -> GraphOutput:
        description = self._library.NewOperation(graph, b"Placeholder", name)
        self._library.SetAttrType(description, b"dtype", DataType.STRING)
        return self._finished(description, status)

    def _join(self, graph: int, status: int) -> GraphOutput:
        description = self._library.NewOperation(graph, b"StringJoin", b"joined")
        self._library.AddInputList(description, self._feeds, len(self._feeds))
        return self._finished(description, status)

    def _finished(self, description: int, status: int) -> GraphOutput:
        operation = self._library.FinishOperation(description, status)
        self._library.check(status)
        return GraphOutput(operation, 0)

    def copy(self, tensor: int, run_options: Buffer | None) -> int:
        """Return a new tensor with the same strings; the caller owns both tensors."""
        library = self._library
        status = library.NewStatus()
        values = (ctypes.c_void_p * 2)(tensor, self._empty)
        results = (ctypes.c_void_p * 1)()
        try:
            library.SessionRun(
                self._session, run_options, self._feeds, values, 2, self._fetches, results, 1,
                None, 0, None, status,
            )  # fmt: skip
            library.check(status)
        finally:
            library.DeleteStatus(status)
        copied: int = results[0] or 0
        return copied


_lock = threading.Lock()
_copier: OwningCopier | None = None


def shared_copier(library: Library) -> OwningCopier:
    """The process's copier, made at the first call; any thread may ask."""
    global _copier  # noqa: PLW0603 - once a process
    with _lock:
        if _copier is None:
            _copier = OwningCopier(library)
        return _copier

"""TensorFlow's C library, found and bound without importing ``tensorflow``.

The library is part of the ``tensorflow`` wheel. ``import tensorflow`` costs
about nine seconds and 580 MB; the library alone half a second and 350 MB.

Short calls go through :class:`ctypes.PyDLL`, which keeps the GIL and costs
less; calls that block (load, run, close) go through :class:`ctypes.CDLL`,
which lets the other threads of the process run meanwhile. The library is never
loaded with ``RTLD_GLOBAL``: its symbols would clash with NumPy's.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import sys
import threading
from ctypes import POINTER, c_char_p, c_int, c_int64, c_size_t, c_void_p
from pathlib import Path
from typing import Any, Final

from tfs_notebook.wire.errors import FailedPrecondition, error_for_code

__all__ = ["Buffer", "GraphOutput", "Library", "library_path", "load_library"]

SUPPORTED: Final = "Linux (x86-64, arm64) and macOS (arm64)"
_FILE_NAMES: Final = {"linux": "libtensorflow_cc.so.2", "darwin": "libtensorflow_cc.2.dylib"}
_LOG_ERRORS_ONLY: Final = "2"


class Buffer(ctypes.Structure):
    """``TF_Buffer``: bytes that TensorFlow owns until the buffer is deleted."""

    _fields_ = [("data", c_void_p), ("length", c_size_t), ("deallocator", c_void_p)]


class GraphOutput(ctypes.Structure):
    """``TF_Output``: one output of an operation of a graph."""

    _fields_ = [("operation", c_void_p), ("index", c_int)]


_Outputs = POINTER(GraphOutput)
_Tensors = POINTER(c_void_p)

# name -> (result type, argument types)
_SHORT: Final[dict[str, tuple[Any, list[Any]]]] = {
    "TF_Version": (c_char_p, []),
    "TF_NewStatus": (c_void_p, []),
    "TF_DeleteStatus": (None, [c_void_p]),
    "TF_GetCode": (c_int, [c_void_p]),
    "TF_Message": (c_char_p, [c_void_p]),
    "TF_NewBuffer": (POINTER(Buffer), []),
    "TF_NewBufferFromString": (POINTER(Buffer), [c_char_p, c_size_t]),
    "TF_DeleteBuffer": (None, [POINTER(Buffer)]),
    "TF_NewGraph": (c_void_p, []),
    "TF_GraphOperationByName": (c_void_p, [c_void_p, c_char_p]),
    "TF_OperationNumOutputs": (c_int, [c_void_p]),
    "TF_NewSessionOptions": (c_void_p, []),
    "TF_DeleteSessionOptions": (None, [c_void_p]),
    "TF_SetConfig": (None, [c_void_p, c_char_p, c_size_t, c_void_p]),
    "TF_NewTensor": (
        c_void_p,
        [c_int, c_void_p, c_int, c_void_p, c_size_t, c_void_p, c_void_p],
    ),
    "TF_AllocateTensor": (c_void_p, [c_int, c_void_p, c_int, c_size_t]),
    "TF_DeleteTensor": (None, [c_void_p]),
    "TF_TensorType": (c_int, [c_void_p]),
    "TF_NumDims": (c_int, [c_void_p]),
    "TF_Dim": (c_int64, [c_void_p, c_int]),
    "TF_TensorByteSize": (c_size_t, [c_void_p]),
    "TF_TensorData": (c_void_p, [c_void_p]),
    "TF_StringInit": (None, [c_void_p]),
    "TF_StringCopy": (None, [c_void_p, c_char_p, c_size_t]),
    "TF_StringAssignView": (None, [c_void_p, c_void_p, c_size_t]),
    "TF_StringDealloc": (None, [c_void_p]),
    "TF_NewOperation": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "TF_SetAttrType": (None, [c_void_p, c_char_p, c_int]),
    "TF_AddInputList": (None, [c_void_p, _Outputs, c_int]),
    "TF_FinishOperation": (c_void_p, [c_void_p, c_void_p]),
}
_BLOCKING: Final[dict[str, tuple[Any, list[Any]]]] = {
    "TF_LoadLibrary": (c_void_p, [c_char_p, c_void_p]),
    "TF_LoadSessionFromSavedModel": (
        c_void_p,
        [
            c_void_p,
            POINTER(Buffer),
            c_char_p,
            POINTER(c_char_p),
            c_int,
            c_void_p,
            POINTER(Buffer),
            c_void_p,
        ],
    ),
    "TF_NewSession": (c_void_p, [c_void_p, c_void_p, c_void_p]),
    "TF_SessionRun": (
        None,
        [
            c_void_p,
            POINTER(Buffer),
            _Outputs,
            _Tensors,
            c_int,
            _Outputs,
            _Tensors,
            c_int,
            POINTER(c_void_p),
            c_int,
            POINTER(Buffer),
            c_void_p,
        ],
    ),
    "TF_CloseSession": (None, [c_void_p, c_void_p]),
    "TF_DeleteSession": (None, [c_void_p, c_void_p]),
    "TF_DeleteGraph": (None, [c_void_p]),
}


class Library:
    """The bound functions of one loaded TensorFlow library.

    The functions are attributes named as in ``c_api.h`` without ``TF_``:
    ``library.NewStatus()``. They may be called from any thread.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # Read at TensorFlow's first log line; what it says while it is being
        # loaded (three lines on oneDNN and CUDA) comes before any setting.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", _LOG_ERRORS_ONLY)
        # oneDNN's own allocator never gives memory back: after the unload of a ResNet50
        # the process had 250 MB more than with the system's, whose price is some 5 % of
        # such a model's run time.
        os.environ.setdefault("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "1")
        try:
            short, blocking = ctypes.PyDLL(str(path)), ctypes.CDLL(str(path))
        except OSError as error:
            raise FailedPrecondition(_unusable(f"{path} cannot be loaded: {error}")) from error
        self._bind(short, _SHORT)
        self._bind(blocking, _BLOCKING)
        self.version: str = self.Version().decode()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - ctypes functions have no type
        raise AttributeError(f"TF_{name} is not among the functions this module binds")

    def _bind(self, dll: ctypes.CDLL, functions: dict[str, tuple[Any, list[Any]]]) -> None:
        for name, (result, arguments) in functions.items():
            try:
                function = getattr(dll, name)
            except AttributeError as error:
                raise FailedPrecondition(
                    _unusable(f"{self.path} has no function {name}")
                ) from error
            function.restype, function.argtypes = result, arguments
            setattr(self, name.removeprefix("TF_"), function)

    def check(self, status: int) -> None:
        """Raise the error that a ``TF_Status`` holds; return if it holds none.

        The text is TensorFlow's own and the class that of its canonical code.
        """
        code = self.GetCode(status)
        if code:
            message = self.Message(status).decode("utf-8", "replace")
            raise error_for_code(code, message)


_lock = threading.Lock()
_loaded: Library | None = None


def load_library() -> Library:
    """Return the process's TensorFlow library, loading it at the first call.

    The first call blocks for about half a second; any thread may make it.

    Raises:
        FailedPrecondition: the library is not installed, cannot be loaded on
            this platform, or lacks a function; the text says what to install.
    """
    global _loaded  # noqa: PLW0603 - one library a process, as the loader has it
    with _lock:
        if _loaded is None:
            _loaded = Library(library_path())
        return _loaded


def library_path() -> Path:
    """Where TensorFlow's C library lies; imports and loads nothing.

    Raises:
        FailedPrecondition: it is not installed; the text says what to install.
    """
    name = _FILE_NAMES.get(sys.platform)
    if name is None:
        raise FailedPrecondition(_unusable("this platform is not supported"))
    spec = importlib.util.find_spec("tensorflow")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        if (path := Path(folder) / name).is_file():
            return path
    where = "is not installed" if spec is None else f"has no {name}"
    raise FailedPrecondition(_unusable(f"the Python package tensorflow {where}"))


def _unusable(reason: str) -> str:
    return (
        f"TensorFlow's C library is needed and cannot be used on {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}: {reason}. "
        f"Supported are {SUPPORTED}. Install it with: pip install 'tensorflow>=2.21,<2.22'"
    )

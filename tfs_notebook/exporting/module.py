"""A ``tf.Module`` as a SavedModel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tfs_notebook.exporting.endpoint import Endpoint, Signatures
from tfs_notebook.exporting.frameworks import import_tensorflow, quiet_loggers
from tfs_notebook.exporting.keras_errors import disk_error, told
from tfs_notebook.exporting.traced_function import is_traceable, traced_endpoint
from tfs_notebook.wire.errors import InvalidArgument
from tfs_notebook.wire.signatures import DEFAULT_SIGNATURE

__all__ = ["module_endpoints", "write_module"]


def module_endpoints(
    module: Any,  # noqa: ANN401 - TensorFlow has no types
    signatures: Signatures | None,
) -> list[Endpoint]:
    """What a module is to answer: its ``__call__``, or the functions it is told.

    Raises:
        InvalidArgument: it has none that tells what it takes.
    """
    if signatures is None:
        call: Any = getattr(module, "__call__", None)  # noqa: B004 - the function, not whether
        if not is_traceable(call):
            raise InvalidArgument(
                f"{type(module).__name__} has no __call__ that is a tf.function; say which of "
                'its functions to serve: signatures={"serving_default": module.predict}'
            )
        signatures = {DEFAULT_SIGNATURE: call}
    for name, value in signatures.items():
        if not is_traceable(value):
            raise InvalidArgument(
                f"signature {name} of a module is one of its tf.functions, and got {value!r}"
            )
    return [traced_endpoint(name, value) for name, value in signatures.items()]


def write_module(module: Any, endpoints: Sequence[Endpoint], directory: Path) -> None:  # noqa: ANN401
    """Write ``saved_model.pb`` and what belongs to it; blocks for seconds.

    Raises:
        InvalidArgument: TensorFlow cannot save it; the text says why.
        OSError: it cannot be written.
    """
    tf = import_tensorflow()
    signatures = {
        one.name: tf.function(one.function, input_signature=one.specs, autograph=False)
        for one in endpoints
    }
    # As Keras does it: who asks without a name is meant, too.
    signatures.setdefault(DEFAULT_SIGNATURE, signatures[endpoints[0].name])
    with quiet_loggers():
        try:
            tf.saved_model.save(module, str(directory), signatures=signatures)
        except OSError:
            raise
        except Exception as error:
            if (failed := disk_error(error, directory)) is not None:
                raise failed from error
            raise InvalidArgument(
                f"TensorFlow cannot save the module: {told(error)}"
            ) from error

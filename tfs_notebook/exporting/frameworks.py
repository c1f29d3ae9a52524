"""TensorFlow and Keras as Python packages, which nothing but an export needs."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from tfs_notebook.runtimes.tensorflow.quiet import without_information
from tfs_notebook.wire.errors import FailedPrecondition

__all__ = ["import_keras", "import_tensorflow", "is_keras_model", "is_module", "quiet_loggers"]

_LOGGERS: Final = ("tensorflow", "absl")


def import_tensorflow() -> Any:  # noqa: ANN401 - it has no types
    """The package; blocks for seconds the first time.

    Raises:
        FailedPrecondition: it cannot be imported.
    """
    try:
        with without_information():
            import tensorflow as tf  # noqa: PLC0415 - what takes the seconds
    except ImportError as error:
        raise _missing("tensorflow", error) from error
    return tf


def import_keras() -> Any:  # noqa: ANN401 - it has no types
    """Keras 3 on TensorFlow; blocks for seconds the first time.

    Raises:
        FailedPrecondition: it cannot be imported, is Keras 2, or runs on something else.
    """
    try:
        with without_information():
            import keras  # noqa: PLC0415 - as above
    except ImportError as error:
        raise _missing("keras", error) from error
    if keras.__version__.split(".")[0] == "2":
        raise FailedPrecondition(
            f"export() needs Keras 3, and this is Keras {keras.__version__}. Save the model "
            "with tf.saved_model.save(model, DIR), and export DIR"
        )
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise FailedPrecondition(
            f"Keras runs on {backend} in this process, and a SavedModel is made by TensorFlow. "
            'Save the model, model.save("model.keras"), and export that file from a process '
            'in which os.environ["KERAS_BACKEND"] = "tensorflow" comes before Keras is imported'
        )
    return keras


def is_keras_model(model: object) -> bool:
    """Whether this is a model of Keras 3; imports nothing."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(model, getattr(keras, "Model", ()))


def is_module(model: object) -> bool:
    """Whether this is a ``tf.Module``, and no model of the legacy Keras; imports nothing."""
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None or not isinstance(model, getattr(tensorflow, "Module", ())):
        return False
    return not any(one.__module__.split(".")[0] == "tf_keras" for one in type(model).__mro__)


@contextmanager
def quiet_loggers() -> Iterator[None]:
    """Keeps TensorFlow from telling in the cell what it writes where; errors come through."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _missing(package: str, error: ImportError) -> FailedPrecondition:
    return FailedPrecondition(
        f"{package} cannot be imported here, which export() needs for a model that is no "
        f"SavedModel: {error}. `pip install {package}`, or export the directory of a SavedModel"
    )

"""A model that Keras has saved: ``.keras``, ``.h5`` or ``.hdf5``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tfs_notebook.exporting.frameworks import import_keras
from tfs_notebook.exporting.keras_errors import told
from tfs_notebook.wire.errors import InvalidArgument

__all__ = ["KERAS_SUFFIXES", "load_keras_file"]

KERAS_SUFFIXES: Final = (".keras", ".h5", ".hdf5")

_UNKNOWN_CLASS: Final = ("Could not locate", "Unknown layer", "Unknown ")
_UNSAFE: Final = "ambda"
# What no layer of Keras 3 is told.
_LEGACY: Final = "batch_input_shape"
_WEIGHTS: Final = "No model config"


def load_keras_file(path: Path, custom_objects: Mapping[str, object] | None) -> Any:  # noqa: ANN401
    """The model in a file, without its optimizer; blocks for seconds.

    Nothing in the file is executed: a Lambda layer is refused, as Keras has it.

    Args:
        path: of the file.
        custom_objects: classes and functions by name, as ``load_model`` takes them.

    Raises:
        InvalidArgument: Keras cannot load it; the text says what helps.
    """
    keras = import_keras()
    try:
        return keras.models.load_model(path, custom_objects=custom_objects, compile=False)
    except Exception as error:
        raise InvalidArgument(
            f"Keras {keras.__version__} cannot load {path}: {told(error)}{_advice(str(error))}"
        ) from error


def _advice(text: str) -> str:
    if _UNSAFE in text:
        return (
            "\nIf you trust the file, load it yourself, keras.models.load_model(PATH, "
            "safe_mode=False), and export the model"
        )
    if _WEIGHTS in text:
        return "\nThe file holds weights only: build the model, load_weights(PATH), export that"
    if _LEGACY in text:
        return (
            "\nThe file seems to be of Keras 2: load it with tf_keras, model.export(DIR), and "
            "export DIR"
        )
    if any(one in text for one in _UNKNOWN_CLASS):
        return "\nClasses of your own come by name: custom_objects={'MyLayer': MyLayer}"
    return ""

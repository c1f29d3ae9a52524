"""The network of the demo's digits: 8 × 8 pixels in, ten logits out, in Keras."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import keras

__all__ = ["INPUT", "OUTPUT", "train_and_export"]

INPUT: Final = "image"
OUTPUT: Final = "scores"

_CLASSES: Final = 10
_BATCH: Final = 32


def train_and_export(
    inputs: np.ndarray,
    classes: np.ndarray,
    directory: Path,
    *,
    filters: int,
    epochs: int,
    seed: int,
    progress: Callable[[str], None],
) -> None:
    """Train the network and write it as a SavedModel with ``serving_default``.

    Args:
        inputs: float32 of shape ``[pictures, height, width, 1]``.
        classes: the index of the right score, for each picture.
        directory: where ``saved_model.pb`` goes; made if it is not there.
        filters: of the convolution; without any, the pixels are weighed by themselves.
        epochs: how often each picture is seen.
        seed: of the random start; the same gives the same network.
        progress: told what came of it.
    """
    # Said before the library is loaded, whose own reports hide ours.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras  # noqa: PLC0415 - ten seconds, for training only

    keras.utils.set_random_seed(seed)
    model = _network(inputs.shape[1:], filters)
    model.compile(
        keras.optimizers.Adam(2e-3),
        {OUTPUT: keras.losses.SparseCategoricalCrossentropy(from_logits=True)},
        metrics={OUTPUT: ["accuracy"]},
    )
    seen: Any = model.fit(inputs, classes, batch_size=_BATCH, epochs=epochs, verbose=0)
    progress(f"{epochs} epochs: accuracy {seen.history['accuracy'][-1]:.3f} in training")
    model.export(str(directory), verbose=False)


def _network(shape: tuple[int, ...], filters: int) -> keras.Model:
    import keras  # noqa: PLC0415

    layers = keras.layers
    image = keras.Input(shape, name=INPUT)
    features: Any = image
    if filters:
        features = layers.Conv2D(filters, 3, padding="same", activation="relu")(features)
        features = layers.Conv2D(filters, 3, activation="relu")(features)
        features = layers.MaxPooling2D()(features)
        features = layers.Dropout(0.25)(features)
    scores = layers.Dense(_CLASSES, name=OUTPUT)(layers.Flatten()(features))
    return keras.Model(image, {OUTPUT: scores})

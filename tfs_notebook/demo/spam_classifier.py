"""The network of the demo: vectors of twenty words in, two scores out, in Keras."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import keras

__all__ = ["INPUT", "OUTPUT", "WORDS", "trained"]

WORDS: Final = 20
INPUT: Final = "words"
OUTPUT: Final = "scores"

_FILTERS: Final = 128
_BATCH: Final = 32


def trained(
    inputs: np.ndarray,
    classes: np.ndarray,
    *,
    epochs: int,
    seed: int,
    progress: Callable[[str], None],
) -> keras.Model:
    """Train the network.

    Args:
        inputs: float32 of shape ``[messages, 20, values]``.
        classes: the index of the right score, for each message.
        epochs: how often each message is seen.
        seed: of the random start; the same gives the same network.
        progress: told a line at the end of each epoch.
    """
    # Said before the library is loaded, whose own reports hide ours.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras  # noqa: PLC0415 - ten seconds, for training only

    keras.utils.set_random_seed(seed)
    model = _network(inputs.shape[2], steps=epochs * math.ceil(len(inputs) / _BATCH))
    model.fit(
        inputs,
        np.eye(2, dtype=np.float32)[classes],
        batch_size=_BATCH,
        epochs=epochs,
        class_weight=_balancing(classes),
        verbose=0,
        callbacks=[_reporting(epochs, progress)],
    )
    return model


def _balancing(classes: np.ndarray) -> dict[int, float]:
    # Where spam is rare, missing all of it would cost little without this.
    counts = np.bincount(classes, minlength=2)
    return {
        index: len(classes) / (2 * max(int(count), 1)) for index, count in enumerate(counts)
    }


def _network(values: int, steps: int) -> keras.Model:
    import keras  # noqa: PLC0415

    layers = keras.layers
    words = keras.Input((WORDS, values), name=INPUT)
    # Whole words go missing, and single values: few messages, many words.
    kept: Any = layers.Dropout(0.1, noise_shape=(None, WORDS, 1))(words)
    kept = layers.SpatialDropout1D(0.3)(kept)
    found: list[Any] = []
    for width in (1, 2, 3):
        features = layers.Conv1D(_FILTERS, width, padding="same", activation="relu")(kept)
        found.append(layers.GlobalMaxPooling1D()(features))
        found.append(layers.GlobalAveragePooling1D()(features))
    joined = layers.Dropout(0.5)(layers.Concatenate()(found))
    scores = layers.Dense(2, activation="softmax", name=OUTPUT)(joined)
    model = keras.Model(words, {OUTPUT: scores})
    model.compile(
        # Falling to nothing, so that it does not matter much which epoch is the last.
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps)),
        {OUTPUT: keras.losses.CategoricalCrossentropy(label_smoothing=0.05)},
        metrics={OUTPUT: ["accuracy"]},
    )
    return model


def _reporting(epochs: int, progress: Callable[[str], None]) -> keras.callbacks.Callback:
    import keras  # noqa: PLC0415

    def report(epoch: int, logs: dict[str, float]) -> None:
        progress(
            f"epoch {epoch + 1:2} of {epochs}: loss {logs['loss']:.3f}, "
            f"accuracy {logs['accuracy']:.3f}"
        )

    return keras.callbacks.LambdaCallback(on_epoch_end=report)

"""What Keras 3 and the legacy tf_keras export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tf_keras

from tests.models.inputs import strings
from tests.models.recording import Call

_grid = np.linspace(-1, 1, 8, dtype=np.float32).reshape(2, 4)
_texts = strings(b"free prize now", b"see you at home", b"nothing known").reshape(3, 1)


def _dense(library: Any) -> Any:
    library.utils.set_random_seed(7)
    inputs = library.Input((4,), name="features")
    hidden = library.layers.Dense(3, activation="relu")(inputs)
    return library.Model(
        inputs,
        {
            "score": library.layers.Dense(1, activation="sigmoid")(hidden),
            "hidden": hidden,
        },
    )


def keras_3(path: Path) -> list[Call]:
    """``model.export`` of a functional model with two outputs."""
    _dense(keras).export(str(path), verbose=False)
    return [Call("serving_default", {"features": _grid}, tolerance=1e-5)]


def legacy_keras(path: Path) -> list[Call]:
    """``tf.saved_model.save`` of a tf_keras model, training nodes and all."""
    tf.saved_model.save(_dense(tf_keras), str(path))
    return [Call("serving_default", {"features": _grid}, tolerance=1e-5)]


def legacy_export(path: Path) -> list[Call]:
    """``export`` of tf_keras, whose signature has names of its own."""
    model = tf_keras.Sequential(
        [tf_keras.layers.Dense(2, input_shape=(4,), kernel_initializer="ones")]
    )
    model.export(str(path))
    return []


def text_classifier(path: Path) -> list[Call]:
    """Keras 3 with a TextVectorization, so with a table of words in the graph."""
    keras.utils.set_random_seed(7)
    words = keras.layers.TextVectorization(
        output_mode="multi_hot", vocabulary=["free", "prize", "now", "see", "you", "home"]
    )
    inputs = keras.Input((1,), dtype="string", name="text")
    outputs = keras.layers.Dense(2, activation="softmax")(words(inputs))
    keras.Model(inputs, outputs).export(str(path), verbose=False)
    return [Call("serving_default", {"text": _texts}, tolerance=1e-5)]


def string_lookup(path: Path) -> list[Call]:
    """Keras 3 with StringLookup there and back again."""
    vocabulary = ["ham", "spam", "a label of more than twenty-two bytes"]
    inputs = keras.Input((1,), dtype="string", name="label")
    numbers = keras.layers.StringLookup(vocabulary=vocabulary)(inputs)
    back = keras.layers.StringLookup(vocabulary=vocabulary, invert=True)(numbers)
    model = keras.Model(inputs, {"number": numbers, "label": back})
    model.export(str(path), verbose=False)
    labels = strings(b"spam", b"eggs", vocabulary[2].encode()).reshape(3, 1)
    return [Call("serving_default", {"label": labels})]

"""Keras models of many kinds, trained for a step where that makes a difference."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import numpy as np

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import keras
    import tensorflow as tf

__all__ = ["Gated", "keras", "mlp", "tf"]

layers = keras.layers


@cache
def mlp() -> Any:
    """Trained for a step, with layers that answer otherwise while they are trained."""
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(16, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.GaussianNoise(1.0),
            layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile("adam", "mse")
    numbers = np.random.default_rng(0)
    model.fit(numbers.random((32, 4)), numbers.random((32, 2)), verbose=0)
    return model


def two_inputs(kind: type) -> Any:
    """In a list or in a dict, and out in the same kind."""
    keras.utils.set_random_seed(4)
    age = keras.Input((1,), name="age")
    words = keras.Input((None,), dtype="int32", name="words")
    mean = layers.GlobalAveragePooling1D()(layers.Embedding(10, 3)(words))
    joined = layers.Concatenate()([age, mean])
    low, high = layers.Dense(1)(joined), layers.Dense(2)(joined)
    if kind is dict:
        return keras.Model({"age": age, "words": words}, {"low": low, "high": high})
    return keras.Model([age, words], [low, high])


def lstm() -> Any:
    """Sequences of any length, padded with zeros that are masked."""
    keras.utils.set_random_seed(5)
    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32", name="tokens"),
            layers.Embedding(20, 4, mask_zero=True),
            layers.Bidirectional(layers.LSTM(5)),
            layers.Dense(1),
        ]
    )


def text() -> Any:
    """Raw text in, with the words in the graph."""
    keras.utils.set_random_seed(6)
    words = layers.TextVectorization(
        output_mode="multi_hot", vocabulary=["free", "prize", "你好"]
    )
    given = keras.Input((1,), dtype="string", name="text")
    return keras.Model(given, layers.Dense(2, activation="softmax")(words(given)))


def image() -> Any:
    """Pictures of any size, scaled by the model itself."""
    keras.utils.set_random_seed(7)
    return keras.Sequential(
        [
            keras.Input((None, None, 3), dtype="uint8", name="image"),
            layers.Rescaling(1 / 255),
            layers.RandomFlip(),
            layers.Conv2D(4, 5, strides=3),
            layers.GlobalMaxPooling2D(),
            layers.Dense(3),
        ]
    )


def mixed_precision() -> Any:
    """Computes in half precision, gives the usual one."""
    keras.utils.set_random_seed(8)
    policy = keras.DTypePolicy("mixed_float16")
    hidden = [layers.Dense(64, activation="tanh", dtype=policy) for _ in range(3)]
    return keras.Sequential([keras.Input((8,)), *hidden, layers.Dense(1, dtype="float32")])


class Gated(keras.Model):  # type: ignore[misc]
    """A class of one's own, that trains where nobody says otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = layers.Embedding(10, 3)
        self.score = layers.Dense(2)
        self.dropout = layers.Dropout(0.5)

    def call(self, inputs: Any, training: bool = True) -> dict[str, Any]:
        found = tf.reduce_sum(self.embedding(inputs["ids"]), axis=1)
        scored = self.score(found) * inputs["weight"]
        return {"scores": self.dropout(scored, training=training)}


@keras.saving.register_keras_serializable("tests")
class Doubled(keras.layers.Layer):  # type: ignore[misc]
    """Known to Keras by its name."""

    def call(self, inputs: Any) -> Any:
        return inputs * 2.0


class Tripled(keras.layers.Layer):  # type: ignore[misc]
    """Known to nobody."""

    def call(self, inputs: Any) -> Any:
        return inputs * 3.0


class Eager(keras.layers.Layer):  # type: ignore[misc]
    """Answers otherwise in a graph."""

    def call(self, inputs: Any) -> Any:
        return inputs * (2.0 if tf.executing_eagerly() else 3.0)


class OneRow(keras.layers.Layer):  # type: ignore[misc]
    """Is right for one row only once it is a graph."""

    def call(self, inputs: Any) -> Any:
        if tf.executing_eagerly():
            return inputs
        return inputs * tf.cast(tf.shape(inputs)[0], inputs.dtype)


class Noisy(keras.layers.Layer):  # type: ignore[misc]
    """Random in inference too."""

    def call(self, inputs: Any) -> Any:
        return inputs + keras.random.uniform(tf.shape(inputs))


class Counting(keras.layers.Layer):  # type: ignore[misc]
    """Counts how often it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.count = self.add_weight(initializer="zeros", trainable=False)

    def call(self, inputs: Any) -> Any:
        self.count.assign_add(1.0)
        return inputs + self.count


def of_layer(layer: Any) -> Any:
    """A model of nothing else."""
    return keras.Sequential([keras.Input((2,)), layer])


class Scaled(tf.Module):  # type: ignore[misc]
    """A module with two functions."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = tf.Variable(2.0)

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.float32, name="x")])  # type: ignore[untyped-decorator]
    def __call__(self, x: Any) -> Any:
        return {"y": self.factor * x}

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.float32, name="x")])  # type: ignore[untyped-decorator]
    def inverse(self, x: Any) -> Any:
        return x / self.factor

    @tf.function  # type: ignore[untyped-decorator]
    def vague(self, x: Any) -> Any:
        return x

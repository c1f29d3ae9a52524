"""A model whose runs hang when they are told to, until somebody lets them go."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

from tests.models.inputs import strings
from tests.models.recording import Call
from tests.models.tf1 import CLASSIFY, REGRESS, Signatures, save, signature

v1 = tf.compat.v1


def hangs(path: Path) -> list[Call]:
    """2x; a negative number hangs until ``let_go`` is asked, or until a pipe has a writer."""

    def build() -> Signatures:
        x = v1.placeholder(tf.float32, [None], name="x")
        queue = v1.FIFOQueue(1000, [tf.float32], [[]], shared_name="gate")
        count = v1.placeholder(tf.float32, [None], name="count")
        with tf.control_dependencies([queue.enqueue_many(count)]):
            added = tf.identity(count)
        is_negative = tf.reduce_any(x < 0.0)

        waited = v1.cond(is_negative, queue.dequeue, lambda: tf.constant(0.0))
        pipe = v1.placeholder(tf.string, [None], name="pipe")
        read = v1.cond(is_negative, lambda: tf.io.read_file(pipe[0]), lambda: tf.constant(""))
        with tf.control_dependencies([waited]):
            doubled = x * 2.0
        with tf.control_dependencies([read]):
            doubled_then = x * 2.0
        serialized = v1.placeholder(tf.string, [None], name="tf_example")
        features = tf.io.parse_example(serialized, {"x": tf.io.FixedLenFeature([], tf.float32)})
        waited_for = v1.cond(
            tf.reduce_any(features["x"] < 0.0), queue.dequeue, lambda: tf.constant(0.0)
        )
        with tf.control_dependencies([waited_for]):
            doubled_of_examples = features["x"] * 2.0
        examples = {"inputs": serialized}
        return {
            "values": signature(examples, {"outputs": doubled_of_examples}, REGRESS),
            "scores": signature(examples, {"scores": doubled_of_examples[:, None]}, CLASSIFY),
            "serving_default": signature({"x": x}, {"y": doubled}),
            "from_pipe": signature({"x": x, "pipe": pipe}, {"y": doubled_then}),
            "let_go": signature({"count": count}, {"added": added}),
        }

    save(path, build)
    x = np.array([1.0, 2.5], np.float32)
    return [
        Call("serving_default", {"x": x}),
        Call("from_pipe", {"x": x, "pipe": strings(b"", b"")}),
    ]

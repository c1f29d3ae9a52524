"""Models in TensorFlow 1 style: a graph, a session, signatures written by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tests.models.inputs import DTYPES, SAMPLES, strings
from tests.models.recording import Call

v1 = tf.compat.v1

PREDICT = "tensorflow/serving/predict"
CLASSIFY = "tensorflow/serving/classify"
REGRESS = "tensorflow/serving/regress"

Signatures = Mapping[str, Any]


def save(
    path: Path,
    build: Callable[[], Signatures],
    tags: tuple[str, ...] = ("serve",),
) -> None:
    with v1.Graph().as_default(), v1.Session() as session:
        signatures = build()
        session.run(v1.global_variables_initializer())
        builder = v1.saved_model.Builder(str(path))
        builder.add_meta_graph_and_variables(
            session,
            list(tags),
            signature_def_map=dict(signatures),
            assets_collection=v1.get_collection(v1.GraphKeys.ASSET_FILEPATHS),
            main_op=v1.tables_initializer(),
            strip_default_attrs=True,
        )
        builder.save()


def signature(
    inputs: Mapping[str, Any], outputs: Mapping[str, Any], method: str = PREDICT
) -> Any:
    info = v1.saved_model.build_tensor_info
    return v1.saved_model.build_signature_def(
        {alias: info(tensor) for alias, tensor in inputs.items()},
        {alias: info(tensor) for alias, tensor in outputs.items()},
        method,
    )


def _examples(**features: list[float]) -> np.ndarray:
    columns = list(features.items())
    rows = []
    for index in range(len(columns[0][1])):
        example = tf.train.Example()
        for name, values in columns:
            example.features.feature[name].float_list.value.append(values[index])
        rows.append(example.SerializeToString())
    return strings(*rows)


def half_plus(path: Path, addend: float) -> list[Call]:
    """x/2 + addend, with the signatures of TensorFlow Serving's half_plus_two."""

    def build() -> Signatures:
        half, plus = v1.Variable(0.5, name="a"), v1.Variable(addend, name="b")
        plus_more = v1.Variable(addend + 1.0, name="c")
        counted = v1.get_variable(
            "counted", initializer=tf.constant([1.0, 2.0, 3.0]), use_resource=False
        )
        serialized = v1.placeholder(tf.string, [None], name="tf_example")
        features = v1.io.parse_example(
            serialized,
            {
                "x": v1.io.FixedLenFeature([1], tf.float32),
                "x2": v1.io.FixedLenFeature([1], tf.float32, default_value=[0.0]),
            },
        )
        # Fed by Predict, or made from the examples.
        x = tf.identity(features["x"], name="x")
        y = v1.add(v1.multiply(half, x), plus, name="y")
        y2 = v1.add(v1.multiply(half, x), plus_more, name="y2")
        y3 = v1.add(v1.multiply(half, features["x2"]), plus_more, name="y3")
        classes = tf.tile(tf.constant([["positive"]]), [tf.shape(y)[0], 1])
        return {
            "serving_default": signature({"x": x}, {"y": y}),
            "regress_x_to_y": signature({"inputs": serialized}, {"outputs": y}, REGRESS),
            "regress_x_to_y2": signature({"inputs": serialized}, {"outputs": y2}, REGRESS),
            "regress_x2_to_y3": signature({"inputs": serialized}, {"outputs": y3}, REGRESS),
            "classify_x_to_y": signature(
                {"inputs": serialized}, {"classes": classes, "scores": y}, CLASSIFY
            ),
            # One tensor under two names, and one of a reference type.
            "twice": signature({"x": x}, {"y": y, "again": y}),
            "reference": signature({"x": x}, {"y": y, "counted": counted}),
            "odd_method": signature({"x": x}, {"y": y}, "somebody/elses/method"),
        }

    save(path, build)
    one = np.array([[1.0], [2.0], [5.0]], np.float32)
    examples = _examples(x=[1.0, 4.0, -6.0], x2=[2.0, 2.0, 10.0])
    return [
        Call("serving_default", {"x": one}),
        Call("serving_default", {"x": np.array([1.0, 2.0, 5.0], np.float32)}),
        Call("serving_default", {"x": np.array(3.0, np.float32)}),
        Call("serving_default", {"x": np.empty((0, 1), np.float32)}),
        Call("regress_x_to_y", {"inputs": examples}),
        Call("regress_x_to_y2", {"inputs": examples}),
        Call("regress_x2_to_y3", {"inputs": examples}),
        Call("classify_x_to_y", {"inputs": examples}),
        Call("twice", {"x": one}),
        Call("reference", {"x": one}),
    ]


def identities(path: Path) -> list[Call]:
    """Every element type given back as it came; a signature each."""

    def build() -> Signatures:
        signatures = {}
        for name in DTYPES:
            x = v1.placeholder(tf.as_dtype(name), None)
            signatures[name] = signature({"x": x}, {"y": tf.identity(x)})
        return signatures

    save(path, build)
    return [
        Call(name, {"x": sample})
        for name in DTYPES
        for sample in (
            SAMPLES[name],
            SAMPLES[name][:0],
            SAMPLES[name][:1].reshape(()),
            SAMPLES[name][:4].reshape(2, 2),
        )
    ]


def coo_sparse(path: Path) -> list[Call]:
    """A sparse input and a sparse output, as TensorFlow 1 writes them down."""

    def build() -> Signatures:
        x = v1.sparse_placeholder(tf.float32, [None, 4], name="x")
        # A tensor that is fed cannot be fetched as well.
        indices, shape = tf.identity(x.indices), tf.identity(x.dense_shape)
        doubled = tf.SparseTensor(indices, x.values * 2.0, shape)
        dense = tf.sparse.to_dense(doubled)
        return {
            "serving_default": signature({"x": x}, {"dense": dense}),
            "sparse_output": signature({"x": x}, {"doubled": doubled}),
            "fed_and_fetched": signature({"x": x}, {"x": x}),
        }

    save(path, build)
    parts: dict[str, np.ndarray] = {
        "x/indices": np.array([[0, 1], [2, 3]], np.int64),
        "x/values": np.array([1.5, -2.0], np.float32),
        "x/dense_shape": np.array([3, 4], np.int64),
    }
    return [Call("serving_default", parts), Call("sparse_output", parts)]


def string_keepers(path: Path) -> list[Call]:
    """Strings that outlive the run that brought them: a table, a variable, a queue …"""

    def build() -> Signatures:
        numbers = v1.placeholder(tf.int64, [None], name="numbers")
        values = v1.placeholder(tf.string, [None], name="values")
        count = tf.size(values)
        by_number = tf.lookup.experimental.MutableHashTable(tf.int64, tf.string, b"?")
        by_value = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
        variable = v1.get_variable(
            "kept",
            initializer=tf.constant([], tf.string),
            validate_shape=False,
            use_resource=True,
        )
        old_variable = v1.get_variable(
            "kept_by_reference",
            initializer=tf.constant([], tf.string),
            validate_shape=False,
            use_resource=False,
        )
        queue = v1.FIFOQueue(100_000, [tf.string], [[]], shared_name="kept_in_queue")
        inserts = [by_number.insert(numbers, values), by_value.insert(values, numbers)]
        with tf.control_dependencies(inserts):
            inserted = tf.identity(count)
        with tf.control_dependencies([variable.assign(values)]):
            assigned = tf.identity(count)
        with tf.control_dependencies([v1.assign(old_variable, values, validate_shape=False)]):
            assigned_old = tf.identity(count)
        with tf.control_dependencies([queue.enqueue_many(values)]):
            enqueued = tf.identity(count)
        return {
            "insert": signature({"numbers": numbers, "values": values}, {"count": inserted}),
            "values": signature({"numbers": numbers}, {"values": by_number.lookup(numbers)}),
            "numbers": signature({"values": values}, {"numbers": by_value.lookup(values)}),
            "assign": signature({"values": values}, {"count": assigned}),
            "read": signature({}, {"values": variable.read_value()}),
            "assign_old": signature({"values": values}, {"count": assigned_old}),
            "read_old": signature({}, {"values": tf.identity(old_variable)}),
            "enqueue": signature({"values": values}, {"count": enqueued}),
            "dequeue": signature({}, {"values": queue.dequeue_many(queue.size())}),
        }

    save(path, build)
    numbers = np.array([1, 2, 3], np.int64)
    values = strings(b"one", b"", b"a long value that takes more than twenty-two bytes")
    return [
        Call("insert", {"numbers": numbers, "values": values}),
        Call("values", {"numbers": numbers}),
        Call("values", {"numbers": -numbers}),
        Call("numbers", {"values": values[::-1]}),
        Call("assign", {"values": values}),
        Call("read", {}),
        Call("assign_old", {"values": values[1:]}),
        Call("read_old", {}),
        Call("enqueue", {"values": values}),
        Call("dequeue", {}),
    ]


def other_tags(path: Path) -> list[Call]:
    """A meta graph that is found under tags of its own only."""

    def build() -> Signatures:
        x = v1.placeholder(tf.float32, [None])
        return {"serving_default": signature({"x": x}, {"y": x + 1.0})}

    save(path, build, ("serve", "special"))
    return []

"""Models that take ``tf.Example``, and signatures that are wrong for it in every way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from tests.models.inputs import strings
from tests.models.recording import Call
from tests.models.tf1 import CLASSIFY, PREDICT, REGRESS, Signatures, save, signature

v1 = tf.compat.v1


def examples(path: Path) -> list[Call]:
    """Labels and scores of the features ``name``, ``x`` and ``count``, and their faults."""

    def build() -> Signatures:
        serialized = v1.placeholder(tf.string, [None], name="tf_example")
        features = _features(serialized)
        counter = v1.get_variable(
            "runs", initializer=tf.constant(0.0), use_resource=True, trainable=False
        )
        # Once a run, however many outputs are made of it.
        runs = tf.fill([tf.size(serialized)], counter.assign_add(1.0, read_value=True))
        return {
            **_classifications(serialized, features),
            **_faulty_classifications(serialized, features),
            **_regressions(serialized, features),
            **_faulty_regressions(serialized, features),
            **_counted(serialized, runs),
        }

    save(path, build)
    rows = strings(_example(b"one", 1.5, 3), _example(b"", 0.0, 0), _example(b"three", -2.0, 7))
    return [
        Call(name, {"inputs": rows})
        for name in ("serving_default", "labels", "scores", "values", "column")
    ]


def _example(name: bytes, x: float, count: int) -> bytes:
    example = tf.train.Example()
    feature = example.features.feature
    feature["name"].bytes_list.value.append(name)
    feature["x"].float_list.value.append(x)
    feature["count"].int64_list.value.append(count)
    serialized: bytes = example.SerializeToString()
    return serialized


def _features(serialized: Any) -> dict[str, Any]:
    feature = v1.io.FixedLenFeature
    parsed: dict[str, Any] = v1.io.parse_example(
        serialized,
        {
            "x": feature([1], tf.float32, default_value=[0.0]),
            "name": feature([1], tf.string, default_value=["nobody"]),
            "count": feature([1], tf.int64, default_value=[0]),
        },
    )
    return parsed


def _classifications(serialized: Any, features: Mapping[str, Any]) -> Signatures:
    inputs = {"inputs": serialized}
    name, x = features["name"], features["x"]
    labels = tf.concat([name, tf.fill(tf.shape(name), "other")], 1)
    scores = tf.concat([x, tf.cast(features["count"], tf.float32)], 1)
    both = {"classes": labels, "scores": scores}
    return {
        "serving_default": signature(inputs, both, CLASSIFY),
        "labels": signature(inputs, {"classes": labels}, CLASSIFY),
        "scores": signature(inputs, {"scores": scores}, CLASSIFY),
        "no_classes": signature(inputs, {"scores": scores[:, :0]}, CLASSIFY),
    }


def _faulty_classifications(serialized: Any, features: Mapping[str, Any]) -> Signatures:
    inputs = {"inputs": serialized}
    name, x = features["name"], features["x"]
    numbers = v1.placeholder(tf.float32, [None, 1], name="numbers")
    outputs = {
        "labels_in_a_row": {"classes": name[:, 0]},
        "labels_are_numbers": {"classes": features["count"]},
        "labels_of_one": {"classes": tf.constant([["only", "one"]])},
        "scores_in_a_cube": {"scores": x[:, :, tf.newaxis]},
        "scores_are_doubles": {"scores": tf.cast(x, tf.float64)},
        "scores_of_one": {"scores": tf.constant([[1.0]])},
        "more_labels": {"classes": tf.concat([name, name], 1), "scores": x},
        "neither": {"somethings": x},
        "three": {"classes": name, "scores": x, "third": x},
    }
    return {
        **{key: signature(inputs, value, CLASSIFY) for key, value in outputs.items()},
        "no_inputs": signature({"strings": serialized}, {"scores": x}, CLASSIFY),
        "two_inputs": signature({**inputs, "more": numbers}, {"scores": x}, CLASSIFY),
        "takes_numbers": signature(
            {"inputs": numbers}, {"scores": tf.identity(numbers)}, CLASSIFY
        ),
    }


def _regressions(serialized: Any, features: Mapping[str, Any]) -> Signatures:
    inputs, x = {"inputs": serialized}, features["x"]
    other = v1.placeholder(tf.string, [None], name="other_example")
    return {
        "values": signature(inputs, {"outputs": x[:, 0]}, REGRESS),
        "column": signature(inputs, {"outputs": x}, REGRESS),
        "lengths": signature(
            inputs, {"outputs": tf.cast(features["count"], tf.float32)}, REGRESS
        ),
        "other": signature({"inputs": other}, {"outputs": _features(other)["x"]}, REGRESS),
        "for_predict": signature(inputs, {"outputs": x}, PREDICT),
    }


def _faulty_regressions(serialized: Any, features: Mapping[str, Any]) -> Signatures:
    inputs, x = {"inputs": serialized}, features["x"]
    outputs = {
        "two_columns": {"outputs": tf.concat([x, x], 1)},
        "one_value": {"outputs": tf.reduce_sum(x)},
        "value_of_one": {"outputs": tf.constant([4.0])},
        "values_are_integers": {"outputs": features["count"]},
        "no_outputs": {"values": x},
        "two_outputs": {"outputs": x, "more": x},
    }
    return {
        **{key: signature(inputs, value, REGRESS) for key, value in outputs.items()},
        "regress_no_inputs": signature({"strings": serialized}, {"outputs": x}, REGRESS),
    }


def _counted(serialized: Any, runs: Any) -> Signatures:
    inputs = {"inputs": serialized}
    return {
        "runs": signature(inputs, {"outputs": tf.identity(runs)}, REGRESS),
        "runs_again": signature(inputs, {"outputs": tf.identity(runs)}, REGRESS),
        "runs_as_scores": signature(inputs, {"scores": runs[:, tf.newaxis]}, CLASSIFY),
    }

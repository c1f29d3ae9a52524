"""Run as a program: makes models with TensorFlow, and lets saved_model_cli tell of them.

``python -m tests.cli.tensorflow_facts OUT MODEL …`` writes ``OUT/made/1`` and for
it and each MODEL what ``saved_model_cli show --all`` prints, as JSON in this order, to
``OUT/facts.json``. One process for all, for the import alone takes seconds.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import tensorflow as tf
from tensorflow.python.tools import saved_model_cli


def _spec(shape: list[int | None], dtype: Any, name: str) -> Any:
    return tf.TensorSpec(shape, dtype, name=name)


_BOTH = {"a": _spec([None], tf.int64, "a"), "b": _spec([None], tf.bool, "b")}


class Made(tf.Module):  # type: ignore[misc]
    """Signatures and functions of every kind that differs in how it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = tf.Variable(2.0)
        self.inner = tf.Module()

    @tf.function(
        input_signature=[_spec([None, 3], tf.float32, "x"), _spec([], tf.float32, "by")]
    )  # type: ignore[untyped-decorator]
    def scaled(self, x: Any, by: Any = 1.0) -> Any:
        return {"y": x * by * self.factor}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])  # type: ignore[untyped-decorator]
    def text(self, words: Any) -> Any:
        return {"length": tf.strings.length(words), "upper": tf.strings.upper(words)}

    @tf.function(input_signature=[tf.SparseTensorSpec([None, None], tf.float32)])  # type: ignore[untyped-decorator]
    def sparse(self, s: Any) -> Any:
        return {"sum": tf.sparse.reduce_sum(s)}

    @tf.function(input_signature=[_spec([None, 2], tf.half, "h")])  # type: ignore[untyped-decorator]
    def halves(self, h: Any) -> Any:
        return {"y": h + h}

    @tf.function(input_signature=[_BOTH])  # type: ignore[untyped-decorator]
    def nested(self, both: Any) -> Any:
        return {"a": both["a"], "b": both["b"]}

    @tf.function(input_signature=[_spec([None, 8, 8, 3], tf.uint8, "image")])  # type: ignore[untyped-decorator]
    def image(self, image: Any) -> Any:
        count = tf.constant(0)
        while count < 3:
            count += 1
        return {"y": tf.reduce_mean(tf.cast(image, tf.float32), [1, 2, 3])}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])  # type: ignore[untyped-decorator]
    def examples(self, serialized: Any) -> Any:
        features = {
            "x": tf.io.FixedLenFeature([2], tf.float32),
            "n": tf.io.FixedLenFeature([], tf.int64),
            "s": tf.io.VarLenFeature(tf.string),
        }
        parsed = tf.io.parse_example(serialized, features)
        return {"y": parsed["x"], "n": parsed["n"]}

    @tf.function(input_signature=[tf.RaggedTensorSpec([None, None], tf.int32)])  # type: ignore[untyped-decorator]
    def ragged(self, r: Any) -> Any:
        return r.to_tensor()

    @tf.function  # type: ignore[untyped-decorator]
    def mixed(self, x: Any, flag: bool = False, mode: str = "a", *, k: Any = 3) -> Any:
        return x


def _make(path: Path) -> None:
    made = Made()
    made.mixed(tf.constant([1.0]))
    made.mixed(tf.constant([1, 2]), True, "b", k=(4, "q"))
    signatures = {
        name: getattr(made, name)
        for name in ("text", "sparse", "halves", "nested", "image", "examples")
    }
    tf.saved_model.save(
        made, str(path), signatures={"serving_default": made.scaled, **signatures}
    )


def _told(path: str) -> str:
    output = io.StringIO()
    arguments = ["saved_model_cli", "show", "--dir", path, "--all"]
    with (
        mock.patch.object(sys, "argv", arguments),
        contextlib.redirect_stdout(output),
        contextlib.suppress(SystemExit),
    ):
        saved_model_cli.main()
    return output.getvalue()


if __name__ == "__main__":
    out, *models = sys.argv[1:]
    _make(Path(out, "made", "1"))
    told = [_told(path) for path in [str(Path(out, "made", "1")), *models]]
    Path(out, "facts.json").write_text(json.dumps(told))

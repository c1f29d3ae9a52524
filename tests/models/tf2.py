"""Models that ``tf.saved_model.save`` writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tests.models.inputs import strings
from tests.models.recording import Call

_float = tf.float32
_x = np.array([1.0, 2.5, -3.0], np.float32)


def _spec(shape: list[int | None] | None, dtype: Any, name: str) -> Any:
    return tf.TensorSpec(shape, dtype, name=name)


def _function(*specs: Any, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """``tf.function`` with these inputs."""
    decorate: Callable[[Callable[..., Any]], Any] = tf.function(
        input_signature=list(specs), **options
    )
    return decorate


def _save(path: Path, module: Any, **functions: Any) -> None:
    for name, function in functions.items():
        setattr(module, name, function)
    tf.saved_model.save(module, str(path), signatures=functions)


def several(path: Path) -> list[Call]:
    """Several signatures, several inputs and outputs, none at all, a scalar, a failure."""
    module = tf.Module()
    module.scale = tf.Variable(3.0)
    number = _spec([None], _float, "x")

    @_function(number)
    def serving_default(x: Any) -> dict[str, Any]:
        return {"scaled": x * module.scale, "negative": -x, "count": tf.size(x)[tf.newaxis]}

    @_function(_spec([None, 2], _float, "a"), _spec([2, None], _float, "b"))
    def product(a: Any, b: Any) -> dict[str, Any]:
        return {"product": a @ b}

    @_function()
    def constant() -> dict[str, Any]:
        return {"answer": tf.constant([42], tf.int32), "text": tf.constant([b"forty-two"])}

    @_function(number)
    def scalar(x: Any) -> dict[str, Any]:
        return {"total": tf.reduce_sum(x)}

    @_function(number)
    def uneven(x: Any) -> dict[str, Any]:
        return {"same": x, "twice": tf.concat([x, x], 0)}

    @_function(_spec([None], tf.int32, "a"), _spec([None], tf.int32, "b"))
    def divide(a: Any, b: Any) -> dict[str, Any]:
        return {"quotient": a // b}

    @_function(_spec(None, tf.string, "n"), _spec(None, tf.int64, "i"))
    def mixed(n: Any, i: Any) -> dict[str, Any]:
        return {"length": tf.strings.length(n), "next": i + 1, "is_even": i % 2 == 0}

    _save(
        path, module, serving_default=serving_default, product=product, constant=constant,
        scalar=scalar, uneven=uneven, divide=divide, mixed=mixed,
    )  # fmt: skip
    square = np.arange(4, dtype=np.float32).reshape(2, 2)
    ints = np.array([7, 8, 9], np.int32)
    return [
        Call("serving_default", {"x": _x}),
        Call("product", {"a": square, "b": square + 0.5}),
        Call("constant", {}),
        Call("scalar", {"x": _x}),
        Call("uneven", {"x": _x}),
        Call("divide", {"a": ints, "b": np.array([2, 3, -4], np.int32)}),
        Call("mixed", {"n": strings(b"", b"abc", b"d"), "i": np.array([1, 2, -3], np.int64)}),
    ]


def texts(path: Path) -> list[Call]:
    """Strings in, strings out; ``echo_bytes`` is base64 over REST."""

    @_function(_spec(None, tf.string, "text"))
    def serving_default(text: Any) -> dict[str, Any]:
        return {"upper": tf.strings.upper(text, encoding="utf-8"), "echo_bytes": text}

    @_function(_spec(None, tf.string, "text"))
    def echo(text: Any) -> dict[str, Any]:
        return {"text": text}

    @_function(_spec([None], tf.string, "text"))
    def reverse(text: Any) -> dict[str, Any]:
        return {"text": tf.reverse(text, [0])}

    @_function(_spec([None], tf.string, "text"))
    def join(text: Any) -> dict[str, Any]:
        return {"text": tf.strings.reduce_join(text, separator=b"|")}

    _save(
        path,
        tf.Module(),
        serving_default=serving_default,
        echo=echo,
        reverse=reverse,
        join=join,
    )
    words = strings("größe".encode(), b"", b"a longer text that cannot be a small string")
    table = strings(b"a", b"b", b"c" * 40, b"d").reshape(2, 2)
    broken = strings(b"\xff\x00", b"\xc3", b"e" * 30 + b"\x80")
    return [
        Call("serving_default", {"text": words}),
        Call("serving_default", {"text": table}),
        Call("echo", {"text": broken}),
        Call("echo", {"text": table[:0]}),
        Call("echo", {"text": table[0, 0:1].reshape(())}),
        Call("reverse", {"text": words}),
        Call("join", {"text": broken}),
    ]


def string_memory(path: Path) -> list[Call]:
    """Strings that TensorFlow 2 functions keep: in a variable and in tables."""
    experimental = tf.lookup.experimental
    module = tf.Module()
    module.texts = tf.Variable([], shape=[None], dtype=tf.string)
    module.numbers = experimental.MutableHashTable(tf.string, tf.int64, -1)
    module.dense = experimental.DenseHashTable(tf.string, tf.int64, -1, "", "$deleted")

    @_function(_spec([None], tf.string, "text"))
    def remember(text: Any) -> dict[str, Any]:
        numbers = tf.range(tf.size(text, tf.int64))
        module.texts.assign(text)
        module.numbers.insert(text, numbers)
        module.dense.insert(text, numbers)
        return {"count": tf.size(module.texts)}

    @_function()
    def recall() -> dict[str, Any]:
        return {"text": module.texts.read_value()}

    @_function(_spec([None], tf.string, "text"))
    def look_up(text: Any) -> dict[str, Any]:
        return {"number": module.numbers.lookup(text), "dense": module.dense.lookup(text)}

    _save(path, module, remember=remember, recall=recall, look_up=look_up)
    texts = strings(b"one", b"two and much more than twenty-two bytes", b"3")
    return [
        Call("remember", {"text": texts}),
        Call("recall", {}),
        Call("look_up", {"text": texts[::-1]}),
        Call("remember", {"text": strings(b"four")}),
        Call("recall", {}),
    ]


def tables(path: Path) -> list[Call]:
    """Static tables, made from constants and from an asset file."""
    vocabulary = path.parent / "vocabulary.txt"
    vocabulary.write_text("null\none\ntwo\n")
    lookup = tf.lookup
    module = tf.Module()
    module.numbers = lookup.StaticHashTable(
        lookup.KeyValueTensorInitializer(
            tf.constant(["a", "b", "a key of more than twenty-two bytes"]),
            tf.constant([1, 2, 3], tf.int64),
        ),
        -1,
    )
    module.names = lookup.StaticHashTable(
        lookup.TextFileInitializer(
            str(vocabulary),
            tf.int64,
            lookup.TextFileIndex.LINE_NUMBER,
            tf.string,
            lookup.TextFileIndex.WHOLE_LINE,
        ),
        "unknown",
    )

    @_function(_spec(None, tf.string, "key"))
    def serving_default(key: Any) -> dict[str, Any]:
        return {"number": module.numbers.lookup(key)}

    @_function(_spec(None, tf.int64, "number"))
    def from_file(number: Any) -> dict[str, Any]:
        return {"name": module.names.lookup(number)}

    _save(path, module, serving_default=serving_default, from_file=from_file)
    vocabulary.unlink()
    keys = strings(b"b", b"nobody", b"a key of more than twenty-two bytes", b"a")
    return [
        Call("serving_default", {"key": keys}),
        Call("from_file", {"number": np.array([[2, 0], [1, 9]], np.int64)}),
    ]


def compiled(path: Path) -> list[Call]:
    """A function that XLA compiles."""

    @_function(_spec([None, 3], _float, "x"), jit_compile=True)
    def jitted(x: Any) -> Any:
        return tf.nn.softmax(x * 2.0 + tf.reduce_mean(x, axis=1, keepdims=True))

    @_function(_spec([None, 3], _float, "x"))
    def serving_default(x: Any) -> dict[str, Any]:
        return {"y": jitted(x)}

    module = tf.Module()
    module.jitted = jitted
    _save(path, module, serving_default=serving_default)
    grid = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)
    return [
        Call("serving_default", {"x": grid}, tolerance=1e-5),
        Call("serving_default", {"x": grid[:1]}, tolerance=1e-5),
    ]


def composites(path: Path) -> list[Call]:
    """Sparse and ragged tensors in and out, as TensorFlow 2 flattens them."""

    @_function(tf.SparseTensorSpec([None, 4], _float))
    def sparse(x: Any) -> dict[str, Any]:
        return {"dense": tf.sparse.to_dense(x), "doubled": x * 2.0}

    @_function(tf.RaggedTensorSpec([None, None], _float))
    def ragged(x: Any) -> dict[str, Any]:
        return {"sum": tf.reduce_sum(x, axis=1), "doubled": x * 2.0}

    _save(path, tf.Module(), sparse=sparse, ragged=ragged)
    return [
        Call(
            "sparse",
            {
                "x": np.array([[0, 1], [2, 3]], np.int64),
                "x_1": np.array([1.5, -2.0], np.float32),
                "x_2": np.array([3, 4], np.int64),
            },
        ),
        Call("ragged", {"x": _x, "x_1": np.array([0, 2, 2, 3], np.int64)}),
    ]


def defaults(path: Path) -> list[Call]:
    """Inputs that a request may leave out."""
    default_scale, default_unit = tf.constant(10.0), tf.constant("metre")

    @_function(
        _spec([None], _float, "x"), _spec([], _float, "scale"), _spec([], tf.string, "unit")
    )
    def serving_default(
        x: Any, scale: Any = default_scale, unit: Any = default_unit
    ) -> dict[str, Any]:
        return {"y": x * scale, "unit": tf.fill(tf.shape(x), unit)}

    _save(path, tf.Module(), serving_default=serving_default)
    return [
        Call("serving_default", {"x": _x}),
        Call("serving_default", {"x": _x, "scale": np.float32(0.5).reshape(())}),
        Call(
            "serving_default",
            {"x": _x, "unit": strings(b"a unit of more than twenty-two bytes").reshape(())},
        ),
    ]


def slow(path: Path) -> list[Call]:
    """Runs for as many seconds as its input says."""

    @_function(_spec([None], _float, "seconds"))
    def serving_default(seconds: Any) -> dict[str, Any]:
        end = tf.timestamp() + tf.cast(tf.reduce_max(seconds), tf.float64)
        rounds = tf.while_loop(
            lambda _: tf.timestamp() < end,
            lambda rounds: (
                rounds + tf.cast(tf.size(tf.random.uniform([20_000])) > 0, tf.int32),
            ),
            [tf.constant(0)],
        )[0]
        return {"seconds": seconds + 0.0 * tf.cast(rounds, _float)}

    _save(path, tf.Module(), serving_default=serving_default)
    return [Call("serving_default", {"seconds": np.array([0.02], np.float32)})]


def readings(path: Path) -> list[Call]:
    """Images as URL-safe base64; the two words each may show, with their likelihoods."""

    @_function(_spec([None], tf.string, "image"))
    def serving_default(image: Any) -> dict[str, Any]:
        word = tf.io.decode_base64(image)
        likelihoods = tf.constant([[-0.25, -1.5]])
        return {
            "preds": tf.stack([word, tf.strings.upper(word)], 1),
            "logprobs": tf.tile(likelihoods, [tf.size(image), 1]),
        }

    _save(path, tf.Module(), serving_default=serving_default)
    return [Call("serving_default", {"image": strings(b"b25l", b"dHdv")})]


def large_outputs(path: Path) -> list[Call]:
    """As many numbers, or strings, as its input says; the last number is count - 1."""

    @_function(_spec([], tf.int32, "count"))
    def serving_default(count: Any) -> dict[str, Any]:
        return {"values": tf.cast(tf.range(count), _float)}

    @_function(_spec([], tf.int32, "count"))
    def text(count: Any) -> dict[str, Any]:
        return {"values": tf.strings.as_string(tf.range(count))}

    _save(path, tf.Module(), serving_default=serving_default, text=text)
    return [
        Call(name, {"count": np.array(count, np.int32)})
        for name in ("serving_default", "text")
        for count in (0, 1, 20_000)
    ]


def heavy(path: Path) -> list[Call]:
    """24 MB of weights, to see whether unloading gives them back."""
    module = tf.Module()
    module.weights = tf.Variable(tf.random.stateless_uniform([6_000_000], (1, 2)))

    @_function(_spec([None], tf.int32, "index"))
    def serving_default(index: Any) -> dict[str, Any]:
        return {"weight": tf.gather(module.weights, index)}

    _save(path, module, serving_default=serving_default)
    return [Call("serving_default", {"index": np.array([0, 5_999_999], np.int32)})]

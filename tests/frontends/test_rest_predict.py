"""REST predictions: the values TensorFlow gives, and the text they come in."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.at_once import at_once
from tests.frontends.rest_requests import error_of, post, predict
from tests.models.answers import ANSWERED, Answer, read_answers
from tests.models.comparing import assert_answers
from tests.models.inputs import SAMPLES, floats
from tests.server_process import ServerProcess

# Types that the JSON of TensorFlow Serving can carry.
WITH_JSON = frozenset(
    [
        "float32",
        "float64",
        "int8",
        "uint8",
        "int16",
        "int32",
        "uint32",
        "int64",
        "uint64",
        "bool",
        "object",
    ]
)


def as_json(array: np.ndarray) -> Any:
    if not array.dtype.hasobject:
        return array.tolist()
    encoded = np.empty(array.size, object)
    encoded[:] = [{"b64": b64encode(value).decode()} for value in array.ravel()]
    return encoded.reshape(array.shape).tolist()


def from_json(value: Any, like: np.ndarray, alias: str) -> np.ndarray:
    if not like.dtype.hasobject:
        return np.array(value, like.dtype).reshape(like.shape)
    flat: list[Any] = []

    def flatten(part: Any) -> None:
        if isinstance(part, list):
            for item in part:
                flatten(item)
        else:
            flat.append(part)

    flatten(value)
    array = np.empty(len(flat), object)
    array[:] = [
        b64decode(item["b64"]) if alias.endswith("_bytes") else item.encode() for item in flat
    ]
    return array.reshape(like.shape)


def is_text(array: np.ndarray) -> bool:
    values: list[bytes] = array.ravel().tolist()
    return all(value.decode(errors="replace").encode() == value for value in values)


def fits_json(answer: Answer) -> bool:
    every = [*answer.inputs.values(), *answer.outputs.values()]
    texts = [
        array
        for alias, array in answer.outputs.items()
        if array.dtype.hasobject and not alias.endswith("_bytes")
    ]
    return (
        bool(answer.inputs)
        # "dequeue" has none, and would leave this one's to whoever asks that server next.
        and answer.signature != "enqueue"
        and all(array.dtype.name in WITH_JSON for array in every)
        # An empty list says nothing of the dimensions inside.
        and all(array.size or array.ndim == 1 for array in answer.inputs.values())
        and all(map(is_text, texts))
    )


def unwrapped(outputs: Any, answer: Answer) -> dict[str, np.ndarray]:
    if len(answer.outputs) == 1:
        [alias] = answer.outputs
        outputs = {alias: outputs}
    assert outputs.keys() == answer.outputs.keys()
    return {
        alias: from_json(outputs[alias], like, alias) for alias, like in answer.outputs.items()
    }


# Its answers leave out inputs that have defaults, which REST does not allow.
@pytest.mark.parametrize("name", [name for name in ANSWERED if name != "defaults"])
def test_columns_give_what_tensorflow_gives(
    http: httpx.Client, models: Path, name: str
) -> None:
    answers = [answer for answer in read_answers(models / name) if fits_json(answer)]
    assert answers
    for answer in answers:
        inputs = {alias: as_json(array) for alias, array in answer.inputs.items()}
        body = {"signature_name": answer.signature, "inputs": inputs}
        got = predict(http, name, body)
        assert list(got) == ["outputs"]
        assert_answers(unwrapped(got["outputs"], answer), answer)


def has_rows(answer: Answer) -> bool:
    every: Mapping[str, np.ndarray] = {**answer.inputs, **answer.outputs}
    sizes = {array.shape[0] if array.ndim else None for array in every.values()}
    return len(sizes) == 1 and not sizes & {0, None}


@pytest.mark.parametrize(
    "name",
    [
        "half_plus_two", "identities", "several", "texts", "tables", "compiled",
        "keras_3", "text_classifier", "string_lookup",
    ],
)  # fmt: skip
def test_rows_give_what_tensorflow_gives(http: httpx.Client, models: Path, name: str) -> None:
    answers = [a for a in read_answers(models / name) if fits_json(a) and has_rows(a)]
    assert answers
    for answer in answers:
        columns = {alias: as_json(array) for alias, array in answer.inputs.items()}
        rows = [
            dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
        ]
        forms: list[list[Any]] = [rows]
        if len(columns) == 1:
            forms.append([value for row in rows for value in row.values()])
        for instances in forms:
            got = predict(
                http, name, {"signature_name": answer.signature, "instances": instances}
            )
            assert list(got) == ["predictions"]
            predictions = got["predictions"]
            if len(answer.outputs) > 1:
                predictions = {
                    alias: [p[alias] for p in predictions] for alias in predictions[0]
                }
            assert_answers(unwrapped(predictions, answer), answer)


def test_the_text_of_an_answer(http: httpx.Client) -> None:
    response = post(http, "half_plus_two:predict", {"instances": [1.0, 2.0, 5.0]})
    assert response.text == '{\n    "predictions": [2.5, 3.0, 4.5\n    ]\n}'
    assert response.headers["content-type"] == "application/json"


def test_numbers_that_are_not_finite(http: httpx.Client) -> None:
    body = '{"signature_name": "float", "inputs": [NaN, Infinity, -Infinity, Inf, -Inf, 1e999]}'
    text = post(http, "identities:predict", body).text
    assert text.replace(" ", "").replace("\n", "") == (
        '{"outputs":[NaN,Infinity,-Infinity,Infinity,-Infinity,Infinity]}'
    )


def test_large_integers_keep_every_digit(http: httpx.Client) -> None:
    for name, values in (
        ("int64", [2**63 - 1, -(2**63)]),
        ("uint64", [2**64 - 1, 0]),
        ("uint32", [2**32 - 1]),
    ):
        got = predict(http, "identities", {"signature_name": name, "inputs": values})
        assert got == {"outputs": values}


def test_floats_give_the_same_value_back(http: httpx.Client) -> None:
    values = [0.1, 1e-30, 3.4028234e38, 16777217.0, -0.0]
    got = predict(http, "identities", {"signature_name": "float", "inputs": values})
    assert np.array(got["outputs"], np.float32).tobytes() == floats(*values).tobytes()
    got = predict(http, "identities", {"signature_name": "double", "inputs": values})
    assert got["outputs"] == values


def test_no_rows(http: httpx.Client) -> None:
    text = error_of(http, "half_plus_two", {"instances": []})
    assert "No values in 'instances' array" in text
    got = post(http, "half_plus_two:predict", {"inputs": []})
    assert got.json() == {"outputs": []}


def test_a_scalar_output_has_no_rows(http: httpx.Client) -> None:
    body = {"signature_name": "scalar", "instances": [1.0, 2.0]}
    assert error_of(http, "several", body) == "Tensor name: total has no shape information "
    got = predict(http, "several", {"signature_name": "scalar", "inputs": [1.0, 2.0]})
    assert got == {"outputs": 3.0}


def test_outputs_of_different_batch_size(http: httpx.Client) -> None:
    text = error_of(http, "several", {"signature_name": "uneven", "instances": [1.0, 2.0]})
    assert text == "Tensor name: twice has inconsistent batch size: 4 expecting: 2"
    got = predict(http, "several", {"signature_name": "uneven", "inputs": [1.0]})
    assert got == {"outputs": {"same": [1.0], "twice": [1.0, 1.0]}}


def test_bytes_aliases_are_base64(http: httpx.Client) -> None:
    got = predict(http, "texts", {"instances": ["a", {"b64": "/wA="}]})
    assert [row["echo_bytes"] for row in got["predictions"]] == [
        {"b64": "YQ=="},
        {"b64": "/wA="},
    ]


def test_text_that_is_not_utf_8_is_replaced_and_said_so(http: httpx.Client) -> None:
    body = {"signature_name": "echo", "instances": ["fine", {"b64": "YcNi"}]}
    response = post(http, "texts:predict", body)
    assert response.json() == {"predictions": ["fine", "a�b"]}
    assert response.headers["x-invalid-utf-8"] == "replaced"
    fine = post(http, "texts:predict", {"signature_name": "echo", "instances": ["fine"]})
    assert "x-invalid-utf-8" not in fine.headers


@pytest.mark.parametrize("name", ["half", "bfloat16", "uint16", "complex64", "complex128"])
def test_types_without_a_json_form(http: httpx.Client, name: str) -> None:
    text = error_of(http, "identities", {"signature_name": name, "inputs": [1]}, 501)
    assert text == f"Conversion of JSON Value: 1 to type: {name}"


def test_an_image(http: httpx.Client) -> None:
    image = np.random.default_rng(3).random((224, 224, 3)).round(6)
    body = {"signature_name": "float", "instances": [image.tolist()]}
    got = predict(http, "identities", body)
    assert np.array(got["predictions"], np.float32).tobytes() == floats(image).tobytes()


def test_every_sample_of_the_plain_types(http: httpx.Client) -> None:
    for name in ("float", "double", "int32", "int64", "uint32", "uint64", "bool"):
        sample = SAMPLES[name]
        got = predict(http, "identities", {"signature_name": name, "inputs": sample.tolist()})
        assert np.array(got["outputs"], sample.dtype).tobytes() == sample.tobytes()


def test_many_clients_at_once(server: ServerProcess) -> None:
    def work(seed: int) -> None:
        with httpx.Client(base_url=server.url, timeout=60) as client:
            for turn in range(50):
                rows = [float(turn)] * (seed + 1)
                got = predict(client, "half_plus_two", {"instances": rows})
                assert got["predictions"] == [turn / 2 + 2] * (seed + 1)

    at_once(16, work)

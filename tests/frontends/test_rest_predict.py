"""REST predictions, as a client of TensorFlow Serving sees them."""

from __future__ import annotations

import json
import threading
from base64 import b64decode, b64encode
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

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


def post(http: httpx.Client, path: str, body: object) -> httpx.Response:
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    return http.post(f"/v1/models/{path}", content=content)


def predict(http: httpx.Client, model: str, body: object) -> Any:
    response = post(http, f"{model}:predict", body)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


def error_of(http: httpx.Client, model: str, body: object, status: int = 400) -> str:
    response = post(http, f"{model}:predict", body)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    answer = response.json()
    assert list(answer) == ["error"]
    text: str = answer["error"]
    return text


# -- what TensorFlow gives -------------------------------------------------------


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


# -- the text of answers ---------------------------------------------------------


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


# -- what a request has to be ----------------------------------------------------


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("", "JSON Parse error: The document is empty"),
        ("   ", "JSON Parse error: The document is empty"),
        ("{", "JSON Parse error: "),
        ("hello", "JSON Parse error: Invalid value. at offset: "),
        ("[1, 2]", "Is not object"),
        ("3", "Is not object"),
        ('{"signature_name": 3, "inputs": 1}', "'signature_name' key must be a string value."),
        ("{}", "Missing 'inputs' or 'instances' key"),
        (
            '{"inputs": 1, "instances": [1]}',
            "Not formatted correctly expecting only one of 'inputs' or 'instances' keys",
        ),
        ('{"instances": 1}', "Expecting 'instances' to be an list/array"),
        ('{"instances": {"x": 1}}', "Expecting 'instances' to be an list/array"),
        ('{"instances": [{"z": 1.0}]}', "JSON object: does not have named input: z"),
        ('{"instances": [1.0, {"x": 1.0}]}', "Expecting value/list but got object at item 1"),
        ('{"instances": [{"x": 1.0}, 1.0]}', "Expecting object but got list at item 1"),
        ('{"instances": [null]}', "Type: Null is not of expected type: float"),
        ('{"instances": ["1"]}', "Type: String is not of expected type: float"),
        ('{"instances": [true]}', "Type: True is not of expected type: float"),
        ('{"inputs": {"z": 1.0}}', "Missing named input: x in 'inputs' object."),
    ],
)
def test_requests_that_are_wrong(http: httpx.Client, body: str, text: str) -> None:
    assert text in error_of(http, "half_plus_two", body)


def test_element_errors_say_which_element(http: httpx.Client) -> None:
    text = error_of(http, "half_plus_two", {"instances": [1.0, "a"]})
    assert text.startswith(
        "Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: "
    )
    text = error_of(http, "half_plus_two", {"instances": [{"x": 1.0}, {"x": "a"}]})
    assert text.startswith(
        "Failed to process element: 1 key: x of 'instances' list. Error: INVALID_ARGUMENT: "
    )


@pytest.mark.parametrize(
    "body",
    [
        {"instances": [[1.0, 2.0], [3.0]]},
        # Three and three elements, but not one shape.
        {"instances": [[[1.0], [2.0, 3.0]], [[1.0, 2.0], [3.0]]]},
        {"instances": [[1.0, [2.0]], [[1.0], 2.0]]},
        {"instances": [1.0, [2.0]]},
        {"instances": [[1.0], 2.0]},
        {"inputs": [[1.0, 2.0], [3.0]]},
        {"inputs": [[1.0, 2.0, 3.0], [4.0], [5.0, 6.0]]},
        {"inputs": [[[1.0, 2.0]], [[3.0], [4.0]]]},
        {"inputs": [1.0, [2.0]]},
        {"inputs": {"x": [[1.0], 2.0]}},
    ],
)
def test_ragged_lists(http: httpx.Client, body: object) -> None:
    text = error_of(http, "half_plus_two", body)
    assert any(
        word in text
        for word in ("unexpected size", "unexpected level", "incorrect level", "Expecting")
    )


def test_integers_are_integers(http: httpx.Client) -> None:
    for name in ("int8", "int32", "int64", "uint8", "uint64"):
        body = f'{{"signature_name": "{name}", "inputs": [1.0]}}'
        assert f"is not of expected type: {name}" in error_of(http, "identities", body)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("int8", 128), ("uint8", 256), ("uint8", -1), ("int16", 40_000), ("int32", 2**31),
        ("int64", 2**63), ("uint64", 2**64), ("uint64", -1), ("uint32", 2**32),
    ],
)  # fmt: skip
def test_integers_out_of_range(http: httpx.Client, name: str, value: int) -> None:
    error_of(http, "identities", {"signature_name": name, "inputs": [value]})


def test_booleans_are_booleans(http: httpx.Client) -> None:
    body = {"signature_name": "bool", "inputs": [True, False]}
    assert predict(http, "identities", body) == {"outputs": [True, False]}
    for wrong in (1, "true", None):
        text = error_of(http, "identities", {"signature_name": "bool", "inputs": [wrong]})
        assert "is not of expected type: bool" in text


@pytest.mark.parametrize("wrong", ["!!!", "Y", "YQ=", "YQ===", "Y Q=", "YQ=="[:3] + "A="])
def test_bad_base64(http: httpx.Client, wrong: str) -> None:
    text = error_of(http, "texts", {"instances": [{"b64": wrong}]})
    assert "base64" in text


def test_unknown_signature(http: httpx.Client) -> None:
    text = error_of(http, "half_plus_two", {"signature_name": "x", "instances": [1]})
    assert text == 'Serving signature name: "x" not found in signature def'


def test_a_signature_without_inputs(http: httpx.Client) -> None:
    text = error_of(http, "several", {"signature_name": "constant", "inputs": {}})
    assert text == "Failed to get input map for signature: constant"


def test_several_inputs(http: httpx.Client) -> None:
    a, b = [[1.0, 2.0]], [[3.0], [4.0]]
    body = {"signature_name": "product", "inputs": {"a": a, "b": b, "extra": 1}}
    assert predict(http, "several", body) == {"outputs": [[11.0]]}
    for wrong, text in (
        ({"inputs": [1.0]}, "inputs is a plain value/list, but expecting an object"),
        ({"inputs": {"a": a}}, "Missing named input: b in 'inputs' object."),
        ({"instances": [1.0]}, "instances is a plain list, but expecting list of objects"),
        ({"instances": [{"a": 1.0}]}, "keys must be equal to: a,b"),
    ):
        sent = {"signature_name": "product", **wrong}
        assert text in error_of(http, "several", sent)


def test_inputs_with_defaults_are_named_all_the_same(http: httpx.Client) -> None:
    inputs = {"x": [1.0, 2.0], "scale": 3.0, "unit": "m"}
    got = predict(http, "defaults", {"inputs": inputs})
    assert got == {"outputs": {"unit": ["m", "m"], "y": [3.0, 6.0]}}
    del inputs["scale"]
    text = error_of(http, "defaults", {"inputs": inputs})
    assert text == "Missing named input: scale in 'inputs' object."


def test_wrong_shapes_are_the_runtimes_error(http: httpx.Client) -> None:
    body = {"signature_name": "product", "inputs": {"a": [[1.0, 2.0]], "b": [[1.0]]}}
    assert "Matrix size-incompatible" in error_of(http, "several", body)


def test_runtime_errors(http: httpx.Client) -> None:
    body = {"signature_name": "divide", "inputs": {"a": [1], "b": [0]}}
    assert "division by zero" in error_of(http, "several", body).lower()


def test_what_a_body_may_have_besides(http: httpx.Client) -> None:
    expected = {"predictions": [2.5]}
    for body in (
        '{"instances": [1.0]} trailing garbage',
        '\ufeff{"instances": [1.0]}',
        '{"instances": [1.0], "instances": [2.0]}',
        '{"other": {"deep": [[[{}]]]}, "instances": [1.0], "more": null}',
        '{"signature_name": "", "instances": [1.0]}',
        '{"signature_name": "serving_default", "instances": [1.0]}',
    ):
        assert predict(http, "half_plus_two", body) == expected, body


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "", "x"],
)
def test_the_content_type_is_never_looked_at(http: httpx.Client, content_type: str) -> None:
    response = http.post(
        "/v1/models/half_plus_two:predict",
        content=b'{"instances": [1.0]}',
        headers={"Content-Type": content_type},
    )
    assert response.json() == {"predictions": [2.5]}


# -- input that is meant to hurt -------------------------------------------------


@pytest.mark.timeout(180)
@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("place", ["instances", "inputs", "other"])
def test_deep_nesting(http: httpx.Client, opening: str, place: str) -> None:
    closing = "]" if opening == "[" else "}"
    depth = 500_000
    inner = "1" if opening != "[" else ""
    deep = opening * depth + inner + closing * depth
    if place == "other":
        # Ignored, however deep.
        response = post(http, "half_plus_two:predict", f'{{"other":{deep},"instances":[1.0]}}')
        assert response.status_code in (200, 400), response.text
        if response.status_code == 200:
            assert response.json() == {"predictions": [2.5]}
    else:
        error_of(http, "half_plus_two", f'{{"{place}":{deep}}}')
    # Open for ever.
    error_of(http, "half_plus_two", f'{{"{place}":{opening * depth}')
    assert predict(http, "half_plus_two", {"instances": [1.0]}) == {"predictions": [2.5]}


def test_invalid_utf_8(http: httpx.Client) -> None:
    echoed = post(http, "texts:predict", b'{"signature_name": "echo", "instances": ["a\xff"]}')
    assert echoed.status_code in (200, 400)
    for body in (
        b"\xff\xfe{",
        b'{"\xff": 1, "instances": [1.0]}',
        b'{"signature_name": "\xc3", "instances": [1.0]}',
        b'{"instances": [\xff]}',
        b'{"instances": ["\xed\xa0\x80"]}',
        b'{"instances": ["\\ud800"]}',
    ):
        response = post(http, "half_plus_two:predict", body)
        assert response.status_code in (200, 400), response.text
        response.json()


def test_a_body_of_100_mb(http: httpx.Client) -> None:
    numbers = b",".join([b"1.5"] * 25_000_000)
    body = b'{"signature_name": "scalar", "inputs": [' + numbers + b"]}"
    assert len(body) > 100_000_000
    response = http.post("/v1/models/several:predict", content=body)
    assert response.json() == {"outputs": 37_500_000.0}
    # And one of which nothing can be used.
    response = http.post("/v1/models/half_plus_two:predict", content=b"[" * 100_000_000)
    assert response.status_code == 400
    assert predict(http, "half_plus_two", {"instances": [1.0]}) == {"predictions": [2.5]}


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
    barrier = threading.Barrier(16)

    def work(seed: int) -> None:
        with httpx.Client(base_url=server.url, timeout=60) as client:
            barrier.wait()
            for turn in range(50):
                rows = [float(turn)] * (seed + 1)
                got = predict(client, "half_plus_two", {"instances": rows})
                assert got["predictions"] == [turn / 2 + 2] * (seed + 1)

    with ThreadPoolExecutor(16) as pool:
        for future in [pool.submit(work, seed) for seed in range(16)]:
            future.result()

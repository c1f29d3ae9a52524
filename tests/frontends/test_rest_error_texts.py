"""Texts of REST errors, word for word, as they come over the wire."""

from __future__ import annotations

import httpx
import pytest

from tests.frontends.rest_requests import error_text

ELEMENT = "Failed to process element: {} of 'instances' list. Error: INVALID_ARGUMENT: "
CLASSIFY = ("half_plus_two:classify", "classify_x_to_y")
REGRESS = ("half_plus_two:regress", "regress_x_to_y")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("", "JSON Parse error: The document is empty"),
        ("hello", "JSON Parse error: Invalid value. at offset: 0"),
        ('{"instances": [1.0}', ("JSON Parse error: Missing a comma or ']' after an array "
         "element. at offset: 18")),
        ("[1, 2]", "JSON Value: [\n    1,\n    2\n] Is not object"),
        ("3", "JSON Value: 3 Is not object"),
        ('{"signature_name": 3}', ('JSON Value: {\n    "signature_name": 3\n} not formatted '
         "correctly. 'signature_name' key must be a string value.")),
        ('{"signature_name": "none", "inputs": 1}',
         'Serving signature name: "none" not found in signature def'),
        ("{}", "Missing 'inputs' or 'instances' key"),
        ('{"inputs": 1, "instances": 1}', ('JSON Value: {\n    "inputs": 1,\n    "instances": 1'
         "\n} Not formatted correctly expecting only one of 'inputs' or 'instances' keys to "
         "exist ")),
        ('{"instances": 1}',
         'JSON Value: {\n    "instances": 1\n} Expecting \'instances\' to be an list/array'),
        ('{"instances": []}',
         'JSON Value: {\n    "instances": []\n} No values in \'instances\' array'),
        ('{"instances": [{"z": 1.0}]}',
         ELEMENT.format("0 key: z") + "JSON object: does not have named input: z"),
        ('{"instances": [1.0, {"x": 1.0}]}',
         "Expecting value/list but got object at item 1 of input list"),
        ('{"instances": [{"x": 1.0}, 1.0]}',
         "Expecting object but got list at item 1 of input list"),
        ('{"instances": [null]}', ELEMENT.format(0)
         + "JSON Value: null Type: Null is not of expected type: float"),
        ('{"instances": ["1"]}', ELEMENT.format(0)
         + 'JSON Value: "1" Type: String is not of expected type: float'),
        ('{"instances": [1.0, true]}', ELEMENT.format(1)
         + "JSON Value: true Type: True is not of expected type: float"),
        ('{"instances": [{"x": 1.0}, {"x": {}}]}', ELEMENT.format("1 key: x")
         + "JSON Value: {} Type: Object is not of expected type: float"),
        ('{"instances": [[1.0, 2.0], [3.0]]}',
         ELEMENT.format(1) + "Expecting tensor size: 2 but got: 1"),
        ('{"instances": [[1.0, 2.0], [[3.0], [4.0]]]}',
         ELEMENT.format(1) + "Expecting shape [2] but got: [2,1]"),
        ('{"inputs": {"z": 1.0}}', "Missing named input: x in 'inputs' object."),
        ('{"inputs": [[1, 2], [3]]}',
         "Encountered list at unexpected size: 1 at level: 1 expected size: 2"),
        ('{"inputs": [1, [2]]}', "Encountered list at unexpected level: 1 expected < 1"),
        ('{"inputs": [[1], 2]}',
         "JSON Value: 2 found at incorrect level: 2 in the JSON DOM. Expected at level: 2"),
    ],
)  # fmt: skip
def test_one_input(http: httpx.Client, body: str, text: str) -> None:
    response = http.post("/v1/models/half_plus_two:predict", content=body)
    assert error_text(response, 400) == text


@pytest.mark.parametrize(
    ("name", "body", "text"),
    [
        ("divide", '"instances": [1]', ("instances is a plain list, but expecting list of "
         "objects as multiple input tensors required as per tensorinfo_map")),
        ("divide", '"instances": [{"a": 1}]', ("Failed to process element: 0 of 'instances' "
         'list. JSON object: {\n    "a": 1\n} keys must be equal to: a,b')),
        ("divide", '"instances": [{"a": 1, "b": 1.5}]', ELEMENT.format("0 key: b")
         + "JSON Value: 1.5 Type: Number is not of expected type: int32"),
        ("divide", '"inputs": [1]', ("inputs is a plain value/list, but expecting an object as "
         "multiple input tensors required as per tensorinfo_map")),
        ("divide", '"inputs": {"a": [1]}', "Missing named input: b in 'inputs' object."),
        ("constant", '"inputs": {}', "Failed to get input map for signature: constant"),
        ("scalar", '"instances": [1.0]', "Tensor name: total has no shape information "),
        ("uneven", '"instances": [1.0]',
         "Tensor name: twice has inconsistent batch size: 2 expecting: 1"),
    ],
)  # fmt: skip
def test_several_inputs_and_outputs(
    http: httpx.Client, name: str, body: str, text: str
) -> None:
    content = f'{{"signature_name": "{name}", {body}}}'
    response = http.post("/v1/models/several:predict", content=content)
    assert error_text(response, 400) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('{"b64": "%%%"}', ELEMENT.format(0) + "Unable to base64 decode"),
        ('{"text": {"b64": 1}}', ELEMENT.format("0 key: text")
         + 'JSON Value: {\n    "b64": 1\n} not formatted correctly for base64 data'),
        ("1", ELEMENT.format(0) + "JSON Value: 1 Type: Number is not of expected type: string"),
    ],
)  # fmt: skip
def test_strings(http: httpx.Client, body: str, text: str) -> None:
    response = http.post("/v1/models/texts:predict", content=f'{{"instances": [{body}]}}')
    assert error_text(response, 400) == text


@pytest.mark.parametrize("name", ["half", "complex64"])
def test_types_without_a_json_form(http: httpx.Client, name: str) -> None:
    content = f'{{"signature_name": "{name}", "inputs": 1}}'
    response = http.post("/v1/models/identities:predict", content=content)
    assert error_text(response, 501) == f"Conversion of JSON Value: 1 to type: {name}"


@pytest.mark.parametrize(
    ("path", "signature", "examples", "text"),
    [
        (*CLASSIFY, "", ("{} When method is classify, key 'examples' is expected and was not "
         "found")),
        (*REGRESS, "", ("{} When method is classify, key 'examples' is expected and was not "
         "found")),
        (*CLASSIFY, "1", "{} Expecting 'examples' value to be an list/array"),
        (*CLASSIFY, "[]", "{} 'examples' value is an empty array"),
        (*REGRESS, "[1]", "Example must be JSON object but got JSON Number"),
        (*REGRESS, '[{"x": [1, "a"]}]',
         "Unexpected element type in feature: x expecting type: int64"),
        (*REGRESS, '[{"x": null}]', "Feature: x has element with unexpected JSON type: Null"),
        (*REGRESS, '[{"x": {}}]', "Feature: x has element with unexpected JSON type: Object"),
        (*REGRESS, '[{"x": 18446744073709551615}]',
         "Feature: x has uint64_t element. Only int64_t is supported."),
    ],
)  # fmt: skip
def test_examples(
    http: httpx.Client, path: str, signature: str, examples: str, text: str
) -> None:
    more = f',\n    "examples": {examples}' if examples else ""
    content = f'{{\n    "signature_name": "{signature}"{more}\n}}'
    response = http.post(f"/v1/models/{path}", content=content)
    # Where the request is shown, it is shown in four blanks, as it was sent here.
    assert error_text(response, 400) == text.replace("{}", f"JSON Value: {content}")


def test_signatures_that_are_not_there(http: httpx.Client) -> None:
    body = b'{"signature_name": "none", "examples": [{"x": 1.0}]}'
    for method in ("classify", "regress"):
        response = http.post(f"/v1/models/half_plus_two:{method}", content=body)
        assert error_text(response, 400) == "No signature was found with the name: none"


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("POST", "nobody:predict", 404, "Servable not found for request: Latest(nobody)"),
        ("POST", "half_plus_two/versions/9:predict", 404,
         "Servable not found for request: Specific(half_plus_two, 9)"),
        ("POST", "half_plus_two/labels/new:predict", 400,
         "Unrecognized servable version label: new"),
        ("POST", "half_plus_two:other", 400,
         "Malformed request: POST /v1/models/half_plus_two:other"),
        ("GET", "nobody", 404, "Could not find any versions of model nobody"),
        ("GET", "half_plus_two/versions/9", 404,
         "Could not find version 9 of model half_plus_two"),
        ("GET", "nobody/metadata", 404, "Servable not found for request: Latest(nobody)"),
        ("GET", "versions/1", 400, "Missing model name in request."),
        ("GET", f"half_plus_two/versions/{2**63}", 400,
         f"Failed to convert version: {2**63} to numeric."),
    ],
)  # fmt: skip
def test_models(http: httpx.Client, method: str, path: str, status: int, text: str) -> None:
    body = b'{"instances": [1.0]}' if method == "POST" else None
    response = http.request(method, f"/v1/models/{path}", content=body)
    assert error_text(response, status) == text

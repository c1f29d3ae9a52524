"""Bodies that are meant to hurt."""

from __future__ import annotations

import httpx
import pytest

from tests.frontends.rest_requests import error_of, post, predict


@pytest.mark.timeout(180)
@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("place", ["instances", "inputs", "other"])
def test_deep_nesting(http: httpx.Client, opening: str, place: str) -> None:
    closing = "]" if opening == "[" else "}"
    depth = 100_000
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

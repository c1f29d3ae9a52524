"""Spoiled requests to every door of a real server: no crash, no hang, no 5xx that is its fault.

``python -m tests.fuzz.requests`` sends as many as are wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import grpc
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.example_numbers import share_of
from tests.fuzz.requests.corpus import CALLS, REQUESTS, Call, Request
from tests.fuzz.requests.doors import DOORS, Fuzzer
from tests.server_process import ServerProcess

_MANY = 20_000


@pytest.fixture(scope="module")
def fuzzer(server: ServerProcess) -> Iterator[Fuzzer]:
    with Fuzzer(server) as fuzzer:
        yield fuzzer
        fuzzer.check_server()


@pytest.fixture(scope="module")
def either_fuzzer(either_server: ServerProcess) -> Iterator[Fuzzer]:
    with Fuzzer(either_server) as fuzzer:
        yield fuzzer
        fuzzer.check_server()


@pytest.mark.parametrize("door", DOORS)
def test_each_door(fuzzer: Fuzzer, door: str) -> None:
    @settings(
        max_examples=share_of(60),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(random=st.randoms(use_true_random=False))
    def each(random: Random) -> None:
        fuzzer.send(door, random)

    each()
    assert fuzzer.seen


@pytest.mark.long
@pytest.mark.timeout(900)
def test_many(either_fuzzer: Fuzzer) -> None:
    for number in range(_MANY):
        either_fuzzer.send(DOORS[number % len(DOORS)], Random(f"long {number}"))


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: f"{one.method} {one.path}")
def test_a_request_is_good_before_it_is_spoiled(http: httpx.Client, request_: Request) -> None:
    response = http.request(
        request_.method,
        request_.path,
        content=request_.body,
        headers=dict(request_.headers),
    )
    # Nobody may change models here, and no model takes raw text.
    refused = {"/v2/repository/models/half_plus_two/labels": 403}
    expected = {400, 404} if request_.door == "predict" else {refused.get(request_.path, 200)}
    assert response.status_code in expected, response.text


@pytest.mark.parametrize("call", CALLS, ids=lambda one: one.method)
def test_a_call_is_good_before_it_is_spoiled(server: ServerProcess, call: Call) -> None:
    with grpc.insecure_channel(server.grpc_address) as channel:
        ask = channel.unary_unary(call.method, None, None)
        if call.method.endswith("Load"):
            with pytest.raises(grpc.RpcError, match="PERMISSION_DENIED"):
                ask(call.data, timeout=60)
        else:
            ask(call.data, timeout=60)

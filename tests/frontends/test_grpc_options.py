"""``--grpc_channel_arguments``: read as it is written, or refused before anything loads."""

from __future__ import annotations

import grpc.aio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfs_notebook.config import ServerConfig
from tfs_notebook.frontends.grpc.options import server_options
from tfs_notebook.frontends.server import Server
from tfs_notebook.wire.errors import InvalidArgument

STANDARD = server_options("")


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", {}),
        ("a=5", {"a": 5}),
        (" a = 5 ,b=-6,c=+7,", {"a": 5, "b": -6, "c": 7}),
        ("a=text,b=1.5,c=10s,d=", {"a": "text", "b": "1.5", "c": "10s", "d": ""}),
        ("a=b=c", {"a": "b=c"}),
        ("a=2147483647,b=-2147483648", {"a": 2**31 - 1, "b": -(2**31)}),
        ("grpc.so_reuseport=1", {"grpc.so_reuseport": 1}),
    ],
)
def test_arguments(text: str, options: dict[str, int | str]) -> None:
    assert server_options(text) == STANDARD | options


@pytest.mark.parametrize(
    "text",
    ["a", "=5", " =5", "a=1,b", "a=--5", "a=+-5", "a=-", "a=+", "a=-x", "a=2147483648",
     "a=-2147483649", "a=" + "9" * 5000],
)  # fmt: skip
def test_arguments_that_cannot_be_used(text: str) -> None:
    with pytest.raises(InvalidArgument, match=r"^--grpc_channel_arguments: '"):
        server_options(text)


@given(st.text(st.sampled_from("a=,+-059. ٣²x"), max_size=12))
def test_grpc_takes_whatever_is_not_refused(text: str) -> None:
    try:
        options = server_options(text)
    except InvalidArgument:
        return
    assert all(
        isinstance(value, str) or -(2**31) <= value < 2**31 for value in options.values()
    )


async def test_grpc_takes_them() -> None:
    text = "grpc.keepalive_time_ms=+7,x=text,y=-2147483648"
    server = grpc.aio.server(options=list(server_options(text).items()))
    await server.stop(0)


@pytest.mark.parametrize("text", ["a", "a=--5", "a=2147483648"])
def test_they_are_refused_before_anything_is_loaded(text: str) -> None:
    config = ServerConfig(model_base_path="/nowhere", grpc_channel_arguments=text)
    with pytest.raises(InvalidArgument, match="--grpc_channel_arguments"):
        Server(config)

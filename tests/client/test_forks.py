"""Clients in processes that were forked from the one that made them."""

from __future__ import annotations

import multiprocessing
import sys

import pytest

from tests.python_process import output_of
from tests.server_process import ServerProcess

# In an interpreter of its own: this one has threads that a fork would break.
PROGRAM = """
import asyncio, multiprocessing, sys
from tfs_notebook.client import Client

half = Client(sys.argv[1])["half_plus_two"]

def ask(first):
    wrong = 0
    for x in range(first, first + 40):
        sync = half.predict([float(x)]).tolist()
        awaited = asyncio.run(half.predict_async([float(x)])).tolist()
        wrong += sync != [x / 2 + 2] or awaited != sync
    return wrong

ask(0)
with multiprocessing.get_context("fork").Pool(4) as pool:
    asked = pool.map_async(ask, [100, 200, 300, 400], chunksize=1)
    print(ask(500), asked.get(60))
"""


@pytest.mark.skipif(
    sys.platform == "darwin" or "fork" not in multiprocessing.get_all_start_methods(),
    reason="nobody forks there",
)
@pytest.mark.parametrize("way", ["grpc", "http"])
def test_forks_do_not_take_each_others_answers(server: ServerProcess, way: str) -> None:
    address = server.grpc_address if way == "grpc" else server.url
    assert output_of("-c", PROGRAM, address) == "0 [0, 0, 0, 0]\n"

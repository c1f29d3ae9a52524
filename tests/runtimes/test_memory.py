"""How much malloc may keep for itself."""

from __future__ import annotations

import os
import sys

import pytest

from tests.python_process import output_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it is glibc's malloc")

# Threads that hold memory at the same time would have an arena each, up to eight a
# CPU; malloc_info writes an element for each arena.
COUNT = """
import ctypes, os, sys, tempfile, threading
from tfs_notebook.runtimes.memory import limit_malloc_arenas
if sys.argv[1] == "limited":
    limit_malloc_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.fdopen.restype = libc.fopen.restype = ctypes.c_void_p
threads = 4 * os.cpu_count()
here = threading.Barrier(threads)
def hold():
    libc.malloc(100_000)
    here.wait()
threads = [threading.Thread(target=hold) for _ in range(threads)]
for thread in threads: thread.start()
for thread in threads: thread.join()
with tempfile.NamedTemporaryFile() as file:
    stream = libc.fopen(file.name.encode(), b"w")
    libc.malloc_info(0, ctypes.c_void_p(stream))
    libc.fclose(ctypes.c_void_p(stream))
    print(open(file.name).read().count("<heap nr="))
"""


def arenas(mode: str, **environment: str) -> int:
    return int(output_of("-c", COUNT, mode, environment=environment))


def test_no_more_arenas_than_cpus() -> None:
    most = max(2, os.cpu_count() or 1)
    assert arenas("limited") <= most < arenas("as it is")


def test_what_the_environment_says_goes_before() -> None:
    assert arenas("limited", MALLOC_ARENA_MAX="7") == 7
